package org.rlvr4j.rl.surrogate;

import org.rlvr4j.tensor.Tensor;

/**
 * Response tokens of a micro-batch as the policy sees them, as columns (T, 1) that the gradient flows into.
 *
 * @param logProb  (T, 1) log p: log-probabilities by the policy
 * @param logRatio (T, 1) log p - log q of each token alone, for the probability q when it was sampled
 * @param ratio    (T, 1) importance ratios r, of whatever kind the method has
 */
public record PolicyTokens(Tensor logProb, Tensor logRatio, Tensor ratio) {

    /**
     * Returns the objective {@code sg[factor] * log p}, where sg stops the gradient: its derivative by log p is the
     * factor.
     */
    Tensor logProbTimes(Tensor factor) {
        return factor.detach().times(logProb);
    }
}
