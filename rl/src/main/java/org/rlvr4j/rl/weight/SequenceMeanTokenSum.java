package org.rlvr4j.rl.weight;

/** Sum over the tokens of a response, mean over responses. */
public record SequenceMeanTokenSum() implements Weight {

    @Override
    public String tag() {
        return "SEQUENCE_MEAN_TOKEN_SUM";
    }

    @Override
    public double share(int length, Totals whole) {
        return 1.0 / whole.responses();
    }
}
