package org.rlvr4j.rl;

import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;

/**
 * The clipped surrogate every method here minimises:
 *
 * <pre>  loss = sum over tokens of  w * (-max(min(r * A, clip(r) * A), c * A if A &lt; 0) + beta * KL)</pre>
 *
 * <p>GRPO, DAPO, GSPO and DCPO differ only in the ratio r, the interval it is clipped to, the constant c, the penalty
 * and the weight w. Any combination will do.
 *
 * @param dualClip      c: no token of a bad response counts more than c times (Ye et al., 2020); infinite is none
 * @param logRatioLimit how far log r may be from 0 before {@code exp}; infinite is no limit
 */
public record PolicyLoss(Ratio ratio, Clip clip, double dualClip, double logRatioLimit, KlPenalty kl) {

    /** The dual clip that never acts. */
    public static final double NO_DUAL_CLIP = Double.POSITIVE_INFINITY;

    /** The log-ratio's limit that never acts. */
    public static final double NO_LIMIT = Double.POSITIVE_INFINITY;

    /** Far beyond every clip, and short of where {@code exp} overflows and gradients turn into NaN. */
    public static final double LOG_RATIO_LIMIT = 20;

    public PolicyLoss {
        if (!(dualClip > 1)) {
            throw new IllegalArgumentException("dualClip must be above 1, not " + dualClip);
        }
        if (!(logRatioLimit > 0)) {
            throw new IllegalArgumentException("logRatioLimit must be positive, not " + logRatioLimit);
        }
    }

    /** The same surrogate with another penalty. */
    public PolicyLoss with(KlPenalty other) {
        return new PolicyLoss(ratio, clip, dualClip, logRatioLimit, other);
    }

    /** The same surrogate with another ratio. */
    public PolicyLoss with(Ratio other) {
        return new PolicyLoss(other, clip, dualClip, logRatioLimit, kl);
    }

    /** The same surrogate with another clip, dual clip included. */
    public PolicyLoss with(Clip other, double otherDualClip) {
        return new PolicyLoss(ratio, other, otherDualClip, logRatioLimit, kl);
    }

    /**
     * The loss of a micro-batch; the losses of a mini-batch's micro-batches add up to its own.
     *
     * @param logProb    (T, 1) what the policy now gives to the response tokens; the gradient flows into it
     * @param tokens     what else the loss depends on
     * @param statistics takes note of every token
     * @return one number
     */
    public Tensor of(Tensor logProb, ResponseTokens tokens, PolicyStatistics statistics) {
        Tensor advantage = tokens.advantage();
        Tensor logRatio = logProb.minus(tokens.oldLogProb()).clamp(-logRatioLimit, logRatioLimit);
        Tensor r = ratio.of(logProb, logRatio, tokens.responses());

        Tensor free = r.times(advantage);
        Tensor clipped = r.clamp(tokens.mapOldLogProb(clip::low), tokens.mapOldLogProb(clip::high))
                .times(advantage);
        Tensor pessimistic = free.min(clipped);
        Tensor floor = tokens.mapAdvantage(a -> a < 0 ? dualClip * a : Double.NEGATIVE_INFINITY);
        Tensor terms = pessimistic.max(floor).negate();
        if (kl.coefficient() > 0) {
            terms = terms.plus(kl.of(logProb, tokens).times(kl.coefficient()));
        }
        Tensor shares = terms.times(tokens.weight());

        for (int t = 0; t < logProb.rows(); t++) {
            statistics.add(
                    shares.get(t), logRatio.get(t), clipped.get(t) < free.get(t), pessimistic.get(t) < floor.get(t));
        }
        return shares.sum();
    }

    /** The scale at which the new policy is compared with the old. */
    public enum Ratio {
        /** {@code r = p / q} of each token. */
        TOKEN,
        /** GSPO's: the geometric mean of a response's ratios, for each of its tokens. */
        SEQUENCE,
        /** What the published GSPO script computed instead: the geometric mean over all tokens of the micro-batch. */
        MICRO_BATCH;

        private static final double MAX_LOG_SHARED_RATIO = 10; // as in verl

        private Tensor of(Tensor logProb, Tensor logRatio, Segments responses) {
            return switch (this) {
                case TOKEN -> logRatio.exp();
                case SEQUENCE -> shared(logProb, logRatio, responses);
                case MICRO_BATCH -> shared(logProb, logRatio, Segments.ofLengths(responses.total()));
            };
        }

        /**
         * GSPO's token form, {@code sg[s] * p / sg[p]}: worth s, with the gradient s into each token's own
         * log-probability. Over the tokens of a response that is the gradient of the sequence's objective.
         */
        private static Tensor shared(Tensor logProb, Tensor logRatio, Segments sharing) {
            Tensor logShared = logRatio.detach().segmentMean(sharing);
            return logProb.minus(logProb.detach())
                    .plus(logShared)
                    .clamp(Double.NEGATIVE_INFINITY, MAX_LOG_SHARED_RATIO)
                    .exp();
        }
    }
}
