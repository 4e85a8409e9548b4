package org.rlvr4j.rl.weight;

/**
 * Weight of {@link OnlyTokenMean} divided by the number of responses, equal to {@link SequenceMean} to the last bit.
 */
public record ScaledOnlyTokenMean() implements Weight {

    @Override
    public String tag() {
        return "ONLY_TOKEN_MEAN_SCALED";
    }

    @Override
    public double factor(int length, Totals totals) {
        return 1.0 / length / totals.responses();
    }
}
