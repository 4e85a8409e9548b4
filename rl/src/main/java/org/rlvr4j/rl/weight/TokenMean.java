package org.rlvr4j.rl.weight;

/** Weight of a mean over all tokens, in which longer responses count more (DAPO). */
public record TokenMean() implements Weight {

    @Override
    public String tag() {
        return "TOKEN_MEAN";
    }

    @Override
    public double factor(int length, Totals totals) {
        return 1.0 / totals.tokens();
    }
}
