package org.rlvr4j.rl.weight;

/** Weight of a sum over the tokens of a response, then a mean over responses. */
public record SequenceMeanTokenSum() implements Weight {

    @Override
    public String tag() {
        return "SEQUENCE_MEAN_TOKEN_SUM";
    }

    @Override
    public double factor(int length, Totals totals) {
        return 1.0 / totals.responses();
    }
}
