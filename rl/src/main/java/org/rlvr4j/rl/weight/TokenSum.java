package org.rlvr4j.rl.weight;

/**
 * Weight of a sum over all tokens, without any divisor, as DCPO's code had it before 20 December 2025. The gradient grows with
 * the number of tokens, so clipping by norm always acts.
 */
public record TokenSum() implements Weight {

    @Override
    public String tag() {
        return "TOKEN_SUM";
    }

    @Override
    public double factor(int length, Totals totals) {
        return 1;
    }
}
