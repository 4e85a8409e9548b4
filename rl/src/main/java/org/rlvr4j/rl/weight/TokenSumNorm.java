package org.rlvr4j.rl.weight;

/** Weight of a sum over all tokens, divided by the largest length that a response may have (Dr. GRPO). */
public record TokenSumNorm() implements Weight {

    @Override
    public String tag() {
        return "TOKEN_SUM_NORM";
    }

    @Override
    public double factor(int length, Totals totals) {
        return 1.0 / totals.maxLength();
    }
}
