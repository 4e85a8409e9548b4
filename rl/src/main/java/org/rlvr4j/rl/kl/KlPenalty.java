package org.rlvr4j.rl.kl;

import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Tensor;

/**
 * KL penalty: an estimate, for each token, of the divergence between policy and reference policy, times a coefficient.
 *
 * @param estimator   estimator of the divergence
 * @param coefficient coefficient beta, 0 or more; 0 is no penalty, and then no reference policy is needed
 * @see <a href="http://joschu.net/blog/kl-approx.html">Schulman, Approximating KL divergence, 2020</a>
 */
public record KlPenalty(Estimator estimator, double coefficient) {

    /** No penalty. */
    public static final KlPenalty NONE = new KlPenalty(Estimator.K3, 0);

    private static final double MAX_LOG_RATIO = 20;
    private static final double MAX_K3 = 10;

    /** @throws IllegalArgumentException if the coefficient is negative or NaN */
    public KlPenalty {
        if (!(coefficient >= 0)) {
            throw new IllegalArgumentException("the KL coefficient must be 0 or more, not " + coefficient);
        }
    }

    /** Name of this penalty in configurations: its estimator, or none. */
    public String tag() {
        return coefficient == 0 ? "NONE" : estimator.name();
    }

    /**
     * Estimates the divergence of each token; the coefficient is not applied yet.
     *
     * @param logProb    (T, 1) log-probabilities by the policy, which the gradient flows into
     * @param oldLogProb (T, 1) log-probabilities when the tokens were sampled
     * @param reference  (T, 1) log-probabilities by the reference policy
     * @return (T, 1) estimates, in nats
     * @throws IllegalArgumentException if the reference is null
     */
    public Tensor of(Tensor logProb, Tensor oldLogProb, @Nullable Tensor reference) {
        if (reference == null) {
            throw new IllegalArgumentException("a KL penalty needs the reference policy's log-probabilities");
        }
        Tensor logRatio = logProb.minus(reference);
        return switch (estimator) {
            case K1 -> logRatio;
            case ABS -> logRatio.abs();
            case K2 -> logRatio.times(logRatio).times(0.5);
            case K3 -> {
                Tensor x = limited(logRatio.negate());
                yield x.exp().minus(x).minus(1).clamp(-MAX_K3, MAX_K3);
            }
            case K3_UNBIASED -> {
                Tensor ratio = limited(logProb.minus(oldLogProb)).exp();
                Tensor refRatio = limited(reference.minus(oldLogProb)).exp(); // r exp(-d), without a large factor
                yield refRatio.plus(ratio.times(logRatio.minus(1)));
            }
        };
    }

    private static Tensor limited(Tensor logRatio) {
        return logRatio.clamp(-MAX_LOG_RATIO, MAX_LOG_RATIO);
    }

    /** Estimator of the divergence of a token, from {@code d = logProb - refLogProb}. */
    public enum Estimator {
        /** d: unbiased, but its gradient does not depend on the reference. */
        K1,
        /** |d|: never negative. */
        ABS,
        /** d²/2: small and never negative. */
        K2,
        /** exp(-d) + d - 1: unbiased and never negative; limited to 10. */
        K3,
        /**
         * r (exp(-d) + d - 1) with the token's ratio r = p / q: its gradient, r d, is that of the divergence even after
         * the policy has moved from the one that sampled the tokens (DeepSeek-V3.2, arXiv 2512.02556, equation 7).
         */
        K3_UNBIASED
    }
}
