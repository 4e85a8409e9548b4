package org.rlvr4j.rl.weight;

/** Mean over all tokens, so that long responses weigh more (DAPO). */
public record TokenMean() implements Weight {

    @Override
    public String tag() {
        return "TOKEN_MEAN";
    }

    @Override
    public double share(int length, Totals whole) {
        return 1.0 / whole.tokens();
    }
}
