package org.rlvr4j.rl;

import org.rlvr4j.rl.advantage.Advantage;
import org.rlvr4j.rl.advantage.GroupNormalized;
import org.rlvr4j.rl.advantage.Smooth;
import org.rlvr4j.rl.clip.AdaptiveClip;
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.rl.clip.FixedClip;
import org.rlvr4j.rl.entropy.EntropyBonus;
import org.rlvr4j.rl.filter.AllGroups;
import org.rlvr4j.rl.filter.Contrast;
import org.rlvr4j.rl.filter.Filter;
import org.rlvr4j.rl.gate.Gate;
import org.rlvr4j.rl.kl.KlPenalty;
import org.rlvr4j.rl.ratio.MicroBatchRatio;
import org.rlvr4j.rl.ratio.Ratio;
import org.rlvr4j.rl.ratio.SequenceRatio;
import org.rlvr4j.rl.ratio.TokenRatio;
import org.rlvr4j.rl.reward.OverlongShaping;
import org.rlvr4j.rl.reward.Reward;
import org.rlvr4j.rl.reward.VerdictReward;
import org.rlvr4j.rl.surrogate.Surrogate;
import org.rlvr4j.rl.weight.OnlyTokenMean;
import org.rlvr4j.rl.weight.SequenceMean;
import org.rlvr4j.rl.weight.TokenMean;
import org.rlvr4j.rl.weight.Weight;

/**
 * Method of training a policy, made of orthogonal choices; an ablation changes one of them, and every combination is
 * legal.
 *
 * @param reward    reward of a verdict
 * @param overlong  penalty for overlong responses, added to the reward
 * @param filter    filter of the groups to learn from
 * @param advantage comparison of the rewards of a group
 * @param loss      importance ratio, clip, surrogate, KL penalty and entropy bonus of a token, and gate
 * @param weight    weights of the tokens in the loss
 */
public record Method(
        Reward reward, OverlongShaping overlong, Filter filter, Advantage advantage, PolicyLoss loss, Weight weight) {

    private static final Method GRPO = new Method(
            VerdictReward.TERNARY,
            OverlongShaping.NONE,
            new AllGroups(),
            new GroupNormalized(1, true),
            new PolicyLoss(new TokenRatio(Ratio.LOG_RATIO_LIMIT), fixed(0.2, 0.2), KlPenalty.NONE),
            new SequenceMean());

    private static final Method GRPO_SCRIPT = GRPO.with(VerdictReward.BINARY).with(new TokenRatio(Ratio.NO_LIMIT));
    private static final KlPenalty SCRIPT_KL = new KlPenalty(KlPenalty.Estimator.K3, 0.001);

    /** Published method, with the settings of its two sources. */
    public enum Algorithm {
        /** Shao et al., 2024: arXiv 2402.03300. */
        GRPO,
        /** Yu et al., 2025: arXiv 2503.14476. */
        DAPO,
        /** Zheng et al., 2025: arXiv 2507.18071. */
        GSPO,
        /** Yang et al., 2025: arXiv 2509.02333. */
        DCPO;

        /** The method by its paper, with DCPO's three-valued reward for all, as DCPO's authors compare them. */
        public Method paper() {
            return switch (this) {
                case GRPO -> Method.GRPO;
                case DAPO ->
                    Method.GRPO
                            .with(new OverlongShaping(3072, 512, 1))
                            .with(new Contrast())
                            .with(fixed(0.2, 0.28, 10))
                            .with(new TokenMean());
                case GSPO ->
                    Method.GRPO.with(new SequenceRatio(SequenceRatio.LOG_MEAN_LIMIT)).with(fixed(3e-4, 4e-4));
                case DCPO ->
                    Method.GRPO
                            .with(new Smooth(1, true, true))
                            .with(adaptive(0.16, 0.2, 10))
                            .with(new OnlyTokenMean());
            };
        }

        /** The method as the scripts published with DCPO really ran it. */
        public Method script() {
            return switch (this) {
                case GRPO -> GRPO_SCRIPT.with(SCRIPT_KL);
                case DAPO -> // its overlong shaping measured the prompt's length, so it never had an effect
                    GRPO_SCRIPT.with(new Contrast()).with(fixed(0.2, 0.28, 10)).with(new TokenMean());
                case GSPO ->
                    GRPO_SCRIPT
                            .with(new MicroBatchRatio(SequenceRatio.LOG_MEAN_LIMIT))
                            .with(fixed(3e-4, 4e-4))
                            .with(SCRIPT_KL);
                case DCPO ->
                    GRPO_SCRIPT
                            .with(VerdictReward.TERNARY)
                            .with(new Smooth(1, true, false))
                            .with(adaptive(0.2, 0.28, 10))
                            .with(new TokenMean());
            };
        }
    }

    /** This method with the given reward. */
    public Method with(Reward other) {
        return new Method(other, overlong, filter, advantage, loss, weight);
    }

    /** This method with the given penalty for overlong responses. */
    public Method with(OverlongShaping other) {
        return new Method(reward, other, filter, advantage, loss, weight);
    }

    /** This method with the given filter of groups. */
    public Method with(Filter other) {
        return new Method(reward, overlong, other, advantage, loss, weight);
    }

    /** This method with the given advantage. */
    public Method with(Advantage other) {
        return new Method(reward, overlong, filter, other, loss, weight);
    }

    /** This method with the given loss of a token. */
    public Method with(PolicyLoss other) {
        return new Method(reward, overlong, filter, advantage, other, weight);
    }

    /** This method with the given importance ratio. */
    public Method with(Ratio other) {
        return with(loss.with(other));
    }

    /** This method with the given clip and dual clip. */
    public Method with(Clipping other) {
        return with(loss.with(other));
    }

    /** This method with the given surrogate. */
    public Method with(Surrogate other) {
        return with(loss.with(other));
    }

    /** This method with the given entropy bonus. */
    public Method with(EntropyBonus other) {
        return with(loss.with(other));
    }

    /** This method with the given gate. */
    public Method with(Gate other) {
        return with(loss.with(other));
    }

    /** This method with the given KL penalty. */
    public Method with(KlPenalty other) {
        return with(loss.with(other));
    }

    /** This method with the given weights of tokens. */
    public Method with(Weight other) {
        return new Method(reward, overlong, filter, advantage, loss, other);
    }

    private static Clipping fixed(double clipLow, double clipHigh) {
        return fixed(clipLow, clipHigh, Clipping.NO_DUAL_CLIP);
    }

    private static Clipping fixed(double clipLow, double clipHigh, double dualClip) {
        return new Clipping(new FixedClip(clipLow, clipHigh), dualClip);
    }

    private static Clipping adaptive(double clipLow, double clipHigh, double dualClip) {
        return new Clipping(AdaptiveClip.withDualClip(clipLow, clipHigh, dualClip), dualClip);
    }
}
