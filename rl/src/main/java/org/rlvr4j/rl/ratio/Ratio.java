package org.rlvr4j.rl.ratio;

import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;

/** Importance ratio: how much likelier a token has become under the policy than it was when it was written. */
public interface Ratio {

    /** The log-ratio's limit that never acts. */
    double NO_LIMIT = Double.POSITIVE_INFINITY;

    /** Far beyond every clip, and short of where {@code exp} overflows and gradients turn into NaN. */
    double LOG_RATIO_LIMIT = 20;

    /** The name in configurations. */
    String tag();

    /** How far a token's log-ratio may be from 0 before {@code exp}; infinite is no limit. */
    double logRatioLimit();

    /**
     * The ratio of each token, given its limited log-ratio.
     *
     * @param logProb   (T, 1) log-probabilities by the policy, which the gradient flows into
     * @param logRatio  (T, 1) log-ratios of the tokens
     * @param responses of the micro-batch
     * @return (T, 1)
     */
    Tensor of(Tensor logProb, Tensor logRatio, Segments responses);

    /** {@code log p - log q} of each token, as a column (T, 1), within the limit. */
    default Tensor logRatio(Tensor logProb, Tensor oldLogProb) {
        return logProb.minus(oldLogProb).clamp(-logRatioLimit(), logRatioLimit());
    }

    /** Whether the ratio depends on where a mini-batch is cut into micro-batches. */
    default boolean dependsOnTheCut() {
        return false;
    }

    /** The check that all ratios share. */
    static void requireLimit(double logRatioLimit) {
        if (!(logRatioLimit > 0)) {
            throw new IllegalArgumentException("logRatioLimit must be positive, not " + logRatioLimit);
        }
    }
}
