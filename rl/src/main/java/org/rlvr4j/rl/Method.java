package org.rlvr4j.rl;

import static org.rlvr4j.rl.PolicyLoss.LOG_RATIO_LIMIT;
import static org.rlvr4j.rl.PolicyLoss.NO_DUAL_CLIP;
import static org.rlvr4j.rl.PolicyLoss.NO_LIMIT;
import static org.rlvr4j.rl.PolicyLoss.Ratio.MICRO_BATCH;
import static org.rlvr4j.rl.PolicyLoss.Ratio.SEQUENCE;
import static org.rlvr4j.rl.PolicyLoss.Ratio.TOKEN;
import static org.rlvr4j.rl.RewardScheme.BINARY;
import static org.rlvr4j.rl.RewardScheme.TERNARY;

/**
 * How a policy is trained, as orthogonal choices; an ablation changes one of them, and every combination is legal.
 *
 * @param reward    what a verdict is worth
 * @param overlong  what length costs
 * @param filter    which groups are learned from
 * @param advantage how the rewards of a group are compared
 * @param loss      ratio, clip and penalty of a token
 * @param weight    how tokens are added up
 */
public record Method(
        RewardScheme reward,
        OverlongShaping overlong,
        Filter filter,
        Advantage advantage,
        PolicyLoss loss,
        Weight weight) {

    private static final OverlongShaping FREE = OverlongShaping.NONE;
    private static final Advantage GROUP = new Advantage.GroupNormalized(1, true);
    private static final KlPenalty SCRIPT_KL = new KlPenalty(KlPenalty.Estimator.K3, 0.001);

    /** A published method. */
    public enum Algorithm {
        /** arXiv 2402.03300 */
        GRPO,
        /** arXiv 2503.14476 */
        DAPO,
        /** arXiv 2507.18071 */
        GSPO,
        /** arXiv 2509.02333 */
        DCPO;

        /** What the papers say, with DCPO's three-valued reward for all, as its authors compare them. */
        public Method paper() {
            return switch (this) {
                case GRPO ->
                    new Method(
                            TERNARY,
                            FREE,
                            Filter.ALL,
                            GROUP,
                            paperLoss(TOKEN, fixed(0.2, 0.2), NO_DUAL_CLIP),
                            Weight.SEQUENCE_MEAN);
                case DAPO ->
                    new Method(
                            TERNARY,
                            new OverlongShaping(3072, 512, 1),
                            Filter.CONTRAST,
                            GROUP,
                            paperLoss(TOKEN, fixed(0.2, 0.28), 10),
                            Weight.TOKEN_MEAN);
                case GSPO ->
                    new Method(
                            TERNARY,
                            FREE,
                            Filter.ALL,
                            GROUP,
                            paperLoss(SEQUENCE, fixed(3e-4, 4e-4), NO_DUAL_CLIP),
                            Weight.SEQUENCE_MEAN);
                case DCPO ->
                    new Method(
                            TERNARY,
                            FREE,
                            Filter.ALL,
                            new Advantage.Smooth(1, true, true),
                            paperLoss(TOKEN, Clip.Adaptive.withDualClip(0.16, 0.2, 10), 10),
                            Weight.ONLY_TOKEN_MEAN);
            };
        }

        /** What the scripts published with DCPO really ran. */
        public Method script() {
            return switch (this) {
                case GRPO ->
                    new Method(
                            BINARY,
                            FREE,
                            Filter.ALL,
                            GROUP,
                            scriptLoss(TOKEN, fixed(0.2, 0.2), NO_DUAL_CLIP, SCRIPT_KL),
                            Weight.SEQUENCE_MEAN);
                case DAPO -> // its overlong shaping measured the prompt, and so was never felt
                    new Method(
                            BINARY,
                            FREE,
                            Filter.CONTRAST,
                            GROUP,
                            scriptLoss(TOKEN, fixed(0.2, 0.28), 10, KlPenalty.NONE),
                            Weight.TOKEN_MEAN);
                case GSPO ->
                    new Method(
                            BINARY,
                            FREE,
                            Filter.ALL,
                            GROUP,
                            scriptLoss(MICRO_BATCH, fixed(3e-4, 4e-4), NO_DUAL_CLIP, SCRIPT_KL),
                            Weight.SEQUENCE_MEAN);
                case DCPO ->
                    new Method(
                            TERNARY,
                            FREE,
                            Filter.ALL,
                            new Advantage.Smooth(1, true, false),
                            scriptLoss(TOKEN, Clip.Adaptive.withDualClip(0.2, 0.28, 10), 10, KlPenalty.NONE),
                            Weight.TOKEN_MEAN);
            };
        }
    }

    /** The same method with other rewards. */
    public Method with(RewardScheme other) {
        return new Method(other, overlong, filter, advantage, loss, weight);
    }

    /** The same method with another filter of groups. */
    public Method with(Filter other) {
        return new Method(reward, overlong, other, advantage, loss, weight);
    }

    /** The same method with other advantages. */
    public Method with(Advantage other) {
        return new Method(reward, overlong, filter, other, loss, weight);
    }

    /** The same method with another loss of a token. */
    public Method with(PolicyLoss other) {
        return new Method(reward, overlong, filter, advantage, other, weight);
    }

    /** The same method with another sum over tokens. */
    public Method with(Weight other) {
        return new Method(reward, overlong, filter, advantage, loss, other);
    }

    private static Clip fixed(double clipLow, double clipHigh) {
        return new Clip.Fixed(clipLow, clipHigh);
    }

    private static PolicyLoss paperLoss(PolicyLoss.Ratio ratio, Clip clip, double dualClip) {
        return new PolicyLoss(ratio, clip, dualClip, LOG_RATIO_LIMIT, KlPenalty.NONE);
    }

    private static PolicyLoss scriptLoss(PolicyLoss.Ratio ratio, Clip clip, double dualClip, KlPenalty kl) {
        return new PolicyLoss(ratio, clip, dualClip, NO_LIMIT, kl);
    }
}
