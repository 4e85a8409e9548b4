package org.rlvr4j.rl.weight;

/** {@link OnlyTokenMean} divided by the responses, which is {@link SequenceMean} to the last bit. */
public record ScaledOnlyTokenMean() implements Weight {

    @Override
    public String tag() {
        return "ONLY_TOKEN_MEAN_SCALED";
    }

    @Override
    public double share(int length, Totals whole) {
        return 1.0 / length / whole.responses();
    }
}
