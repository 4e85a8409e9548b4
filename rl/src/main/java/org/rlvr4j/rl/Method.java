package org.rlvr4j.rl;

import org.jspecify.annotations.Nullable;
import org.rlvr4j.rl.advantage.Advantage;
import org.rlvr4j.rl.advantage.AnyOfK;
import org.rlvr4j.rl.advantage.BatchNormalized;
import org.rlvr4j.rl.advantage.GroupNormalized;
import org.rlvr4j.rl.advantage.LeaveOneOut;
import org.rlvr4j.rl.advantage.LengthWeighted;
import org.rlvr4j.rl.advantage.MeanRelative;
import org.rlvr4j.rl.advantage.PartsNormalized;
import org.rlvr4j.rl.advantage.QuantileNormalized;
import org.rlvr4j.rl.advantage.Smooth;
import org.rlvr4j.rl.advantage.TokenWhitened;
import org.rlvr4j.rl.clip.AdaptiveClip;
import org.rlvr4j.rl.clip.ChiSquaredClip;
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.rl.clip.FixedClip;
import org.rlvr4j.rl.clip.KlClip;
import org.rlvr4j.rl.clip.TotalVariationClip;
import org.rlvr4j.rl.entropy.EntropyBonus;
import org.rlvr4j.rl.filter.AllGroups;
import org.rlvr4j.rl.filter.AllResponses;
import org.rlvr4j.rl.filter.Best;
import org.rlvr4j.rl.filter.Contrast;
import org.rlvr4j.rl.filter.Curriculum;
import org.rlvr4j.rl.filter.Filter;
import org.rlvr4j.rl.filter.ResponseFilter;
import org.rlvr4j.rl.gate.ClipCov;
import org.rlvr4j.rl.gate.Gate;
import org.rlvr4j.rl.gate.KlCov;
import org.rlvr4j.rl.gate.OffPolicyMask;
import org.rlvr4j.rl.gate.TopEntropy;
import org.rlvr4j.rl.kl.KlPenalty;
import org.rlvr4j.rl.ratio.MicroBatchRatio;
import org.rlvr4j.rl.ratio.Ratio;
import org.rlvr4j.rl.ratio.SequenceRatio;
import org.rlvr4j.rl.ratio.TokenRatio;
import org.rlvr4j.rl.reward.LengthShaping;
import org.rlvr4j.rl.reward.OverlongShaping;
import org.rlvr4j.rl.reward.Reward;
import org.rlvr4j.rl.reward.VerdictReward;
import org.rlvr4j.rl.surrogate.ClippedWeight;
import org.rlvr4j.rl.surrogate.GeometricMean;
import org.rlvr4j.rl.surrogate.MaskedSurrogate;
import org.rlvr4j.rl.surrogate.SequenceKernel;
import org.rlvr4j.rl.surrogate.SoftGate;
import org.rlvr4j.rl.surrogate.Surrogate;
import org.rlvr4j.rl.weight.MaxLengthMean;
import org.rlvr4j.rl.weight.OnlyTokenMean;
import org.rlvr4j.rl.weight.SequenceMean;
import org.rlvr4j.rl.weight.SequenceMeanTokenSum;
import org.rlvr4j.rl.weight.TokenMean;
import org.rlvr4j.rl.weight.Weight;
import org.rlvr4j.tensor.Require;

/**
 * Method of training a policy, made of orthogonal choices; an ablation changes one of them, and every combination is
 * legal but for those that {@link #checked} refuses.
 *
 * @param reward     reward of a verdict
 * @param overlong   change of the reward by the length of the response
 * @param curriculum how often a problem is visited
 * @param filter     filter of the groups to learn from
 * @param responses  filter of the responses of a group to learn from
 * @param advantage  comparison of the rewards of a step
 * @param loss       importance ratio, clip, surrogate, KL penalty and entropy bonus of a token, and gate
 * @param weight     weights of the tokens in the loss
 */
public record Method(
        Reward reward,
        LengthShaping overlong,
        Curriculum curriculum,
        Filter filter,
        ResponseFilter responses,
        Advantage advantage,
        PolicyLoss loss,
        Weight weight) {

    private static final Method GRPO = new Method(
            VerdictReward.TERNARY,
            OverlongShaping.NONE,
            Curriculum.NONE,
            new AllGroups(),
            new AllResponses(),
            new GroupNormalized(1, true),
            new PolicyLoss(new TokenRatio(Ratio.LOG_RATIO_LIMIT), fixed(0.2, 0.2), KlPenalty.NONE),
            new SequenceMean());

    private static final Method DAPO = GRPO.with(new OverlongShaping(3072, 512, 1))
            .with(new Contrast())
            .with(fixed(0.2, 0.28, 10))
            .with(new TokenMean());

    private static final Method GSPO =
            GRPO.with(new SequenceRatio(SequenceRatio.LOG_MEAN_LIMIT)).with(fixed(3e-4, 4e-4));

    private static final Method DCPO =
            GRPO.with(new Smooth(1, true, true)).with(adaptive(0.16, 0.2, 10)).with(new OnlyTokenMean());

    private static final double NO_CEILING = Double.POSITIVE_INFINITY;

    private static final Method DPPO = GRPO.with(new MaskedSurrogate(Double.POSITIVE_INFINITY));

    private static final Method GRPO_SCRIPT = GRPO.with(VerdictReward.BINARY).with(new TokenRatio(Ratio.NO_LIMIT));
    private static final KlPenalty SCRIPT_KL = new KlPenalty(KlPenalty.Estimator.K3, 0.001);

    /**
     * Published method: a row of differences from GRPO.
     *
     * <p>All have DCPO's three-valued reward and no KL penalty, as DCPO's authors compare them, except where the row says
     * otherwise; docs/objectives.md names what of a paper lies outside the objective.
     */
    @SuppressWarnings("ImmutableEnumChecker") // a method has no state
    public enum Algorithm {
        /** Shao et al., 2024. */
        GRPO("2402.03300", Method.GRPO, GRPO_SCRIPT.with(SCRIPT_KL)),
        /** Yu et al., 2025; in the script the overlong shaping measured the prompt's length, so it never had an effect. */
        DAPO(
                "2503.14476",
                Method.DAPO,
                GRPO_SCRIPT.with(new Contrast()).with(fixed(0.2, 0.28, 10)).with(new TokenMean())),
        /** Zheng et al., 2025. */
        GSPO(
                "2507.18071",
                Method.GSPO,
                GRPO_SCRIPT
                        .with(new MicroBatchRatio(SequenceRatio.LOG_MEAN_LIMIT))
                        .with(fixed(3e-4, 4e-4))
                        .with(SCRIPT_KL)),
        /** Yang et al., 2025. */
        DCPO(
                "2509.02333",
                Method.DCPO,
                GRPO_SCRIPT
                        .with(VerdictReward.TERNARY)
                        .with(new Smooth(1, true, false))
                        .with(adaptive(0.2, 0.28, 10))
                        .with(new TokenMean())),
        /** Ahmadian et al., 2024: leave-one-out baseline, and the sum over a response's tokens. */
        RLOO("2402.14740", Method.GRPO.with(new LeaveOneOut()).with(new SequenceMeanTokenSum())),
        /** Hu et al., 2025: rewards standardised over all tokens of the step. */
        REINFORCE_PLUS_PLUS("2501.03262", Method.GRPO.with(new TokenWhitened(1, false))),
        /** Hu et al., 2025, with baseline: the distances from the group's mean, standardised over all tokens of the step. */
        REINFORCE_PLUS_PLUS_BASELINE("2501.03262", Method.GRPO.with(new TokenWhitened(1, true))),
        /** Liu et al., 2025: no standard deviation, no lengths. */
        DR_GRPO("2503.20783", Method.GRPO.with(new GroupNormalized(1, false)).with(new MaxLengthMean())),
        /** Prime Intellect, 2025: a dual clip at 4 for negative advantages. */
        INTELLECT_2("2505.07291", Method.GRPO.with(fixed(0.2, 0.2, 4))),
        /** Hao et al., 2025: baseline weighted by length. */
        OPO("2505.23585", Method.GRPO.with(new LengthWeighted())),
        /** Liu et al., 2025: standard deviation of the step, token mean. */
        LITE_PPO("2508.08221", Method.GRPO.with(new BatchNormalized(1)).with(new TokenMean())),
        /** Shrivastava et al., 2025: of a group's responses the shorter half, compared with one another. */
        GFPO("2508.09726", Method.GRPO.with(new Best(Best.Order.SHORTEST, 0.5))),
        /** Chen et al., 2025: analytic advantage of pass@k. */
        PASS_AT_K("2508.10751", Method.GRPO.with(VerdictReward.ZERO_ONE).with(new AnyOfK(4))),
        /** Wu et al., 2025: DAPO with a quantile as the baseline. */
        QAE("2509.22611", Method.DAPO.with(new QuantileNormalized(1, 0.4))),
        /** Liu et al., 2026: each part of the reward standardised by itself. */
        GDPO("2601.05242", Method.GRPO.with(new PartsNormalized(1))),
        /** Tajwar et al., 2026: distances from the mean divided by the mean. */
        MAXRL("2602.02710", Method.GRPO.with(VerdictReward.ZERO_ONE).with(new MeanRelative())),
        /** Liu et al., 2026: GSPO in which a response weighs as much as it has tokens. */
        LUSPO("2602.05261", Method.GSPO.with(fixed(2e-3, 2.5e-3)).with(new SequenceMeanTokenSum())),
        /** Cui et al., 2025: a few tokens of high covariance do not learn; clips of 1 as in the authors' scripts. */
        CLIP_COV(
                "2505.22617",
                Method.GRPO.with(fixed(1, 1)).with(new ClipCov(2e-4, 1, 5)).with(new TokenMean())),
        /** Cui et al., 2025: the tokens of highest covariance are held to where they were; no clip. */
        KL_COV(
                "2505.22617",
                Method.GRPO
                        .with(fixed(1, Double.POSITIVE_INFINITY))
                        .with(new KlCov(2e-3, 1))
                        .with(new TokenMean())),
        /** Wang et al., 2025: DAPO in which only the most uncertain fifth of the tokens learns. */
        TOP_ENTROPY("2506.01939", Method.DAPO.with(new TopEntropy(0.2))),
        /** MiniMax, 2025: the weight of a token is clipped, and no gradient is lost; token mean. */
        CISPO(
                "2506.13585",
                Method.GRPO.with(new ClippedWeight()).with(fixed(1, 0.2)).with(new TokenMean())),
        /** Zhao et al., 2025: the geometric mean of token ratios, each clipped to exp(-0.4) or exp(0.4). */
        GMPO(
                "2507.20673",
                Method.GRPO.with(new GeometricMean()).with(fixed(1 - StrictMath.exp(-0.4), StrictMath.expm1(0.4)))),
        /** Gao et al., 2025: a smooth gate in place of the clip. */
        SAPO("2511.20347", Method.GRPO.with(new SoftGate(1, 1.05))),
        /** DeepSeek-AI, 2025: responses that turned out bad and have become unlikely do not learn. */
        OFF_POLICY_MASK("2512.02556", Method.GRPO.with(new OffPolicyMask(0.5))),
        /** DeepSeek-AI, 2025: the penalty whose gradient is that of the divergence. */
        UNBIASED_KL("2512.02556", Method.GRPO.with(new KlPenalty(KlPenalty.Estimator.K3_UNBIASED, 0.001))),
        /** Qi et al., 2026: a mask where the probability has moved by more than 0.15. */
        DPPO_TV("2602.04879", Method.DPPO.with(Clipping.of(new TotalVariationClip(0.15, 0.15, NO_CEILING)))),
        /** Qi et al., 2026: a mask where the KL divergence of this token against all others is more than 0.05. */
        DPPO_KL("2602.04879", Method.DPPO.with(Clipping.of(new KlClip(0.05, 0.05, NO_CEILING)))),
        /** Shen et al., 2026: a kernel of the product of a response's ratios; token mean. */
        VESPO("2602.10693", Method.GRPO.with(new SequenceKernel(2, 3, 3, 2)).with(new TokenMean())),
        /** Li et al., 2026: GRPO clipped to a ball of total variation. */
        BANDPO_TV("2603.04918", Method.GRPO.with(Clipping.of(new TotalVariationClip(0.05, 0.05, 10)))),
        /** Li et al., 2026: GRPO clipped to a ball of the chi-squared divergence. */
        BANDPO_CHI2("2603.04918", Method.GRPO.with(Clipping.of(new ChiSquaredClip(0.05, 0.05, 10)))),
        /** Li et al., 2026: GRPO clipped to a ball of the KL divergence. */
        BANDPO_KL("2603.04918", Method.GRPO.with(Clipping.of(new KlClip(0.05, 0.05, 10))));

        private final String arxiv;
        private final Method paper;
        private final @Nullable Method script;

        Algorithm(String arxiv, Method paper) {
            this(arxiv, paper, null);
        }

        Algorithm(String arxiv, Method paper, @Nullable Method script) {
            this.arxiv = arxiv;
            this.paper = paper;
            this.script = script;
        }

        /** Number of the paper on arXiv, such as 2402.03300; its first four digits are year and month. */
        public String arxiv() {
            return arxiv;
        }

        /** The method by its paper. */
        public Method paper() {
            return paper;
        }

        /** Whether the method is one of those that DCPO's authors compare, for which they published a script. */
        public boolean hasScript() {
            return script != null;
        }

        /**
         * The method as the scripts published with DCPO really ran it.
         *
         * @throws IllegalArgumentException if there is no such script
         */
        public Method script() {
            if (script == null) {
                throw new IllegalArgumentException(
                        "there is no script of " + this + " among those published with DCPO; use the preset PAPER");
            }
            return script;
        }
    }

    /**
     * This method, which is checked for choices that would have no effect because of one another.
     *
     * @throws IllegalArgumentException if there are such choices
     */
    public Method checked() {
        Require.that(
                !(advantage.ignoresRewards() && overlong.acts()),
                "the advantage " + advantage.tag() + " compares right with wrong responses whatever their rewards, so"
                        + " OVERLONG must be NONE, not " + overlong.tag());
        return this;
    }

    /**
     * This method with the given reward.
     *
     * @param other reward to take instead
     */
    public Method with(Reward other) {
        return new Method(other, overlong, curriculum, filter, responses, advantage, loss, weight);
    }

    /**
     * This method with the given shaping of the reward by length.
     *
     * @param other shaping to take instead
     */
    public Method with(LengthShaping other) {
        return new Method(reward, other, curriculum, filter, responses, advantage, loss, weight);
    }

    /**
     * This method with the given curriculum.
     *
     * @param other curriculum to take instead
     */
    public Method with(Curriculum other) {
        return new Method(reward, overlong, other, filter, responses, advantage, loss, weight);
    }

    /**
     * This method with the given filter of groups.
     *
     * @param other filter to take instead
     */
    public Method with(Filter other) {
        return new Method(reward, overlong, curriculum, other, responses, advantage, loss, weight);
    }

    /**
     * This method with the given filter of responses.
     *
     * @param other filter to take instead
     */
    public Method with(ResponseFilter other) {
        return new Method(reward, overlong, curriculum, filter, other, advantage, loss, weight);
    }

    /**
     * This method with the given advantage.
     *
     * @param other advantage to take instead
     */
    public Method with(Advantage other) {
        return new Method(reward, overlong, curriculum, filter, responses, other, loss, weight);
    }

    /**
     * This method with the given loss of a token.
     *
     * @param other loss to take instead
     */
    public Method with(PolicyLoss other) {
        return new Method(reward, overlong, curriculum, filter, responses, advantage, other, weight);
    }

    /**
     * This method with the given importance ratio.
     *
     * @param other ratio to take instead
     */
    public Method with(Ratio other) {
        return with(loss.with(other));
    }

    /**
     * This method with the given clip and dual clip.
     *
     * @param other clipping to take instead
     */
    public Method with(Clipping other) {
        return with(loss.with(other));
    }

    /**
     * This method with the given surrogate.
     *
     * @param other surrogate to take instead
     */
    public Method with(Surrogate other) {
        return with(loss.with(other));
    }

    /**
     * This method with the given entropy bonus.
     *
     * @param other bonus to take instead
     */
    public Method with(EntropyBonus other) {
        return with(loss.with(other));
    }

    /**
     * This method with the given gate.
     *
     * @param other gate to take instead
     */
    public Method with(Gate other) {
        return with(loss.with(other));
    }

    /**
     * This method with the given KL penalty.
     *
     * @param other penalty to take instead
     */
    public Method with(KlPenalty other) {
        return with(loss.with(other));
    }

    /**
     * This method with the given weights of tokens.
     *
     * @param other weights to take instead
     */
    public Method with(Weight other) {
        return new Method(reward, overlong, curriculum, filter, responses, advantage, loss, other);
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
