package org.rlvr4j.rl;

import org.rlvr4j.rl.kl.KlPenalty;
import org.rlvr4j.rl.ratio.Ratio;
import org.rlvr4j.rl.surrogate.ResponseTokens;
import org.rlvr4j.rl.surrogate.Surrogate;
import org.rlvr4j.tensor.Tensor;

/**
 * Loss of a policy, which every method here minimises:
 *
 * <pre>  loss = sum over tokens of  w * (-surrogate(r, A) + beta * KL)</pre>
 *
 * <p>Any ratio r, surrogate, penalty and weight w go together.
 */
public record PolicyLoss(Ratio ratio, Surrogate surrogate, KlPenalty kl) {

    /** The same loss with another penalty. */
    public PolicyLoss with(KlPenalty other) {
        return new PolicyLoss(ratio, surrogate, other);
    }

    /** The same loss with another ratio. */
    public PolicyLoss with(Ratio other) {
        return new PolicyLoss(other, surrogate, kl);
    }

    /** The same loss with another surrogate. */
    public PolicyLoss with(Surrogate other) {
        return new PolicyLoss(ratio, other, kl);
    }

    /**
     * The loss of a micro-batch; the losses of a mini-batch's micro-batches add up to its own.
     *
     * @param logProb (T, 1) log-probabilities of the response tokens by the policy; the gradient flows into it
     * @param tokens  what else the loss depends on
     */
    public Terms of(Tensor logProb, ResponseTokens tokens) {
        Tensor logRatio = ratio.logRatio(logProb, tokens.oldLogProb());
        Tensor r = ratio.of(logProb, logRatio, tokens.responses());
        Surrogate.Terms surrogates = surrogate.of(r, tokens);
        Tensor terms = surrogates.objective().negate();
        if (kl.coefficient() > 0) {
            terms = terms.plus(kl.of(logProb, tokens.refLogProb()).times(kl.coefficient()));
        }
        Tensor shares = terms.times(tokens.weight());
        return new Terms(shares.sum(), shares, logRatio, surrogates);
    }

    /**
     * Loss of a micro-batch, token by token.
     *
     * @param loss       one number, the sum of the shares
     * @param shares     (T, 1) each token's weighted term
     * @param logRatio   (T, 1) log p - log q
     * @param surrogates what they were made of
     */
    public record Terms(Tensor loss, Tensor shares, Tensor logRatio, Surrogate.Terms surrogates) {}
}
