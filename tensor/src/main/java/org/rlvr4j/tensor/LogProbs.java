package org.rlvr4j.tensor;

/**
 * Result of {@link LogProb}: the log-probability of each row's target, and the entropy of the row's distribution.
 *
 * @param pairs (T, 2) log-probability and entropy of each row
 */
public record LogProbs(Tensor pairs) {

    /** T, the number of rows. */
    public int rows() {
        return pairs.rows();
    }

    /**
     * Log-probability of row t's target.
     *
     * @param t row, from 0
     */
    public double logProb(int t) {
        return pairs.get(2L * t);
    }

    /**
     * Entropy of row t's distribution, in nats.
     *
     * @param t row, from 0
     */
    public double entropy(int t) {
        return pairs.get(2L * t + 1);
    }

    /** The log-probabilities as a column (T, 1), through which gradients flow. */
    public Tensor column() {
        return pairs.column(0);
    }

    /** The entropies as a column (T, 1), through which gradients flow. */
    public Tensor entropyColumn() {
        return pairs.column(1);
    }

    /** The log-probabilities as plain numbers. */
    public double[] toArray() {
        var values = new double[rows()];
        for (int t = 0; t < values.length; t++) {
            values[t] = logProb(t);
        }
        return values;
    }
}
