package org.rlvr4j.rl;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.stream.Stream;
import org.rlvr4j.model.Json;
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
import org.rlvr4j.rl.filter.Band;
import org.rlvr4j.rl.filter.Best;
import org.rlvr4j.rl.filter.Contrast;
import org.rlvr4j.rl.filter.Curriculum;
import org.rlvr4j.rl.filter.Filter;
import org.rlvr4j.rl.filter.Finished;
import org.rlvr4j.rl.filter.ResponseFilter;
import org.rlvr4j.rl.gate.ClipCov;
import org.rlvr4j.rl.gate.Gate;
import org.rlvr4j.rl.gate.KlCov;
import org.rlvr4j.rl.gate.OffPolicyMask;
import org.rlvr4j.rl.gate.OpenGate;
import org.rlvr4j.rl.gate.TopEntropy;
import org.rlvr4j.rl.kl.KlPenalty;
import org.rlvr4j.rl.ratio.MicroBatchRatio;
import org.rlvr4j.rl.ratio.Ratio;
import org.rlvr4j.rl.ratio.SequenceRatio;
import org.rlvr4j.rl.ratio.TokenRatio;
import org.rlvr4j.rl.reward.LengthShaping;
import org.rlvr4j.rl.reward.OverlongShaping;
import org.rlvr4j.rl.reward.Reward;
import org.rlvr4j.rl.reward.StopProperly;
import org.rlvr4j.rl.reward.VerdictReward;
import org.rlvr4j.rl.surrogate.BandWeight;
import org.rlvr4j.rl.surrogate.ClippedSurrogate;
import org.rlvr4j.rl.surrogate.ClippedWeight;
import org.rlvr4j.rl.surrogate.GeometricMean;
import org.rlvr4j.rl.surrogate.MaskedSurrogate;
import org.rlvr4j.rl.surrogate.SequenceKernel;
import org.rlvr4j.rl.surrogate.SoftGate;
import org.rlvr4j.rl.surrogate.Surrogate;
import org.rlvr4j.rl.surrogate.TruncatedWeight;
import org.rlvr4j.rl.weight.MaxLengthMean;
import org.rlvr4j.rl.weight.OnlyTokenMean;
import org.rlvr4j.rl.weight.ScaledOnlyTokenMean;
import org.rlvr4j.rl.weight.SequenceMean;
import org.rlvr4j.rl.weight.SequenceMeanTokenSum;
import org.rlvr4j.rl.weight.TokenMean;
import org.rlvr4j.rl.weight.TokenSum;
import org.rlvr4j.rl.weight.TokenSumByMaxLength;
import org.rlvr4j.rl.weight.Weight;

/**
 * Axis of a method: one of its orthogonal choices, with the table of the values that can be chosen. A value is named
 * by its tag, or by the published method that uses it.
 */
@SuppressWarnings("ImmutableEnumChecker") // a table's functions have no state
public enum Axis {
    /** Reward of a verdict. */
    REWARD(new Table<Reward>(
            List.of(VerdictReward.values()), Reward::tag, Method::reward, (method, it) -> method.with(it))),
    /** Penalty for overlong responses. */
    OVERLONG(new Table<LengthShaping>(
            List.of(OverlongShaping.NONE, new OverlongShaping(3072, 512, 1), new StopProperly(0)),
            LengthShaping::tag,
            Method::overlong,
            (method, it) -> method.with(it))),
    /** How often a problem is visited. */
    CURRICULUM(new Table<>(
            List.of(Curriculum.NONE, new Curriculum(2)),
            Curriculum::tag,
            Method::curriculum,
            (method, it) -> method.with(it))),
    /** Groups that are learned from. */
    FILTER(new Table<Filter>(
            List.of(new AllGroups(), new Contrast(), new Band(0.2, 0.8)),
            Filter::tag,
            Method::filter,
            (method, it) -> method.with(it))),
    /** Responses of a group that are learned from. */
    RESPONSES(new Table<ResponseFilter>(
            List.of(
                    new AllResponses(),
                    new Finished(),
                    new Best(Best.Order.SHORTEST, 0.5),
                    new Best(Best.Order.TOKEN_EFFICIENCY, 0.5)),
            ResponseFilter::tag,
            Method::responses,
            (method, it) -> method.with(it))),
    /** Advantage: comparison of the rewards of a group, or of a step. */
    ADVANTAGE(new Table<Advantage>(
            List.of(
                    new GroupNormalized(1, true),
                    new Smooth(1, true, true),
                    new LeaveOneOut(),
                    new MeanRelative(),
                    new AnyOfK(4),
                    new QuantileNormalized(1, 0.4),
                    new LengthWeighted(),
                    new BatchNormalized(1),
                    new TokenWhitened(1, true),
                    new PartsNormalized(1)),
            Advantage::tag,
            Method::advantage,
            (method, it) -> method.with(it))),
    /** Surrogate: objective of a token. */
    SURROGATE(new Table<>(
            List.<Surrogate>of(
                    new ClippedSurrogate(),
                    new MaskedSurrogate(20),
                    new ClippedWeight(),
                    new TruncatedWeight(2),
                    new BandWeight(0.5, 5),
                    new SoftGate(1, 1.05),
                    new GeometricMean(),
                    new SequenceKernel(2, 3, 3, 2)),
            Surrogate::tag,
            method -> method.loss().surrogate(),
            (method, it) -> method.with(it))),
    /** Importance ratio. */
    RATIO(new Table<>(
            List.of(
                    new TokenRatio(Ratio.LOG_RATIO_LIMIT),
                    new SequenceRatio(SequenceRatio.LOG_MEAN_LIMIT),
                    new MicroBatchRatio(SequenceRatio.LOG_MEAN_LIMIT)),
            Ratio::tag,
            method -> method.loss().ratio(),
            (method, it) -> method.with(it))),
    /** Clip of the ratio, dual clip included. */
    CLIP(new Table<>(
            List.of(
                    Clipping.of(new FixedClip(0.2, 0.2)),
                    new Clipping(AdaptiveClip.withDualClip(0.16, 0.2, 10), 10),
                    Clipping.of(new TotalVariationClip(0.15, 0.15, Double.POSITIVE_INFINITY)),
                    Clipping.of(new ChiSquaredClip(0.05, 0.05, 10)),
                    Clipping.of(new KlClip(0.05, 0.05, 10))),
            Clipping::tag,
            method -> method.loss().clipping(),
            (method, it) -> method.with(it))),
    /** Weight: factor of a token in the sum that is the loss. */
    WEIGHT(new Table<>(
            List.of(
                    new SequenceMean(),
                    new TokenMean(),
                    new OnlyTokenMean(),
                    new ScaledOnlyTokenMean(),
                    new SequenceMeanTokenSum(),
                    new MaxLengthMean(),
                    new TokenSumByMaxLength(),
                    new TokenSum()),
            Weight::tag,
            Method::weight,
            (method, it) -> method.with(it))),
    /** Penalty for drifting from the reference policy. */
    KL(new Table<>(
            Stream.concat(
                            Stream.of(KlPenalty.NONE),
                            Arrays.stream(KlPenalty.Estimator.values()).map(it -> new KlPenalty(it, 0.001)))
                    .toList(),
            KlPenalty::tag,
            method -> method.loss().kl(),
            (method, it) -> method.with(it))),
    /** Bonus for the policy's entropy. */
    ENTROPY(new Table<>(
            List.of(EntropyBonus.NONE, new EntropyBonus(0.001)),
            EntropyBonus::tag,
            method -> method.loss().entropy(),
            (method, it) -> method.with(it))),
    /** Gate: tokens that learn. */
    GATE(new Table<>(
            List.<Gate>of(
                    new OpenGate(),
                    new OffPolicyMask(0.5),
                    new ClipCov(2e-4, 1, 5),
                    new KlCov(2e-3, 1),
                    new TopEntropy(0.2)),
            Gate::tag,
            method -> method.loss().gate(),
            (method, it) -> method.with(it))),
    /** Standard deviation of the advantage: 1 for the sample's, 0 for the population's. */
    DDOF(new Table<>(
            List.of(0, 1),
            String::valueOf,
            method -> method.advantage().ddof(),
            (method, it) -> method.with(method.advantage().withDdof(it))));

    private final Table<?> table;

    Axis(Table<?> table) {
        this.table = table;
    }

    /**
     * Returns a method that differs from the given one on this axis only.
     *
     * @param method method to start from, which is not modified
     * @param change kind, one of {@link #choices()}: a tag, or the name of a published method whose value on this axis is
     *               used; and settings of that kind, or of the method's own
     * @param preset source of the published method's settings; not used if the kind is a tag
     * @throws IllegalArgumentException if the kind is not one of {@link #choices()}, a setting is not possible, or the
     *     method's surrogate does not look at what would change
     */
    public Method changed(Method method, Change change, Preset preset) {
        requireEffect(method.loss().surrogate(), change);
        return table.changed(this, method, change, preset);
    }

    /** Refuses a change of what the method's surrogate does not look at; SURROGATE itself is changed before. */
    private void requireEffect(Surrogate surrogate, Change change) {
        if (this == CLIP) {
            require(surrogate, Surrogate.Part.CLIP, "CLIP");
        }
        if (this == CLIP && change.settings().containsKey("dualClip")) {
            require(surrogate, Surrogate.Part.DUAL_CLIP, "CLIP.dualClip");
        }
        if (this == RATIO && change.kind() != null) {
            require(surrogate, Surrogate.Part.RATIO, "the kind of RATIO");
        }
    }

    private static void require(Surrogate surrogate, Surrogate.Part part, String name) {
        if (!surrogate.uses().contains(part)) {
            throw new IllegalArgumentException(
                    name + " has no effect beside the surrogate " + surrogate.tag() + ": leave it out");
        }
    }

    /**
     * Returns a method that differs from the given one by the kind of value on this axis, with its usual settings.
     *
     * @param method method to start from, which is not modified
     * @param kind   tag of the new value, or a published method that has it
     * @param preset source of the published method's settings
     */
    public Method changed(Method method, String kind, Preset preset) {
        return changed(method, Change.to(kind), preset);
    }

    /** Tags of the kinds of value on this axis. */
    public List<String> tags() {
        return table.tags();
    }

    /** Kinds that {@link #changed} accepts: tags, and published methods. */
    public List<String> choices() {
        return table.names();
    }

    /**
     * Settings of a method's value on this axis with their values, in their order.
     *
     * @param method method to look at
     */
    public Map<String, Object> settings(Method method) {
        return RecordSettings.of(table.of.apply(method));
    }

    /**
     * Table of the values of an axis.
     *
     * @param members values that a tag names, with their usual settings
     * @param tag     function from a value to its tag
     * @param of      function from a method to its value on this axis
     * @param with    function from a method and a value to the method with that value on this axis
     */
    private record Table<T>(
            List<? extends T> members,
            Function<T, String> tag,
            Function<Method, T> of,
            BiFunction<Method, T, Method> with) {

        Method changed(Axis axis, Method method, Change change, Preset preset) {
            T base = change.kind() == null ? of.apply(method) : named(axis, change.kind(), preset);
            return with.apply(method, RecordSettings.with(axis.name(), base, change.settings()));
        }

        private T named(Axis axis, String kind, Preset preset) {
            for (T member : members) {
                if (tag.apply(member).equals(kind)) {
                    return member;
                }
            }
            for (Method.Algorithm algorithm : Method.Algorithm.values()) {
                if (algorithm.name().equals(kind)) {
                    return of.apply(preset.of(algorithm));
                }
            }
            throw new IllegalArgumentException(axis + " can be one of " + names() + ", not " + Json.shown(kind));
        }

        List<String> tags() {
            return members.stream().map(tag).toList();
        }

        List<String> names() {
            return Stream.concat(
                            tags().stream(),
                            Arrays.stream(Method.Algorithm.values()).map(Method.Algorithm::name))
                    .distinct()
                    .toList();
        }
    }
}
