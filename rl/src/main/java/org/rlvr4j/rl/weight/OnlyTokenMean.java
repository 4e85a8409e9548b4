package org.rlvr4j.rl.weight;

/** Weight of a mean over the tokens of a response, summed over responses (DCPO, equation 8, to the letter). */
public record OnlyTokenMean() implements Weight {

    @Override
    public String tag() {
        return "ONLY_TOKEN_MEAN";
    }

    @Override
    public double factor(int length, Totals totals) {
        return 1.0 / length;
    }
}
