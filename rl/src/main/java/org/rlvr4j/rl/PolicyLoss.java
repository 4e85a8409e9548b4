package org.rlvr4j.rl;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.rl.entropy.EntropyBonus;
import org.rlvr4j.rl.gate.Gate;
import org.rlvr4j.rl.gate.OpenGate;
import org.rlvr4j.rl.gate.ScoredTokens;
import org.rlvr4j.rl.kl.KlPenalty;
import org.rlvr4j.rl.ratio.Ratio;
import org.rlvr4j.rl.surrogate.ClippedSurrogate;
import org.rlvr4j.rl.surrogate.PolicyTokens;
import org.rlvr4j.rl.surrogate.ResponseTokens;
import org.rlvr4j.rl.surrogate.Surrogate;
import org.rlvr4j.tensor.LogProbs;
import org.rlvr4j.tensor.Tensor;

/**
 * Policy loss, which every method minimises:
 *
 * <pre>  loss = sum over tokens of  w * (-g * surrogate(r, A) + beta * KL - gamma * H + h * |log p - log q|)</pre>
 *
 * <p>Any ratio r, clip, surrogate, KL penalty, entropy bonus, gate and weight w can be combined; A is the advantage, beta
 * the penalty's and gamma the bonus's coefficient; g (1 or 0) and h are what the gate decided about the token.
 *
 * @param ratio     importance ratio r of a token
 * @param clipping  interval of the ratio, and dual clip
 * @param surrogate objective of a token
 * @param kl        KL penalty of a token, with its coefficient beta
 * @param entropy   entropy bonus of a token, with its coefficient gamma
 * @param gate      gate that decides which tokens learn
 */
public record PolicyLoss(
        Ratio ratio, Clipping clipping, Surrogate surrogate, KlPenalty kl, EntropyBonus entropy, Gate gate) {

    /**
     * The loss with the clipped surrogate, without entropy bonus and gate.
     *
     * @param ratio    importance ratio r of a token
     * @param clipping interval of the ratio, and dual clip
     * @param kl       KL penalty of a token, with its coefficient beta
     */
    public PolicyLoss(Ratio ratio, Clipping clipping, KlPenalty kl) {
        this(ratio, clipping, new ClippedSurrogate(), kl, EntropyBonus.NONE, new OpenGate());
    }

    /**
     * This loss with the given importance ratio.
     *
     * @param other ratio to take instead
     */
    public PolicyLoss with(Ratio other) {
        return new PolicyLoss(other, clipping, surrogate, kl, entropy, gate);
    }

    /**
     * This loss with the given clipping.
     *
     * @param other clipping to take instead
     */
    public PolicyLoss with(Clipping other) {
        return new PolicyLoss(ratio, other, surrogate, kl, entropy, gate);
    }

    /**
     * This loss with the given surrogate.
     *
     * @param other surrogate to take instead
     */
    public PolicyLoss with(Surrogate other) {
        return new PolicyLoss(ratio, clipping, other, kl, entropy, gate);
    }

    /**
     * This loss with the given KL penalty.
     *
     * @param other KL penalty to take instead
     */
    public PolicyLoss with(KlPenalty other) {
        return new PolicyLoss(ratio, clipping, surrogate, other, entropy, gate);
    }

    /**
     * This loss with the given entropy bonus.
     *
     * @param other entropy bonus to take instead
     */
    public PolicyLoss with(EntropyBonus other) {
        return new PolicyLoss(ratio, clipping, surrogate, kl, other, gate);
    }

    /**
     * This loss with the given gate.
     *
     * @param other gate to take instead
     */
    public PolicyLoss with(Gate other) {
        return new PolicyLoss(ratio, clipping, surrogate, kl, entropy, other);
    }

    /**
     * The loss of a micro-batch; the losses of all micro-batches of a mini-batch add up to the mini-batch's loss.
     *
     * @param logProbs (T, 2) log-probabilities of the response tokens by the policy, and entropies; the gradient flows
     *                 into them
     * @param tokens   constants of the same tokens: old log-probabilities, advantages, weights
     * @throws IllegalArgumentException if there is a KL penalty and the tokens have no reference log-probabilities
     */
    public Terms of(LogProbs logProbs, ResponseTokens tokens) {
        return of(logProbs.column(), entropy.coefficient() > 0 ? logProbs.entropyColumn() : null, tokens);
    }

    /**
     * The loss of a micro-batch, from log-probabilities alone.
     *
     * @param logProb (T, 1) log-probabilities of the response tokens by the policy; the gradient flows into them
     * @param tokens  constants of the same tokens: old log-probabilities, advantages, weights
     * @throws IllegalArgumentException if there is an entropy bonus, or if there is a KL penalty and the tokens have no
     *     reference log-probabilities
     */
    public Terms of(Tensor logProb, ResponseTokens tokens) {
        return of(logProb, null, tokens);
    }

    private Terms of(Tensor logProb, @Nullable Tensor entropies, ResponseTokens tokens) {
        PolicyTokens policy = policyTokens(logProb, tokens);
        Tensor logRatio = policy.logRatio();
        Surrogate.Terms surrogates = surrogate.of(policy, clipping, tokens);
        Tensor terms = surrogates.objective().negate();
        ResponseTokens.Gated gated = tokens.gated();
        if (gated != null) {
            terms = terms.times(gated.share()).plus(logRatio.abs().times(gated.penalty()));
        }
        @Nullable Tensor penalty = null;
        if (kl.coefficient() > 0) {
            penalty = kl.of(logProb, tokens.oldLogProb(), tokens.refLogProb());
            terms = terms.plus(penalty.times(kl.coefficient()));
        }
        if (entropy.coefficient() > 0) {
            if (entropies == null) {
                throw new IllegalArgumentException("an entropy bonus needs the policy's entropies");
            }
            terms = terms.plus(entropies.times(-entropy.coefficient()));
        }
        Tensor weighted = terms.times(tokens.weight());
        return new Terms(weighted.sum(), weighted, logRatio, policy.ratio(), surrogates, penalty);
    }

    /**
     * The tokens of a micro-batch as the gate looks at them.
     *
     * @param logProbs (T, 2) log-probabilities of the response tokens by the policy, and entropies
     * @param tokens   constants of the same tokens: old log-probabilities and advantages
     */
    public ScoredTokens scored(LogProbs logProbs, ResponseTokens tokens) {
        PolicyTokens policy = policyTokens(logProbs.column(), tokens);
        return new ScoredTokens(
                tokens.responses(),
                numbers(tokens.advantage()),
                numbers(tokens.oldLogProb()),
                numbers(policy.logProb()),
                numbers(logProbs.entropyColumn()),
                surrogate.of(policy, clipping, tokens).clipped());
    }

    private PolicyTokens policyTokens(Tensor logProb, ResponseTokens tokens) {
        Tensor logRatio = ratio.logRatio(logProb, tokens.oldLogProb());
        return new PolicyTokens(logProb, logRatio, ratio.of(logProb, logRatio, tokens.responses()));
    }

    private static double[] numbers(Tensor column) {
        var numbers = new double[column.rows()];
        Arrays.setAll(numbers, column::get);
        return numbers;
    }

    /**
     * Loss of a micro-batch, token by token.
     *
     * @param loss       (1, 1) loss: the sum of the weighted terms
     * @param weighted   (T, 1) weighted term of each token
     * @param logRatio   (T, 1) log p - log q of each token, for the policy's probability p and the old one q
     * @param ratio      (T, 1) importance ratio of each token
     * @param surrogates surrogate objectives of the tokens, and which of them were clipped
     * @param kl         (T, 1) estimates of the divergence from the reference policy, without the coefficient; null if
     *                   there is no KL penalty
     */
    public record Terms(
            Tensor loss,
            Tensor weighted,
            Tensor logRatio,
            Tensor ratio,
            Surrogate.Terms surrogates,
            @Nullable Tensor kl) {}
}
