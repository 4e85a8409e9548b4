package org.rlvr4j.rl;

import org.jspecify.annotations.Nullable;
import org.rlvr4j.rl.kl.KlPenalty;
import org.rlvr4j.rl.ratio.Ratio;
import org.rlvr4j.rl.surrogate.ResponseTokens;
import org.rlvr4j.rl.surrogate.Surrogate;
import org.rlvr4j.tensor.Tensor;

/**
 * Policy loss, which every method minimises:
 *
 * <pre>  loss = sum over tokens of  w * (-surrogate(r, A) + beta * KL)</pre>
 *
 * <p>Any ratio r, surrogate, KL penalty and weight w can be combined; A is the advantage, beta the penalty's
 * coefficient.
 *
 * @param ratio     importance ratio r of a token
 * @param surrogate objective of a token, which includes the clip
 * @param kl        KL penalty of a token, with its coefficient beta
 */
public record PolicyLoss(Ratio ratio, Surrogate surrogate, KlPenalty kl) {

    /** This loss with the given KL penalty. */
    public PolicyLoss with(KlPenalty other) {
        return new PolicyLoss(ratio, surrogate, other);
    }

    /** This loss with the given importance ratio. */
    public PolicyLoss with(Ratio other) {
        return new PolicyLoss(other, surrogate, kl);
    }

    /** This loss with the given surrogate. */
    public PolicyLoss with(Surrogate other) {
        return new PolicyLoss(ratio, other, kl);
    }

    /**
     * The loss of a micro-batch; the losses of all micro-batches of a mini-batch add up to the mini-batch's loss.
     *
     * @param logProb (T, 1) log-probabilities of the response tokens by the policy; the gradient flows into them
     * @param tokens  constants of the same tokens: old log-probabilities, advantages, weights
     * @throws IllegalArgumentException if there is a KL penalty and the tokens have no reference log-probabilities
     */
    public Terms of(Tensor logProb, ResponseTokens tokens) {
        Tensor logRatio = ratio.logRatio(logProb, tokens.oldLogProb());
        Tensor r = ratio.of(logProb, logRatio, tokens.responses());
        Surrogate.Terms surrogates = surrogate.of(r, tokens);
        Tensor terms = surrogates.objective().negate();
        @Nullable Tensor penalty = null;
        if (kl.coefficient() > 0) {
            penalty = kl.of(logProb, tokens.refLogProb());
            terms = terms.plus(penalty.times(kl.coefficient()));
        }
        Tensor weighted = terms.times(tokens.weight());
        return new Terms(weighted.sum(), weighted, logRatio, surrogates, penalty);
    }

    /**
     * Loss of a micro-batch, token by token.
     *
     * @param loss       (1, 1) loss: the sum of the weighted terms
     * @param weighted   (T, 1) weighted term of each token
     * @param logRatio   (T, 1) log p - log q of each token, for the policy's probability p and the old one q
     * @param surrogates surrogate objectives of the tokens, and which of them were clipped
     * @param kl         (T, 1) estimates of the divergence from the reference policy, without the coefficient; null if
     *                   there is no KL penalty
     */
    public record Terms(
            Tensor loss,
            Tensor weighted,
            Tensor logRatio,
            Surrogate.Terms surrogates,
            @Nullable Tensor kl) {}
}
