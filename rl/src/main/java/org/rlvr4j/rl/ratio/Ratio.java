package org.rlvr4j.rl.ratio;

import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;

/**
 * Importance ratio: the probability p of a token under the policy, divided by its probability q when it was sampled.
 */
public interface Ratio {

    /** Value of {@link #logRatioLimit()} that never acts. */
    double NO_LIMIT = Double.POSITIVE_INFINITY;

    /**
     * Usual limit of a token: far beyond every clip, and below the values at which {@code exp} overflows and gradients become
     * NaN.
     */
    double LOG_RATIO_LIMIT = 20;

    /** Name of this kind of ratio in configurations. */
    String tag();

    /** Largest log-ratio before {@code exp}, of a token or of the mean that tokens share. Infinity is no limit. */
    double logRatioLimit();

    /**
     * Computes the ratio of each token.
     *
     * @param logProb   (T, 1) log-probabilities by the policy, which the gradient flows into
     * @param logRatio  (T, 1) log-ratios of the tokens: the result of {@link #logRatio}
     * @param responses rows of each response of the micro-batch
     * @return (T, 1) ratios
     */
    Tensor of(Tensor logProb, Tensor logRatio, Segments responses);

    /**
     * Computes {@code log p - log q} of each token; a ratio of single tokens clamps it to the limit.
     *
     * @param logProb    (T, 1) log-probabilities by the policy, which the gradient flows into
     * @param oldLogProb (T, 1) log-probabilities when the tokens were sampled
     * @return (T, 1) log-ratios
     */
    default Tensor logRatio(Tensor logProb, Tensor oldLogProb) {
        return logProb.minus(oldLogProb);
    }

    /** Whether the ratio depends on how a mini-batch is divided into micro-batches. */
    default boolean dependsOnMicroBatches() {
        return false;
    }

    /**
     * Checks the limit of a log-ratio.
     *
     * @param logRatioLimit largest absolute value of a log-ratio
     * @throws IllegalArgumentException if the limit is not positive
     */
    static void requireLimit(double logRatioLimit) {
        if (!(logRatioLimit > 0)) {
            throw new IllegalArgumentException("logRatioLimit must be positive, not " + logRatioLimit);
        }
    }
}
