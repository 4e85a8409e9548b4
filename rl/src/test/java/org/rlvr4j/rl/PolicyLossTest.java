package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.rlvr4j.rl.GoldenBatch.clipped;
import static org.rlvr4j.rl.GoldenBatch.counted;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.rl.advantage.RewardHistory;
import org.rlvr4j.rl.clip.AdaptiveClip;
import org.rlvr4j.rl.clip.Clip;
import org.rlvr4j.rl.clip.FixedClip;
import org.rlvr4j.rl.kl.KlPenalty;
import org.rlvr4j.rl.ratio.MicroBatchRatio;
import org.rlvr4j.rl.ratio.Ratio;
import org.rlvr4j.rl.ratio.SequenceRatio;
import org.rlvr4j.rl.ratio.TokenRatio;
import org.rlvr4j.rl.surrogate.ClippedSurrogate;
import org.rlvr4j.rl.surrogate.ResponseTokens;
import org.rlvr4j.rl.weight.Weight;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.GradientCheck;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;

class PolicyLossTest {

    private static final Segments RESPONSES = Segments.ofLengths(1, 3);
    private static final double[] OLD = {-1, -1, -1, -1};
    private static final double[] EQUAL = {0.25, 0.25, 0.25, 0.25};

    private final Workspace workspace = GoldenBatch.workspace(DType.F32);
    private final PolicyStatistics statistics = new PolicyStatistics();

    @ParameterizedTest
    @MethodSource("presets")
    void gradientIsWeightTimesAdvantageWhenThePolicyHasNotMoved(Method method) {
        double[] weight = method.weight().of(RESPONSES, Weight.Totals.of(RESPONSES, 3));

        double[] gradient = gradient(method.loss(), OLD, OLD, weight, 2, -1);

        assertThat(gradient)
                .containsExactly(
                        new double[] {-2 * weight[0], weight[1], weight[2], weight[3]}, within(1e-6)); // a loss falls
        assertThat(statistics.tokenClippingRatio()).isZero();
        assertThat(statistics.ppoKl()).isZero();
    }

    @Test
    void tokensPushedBeyondTheBoundsReceiveNoGradient() {
        double[] logProb = {-0.5, -1.5, -0.5, -1}; // ratios 1.65, 0.61, 1.65, 1

        double[] gradient = gradient(grpo(), logProb, OLD, EQUAL, 1, -1);

        assertThat(gradient[0]).isZero(); // good, and already more likely than the upper bound allows
        assertThat(gradient[1]).isZero(); // bad, and already less likely than the lower bound allows
        assertThat(gradient[2]).isPositive(); // bad, but grown more likely: still to be corrected
        assertThat(gradient[3]).isPositive();
        assertThat(statistics.tokenClippingRatio()).isEqualTo(0.5);
        assertThat(statistics.loss()).isCloseTo(0.25 * (-1.2 + 0.8 + Math.exp(0.5) + 1), within(1e-6));
    }

    @Test
    void adaptiveClipLetsRareTokensGrowFurther() {
        double[] old = {-5, -1, -1, -1};
        double[] logProb = {-4, -1, -1, -1}; // ratio 2.7 of a token of probability 0.7 %

        double[] fixed = gradient(grpo(), logProb, old, EQUAL, 1, 1);
        double[] adaptive = gradient(
                grpo().with(new ClippedSurrogate(new AdaptiveClip(0.16, 0.2, 10), 10)), logProb, old, EQUAL, 1, 1);

        assertThat(fixed[0]).isZero();
        assertThat(adaptive[0]).isNegative();
    }

    @Test
    void dualClipLimitsWhatATokenOfABadResponseCounts() {
        double[] logProb = {2, -1, -1, -1}; // ratio 20
        PolicyLoss dual = grpo().with(new ClippedSurrogate(new FixedClip(0.2, 0.2), 10));

        double[] free = gradient(grpo(), logProb, OLD, EQUAL, -1, 1);
        double[] limited = gradient(dual, logProb, OLD, EQUAL, -1, 1);

        assertThat(free[0]).isCloseTo(0.25 * Math.exp(3), within(1e-4));
        assertThat(limited[0]).isZero();
        assertThat(statistics.dualClippedShare()).isEqualTo(1.0 / 8); // of both losses' tokens
        assertThat(statistics.tokenClippingRatio()).isZero();
    }

    @Test
    void dualClipLeavesGoodResponsesAlone() {
        double[] logProb = {-6, -1, -1, -1}; // ratio e^-5: far below, to be raised

        double[] gradient =
                gradient(grpo().with(new ClippedSurrogate(new FixedClip(0.2, 0.2), 2)), logProb, OLD, EQUAL, 1, 1);

        assertThat(gradient[0]).isCloseTo(-0.25 * Math.exp(-5), within(1e-6));
        assertThat(statistics.dualClippedShare()).isZero();
    }

    @Test
    void tokensOfAResponseShareTheSequenceRatio() {
        double[] logProb = {-1, -0.4, -1, -1.6}; // the mean over the second response has not moved
        PolicyLoss gspo = Method.Algorithm.GSPO.paper().loss();

        double[] gradient = gradient(gspo, logProb, OLD, EQUAL, 1, 1);

        assertThat(gradient).containsExactly(new double[] {-0.25, -0.25, -0.25, -0.25}, within(1e-6));
        assertThat(statistics.tokenClippingRatio()).isZero();
    }

    @Test
    void tokenFormHasTheGradientOfTheSequenceObjective() {
        Workspace exact = GoldenBatch.workspace(DType.F64);
        Tensor logProb = GoldenBatch.parameter(exact, -1.1, -0.9, -1.2, -0.8);
        ResponseTokens tokens = ResponseTokens.of(exact, RESPONSES, OLD, new double[] {0.5, -2}, EQUAL, null);
        PolicyLoss wide = loss(new SequenceRatio(Ratio.LOG_RATIO_LIMIT), new FixedClip(0.2, 0.2), KlPenalty.NONE);

        GradientCheck.check(List.of(logProb), () -> counted(wide, logProb, tokens, statistics));
    }

    @ParameterizedTest
    @EnumSource
    void penaltyHasTheGradientOfItsEstimate(KlPenalty.Estimator estimator) {
        Workspace exact = GoldenBatch.workspace(DType.F64);
        Tensor logProb = GoldenBatch.parameter(exact, -1.1, -0.9, -1.2, -0.8);
        double[] reference = {-2, -1, -0.5, -1.5};
        ResponseTokens tokens = ResponseTokens.of(exact, RESPONSES, OLD, new double[] {0.5, -2}, EQUAL, reference);
        PolicyLoss penalised = grpo().with(new KlPenalty(estimator, 0.3));

        GradientCheck.check(List.of(logProb), () -> counted(penalised, logProb, tokens, statistics));
    }

    @ParameterizedTest
    @EnumSource
    void penaltyIsNothingAtTheReferenceAndPullsBackToIt(KlPenalty.Estimator estimator) {
        PolicyLoss penalised = grpo().with(new KlPenalty(estimator, 1));

        Tensor logProb = GoldenBatch.parameter(workspace, -0.5, -1, -1, -1);
        ResponseTokens tokens = ResponseTokens.of(workspace, RESPONSES, OLD, new double[2], EQUAL, OLD);
        Autograd.backward(counted(penalised, logProb, tokens, statistics));

        assertThat(statistics.loss()).isPositive();
        assertThat(logProb.grad().get(0)).isPositive();
        double atReference = logProb.grad().get(1);
        assertThat(atReference).isEqualTo(estimator == KlPenalty.Estimator.K1 ? 0.25 : 0);
    }

    @Test
    void penaltyWithoutAReferenceIsRejected() {
        PolicyLoss penalised = grpo().with(new KlPenalty(KlPenalty.Estimator.K3, 0.001));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> gradient(penalised, OLD, OLD, EQUAL, 1, 1))
                .withMessageContaining("reference");
    }

    @ParameterizedTest
    @MethodSource("presets")
    void cuttingTheMiniBatchChangesNoBit(Method method) {
        double[] logProb = {-0.5, -1.25, -0.125, -3.3};
        double[] weight = method.weight().of(RESPONSES, Weight.Totals.of(RESPONSES, 3));
        double[] whole = gradient(method.loss(), logProb, OLD, weight, 0.7, -1.3);

        var cut = new PolicyStatistics();
        double[] first = gradientOf(method.loss(), cut, Segments.ofLengths(1), logProb, weight, 0, 0.7);
        double[] second = gradientOf(method.loss(), cut, Segments.ofLengths(3), logProb, weight, 1, -1.3);

        assertThat(first[0]).isEqualTo(whole[0]);
        assertThat(second).containsExactly(Arrays.copyOfRange(whole, 1, 4));
        assertThat(cut.loss()).isEqualTo(statistics.loss());
        assertThat(cut.ppoKl()).isEqualTo(statistics.ppoKl());
        assertThat(cut.tokenClippingRatio()).isEqualTo(statistics.tokenClippingRatio());
    }

    @ParameterizedTest
    @MethodSource("combinations")
    void everyCombinationOfChoicesHasAFiniteLossAndGradient(Method method) {
        Segments responses = Segments.ofLengths(2, 0, 1, 3);
        double[] rewards = {1, 0, -1, 1};
        double[] old = {-100, -1e-6, -50, -1e-3, -2, -0.5};
        double[] now = {-1e-6, -100, -50, -40, -2.125, -0.5};
        double[] advantages = method.advantage().of("p", rewards, new RewardHistory());
        double[] weight = method.weight().of(responses, Weight.Totals.of(responses, 3));

        Tensor logProb = GoldenBatch.parameter(workspace, now);
        ResponseTokens tokens = ResponseTokens.of(workspace, responses, old, advantages, weight, old);
        Tensor loss = counted(method.loss(), logProb, tokens, statistics);
        Autograd.backward(loss);

        assertThat(loss.get(0)).isFinite();
        for (int t = 0; t < now.length; t++) {
            assertThat(logProb.grad().get(t)).isFinite();
        }
    }

    @Test
    void impossibleSettingsAreRejected() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> grpo().with(new ClippedSurrogate(new FixedClip(0.2, 0.2), 1)))
                .withMessageContaining("dualClip must be above 1, not 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KlPenalty(KlPenalty.Estimator.K1, -1))
                .withMessageContaining("-1.0");
    }

    static Stream<Method> presets() {
        return Methods.published().values().stream()
                .filter(method -> !method.loss().ratio().dependsOnMicroBatches())
                .map(method -> method.with(KlPenalty.NONE));
    }

    static Stream<Arguments> combinations() {
        return Stream.of(
                        new TokenRatio(Ratio.LOG_RATIO_LIMIT),
                        new SequenceRatio(Ratio.LOG_RATIO_LIMIT),
                        new MicroBatchRatio(Ratio.LOG_RATIO_LIMIT))
                .flatMap(ratio -> Stream.of(new FixedClip(0.2, 0.28), new AdaptiveClip(0.16, 0.2, 10))
                        .flatMap(clip -> Stream.of(KlPenalty.Estimator.values())
                                .map(estimator -> loss(ratio, clip, new KlPenalty(estimator, 0.001)))))
                .flatMap(loss -> Stream.of(
                        loss,
                        loss.with(KlPenalty.NONE),
                        loss.with(new ClippedSurrogate(clipped(loss).clip(), 10))))
                .flatMap(loss -> Stream.of(Method.Algorithm.DCPO.paper(), Method.Algorithm.GRPO.paper())
                        .map(method -> method.with(loss)))
                .flatMap(method ->
                        Axis.WEIGHT.choices().stream().map(weight -> Axis.WEIGHT.changed(method, weight, Preset.PAPER)))
                .distinct()
                .map(Arguments::of);
    }

    private double[] gradient(PolicyLoss loss, double[] logProb, double[] old, double[] weight, double... advantages) {
        Tensor now = GoldenBatch.parameter(workspace, logProb);
        ResponseTokens tokens = ResponseTokens.of(workspace, RESPONSES, old, advantages, weight, null);
        Autograd.backward(counted(loss, now, tokens, statistics));
        return GoldenBatch.gradient(now);
    }

    /** Of the responses that start at token {@code from}. */
    private double[] gradientOf(
            PolicyLoss loss,
            PolicyStatistics noted,
            Segments responses,
            double[] logProb,
            double[] weight,
            int from,
            double... advantages) {
        int to = from + responses.total();
        Tensor now = GoldenBatch.parameter(workspace, Arrays.copyOfRange(logProb, from, to));
        ResponseTokens tokens = ResponseTokens.of(
                workspace,
                responses,
                Arrays.copyOfRange(OLD, from, to),
                advantages,
                Arrays.copyOfRange(weight, from, to),
                null);
        Autograd.backward(counted(loss, now, tokens, noted));
        return GoldenBatch.gradient(now);
    }

    private static PolicyLoss grpo() {
        return Method.Algorithm.GRPO.paper().loss();
    }

    private static PolicyLoss loss(Ratio ratio, Clip clip, KlPenalty kl) {
        return new PolicyLoss(ratio, new ClippedSurrogate(clip, ClippedSurrogate.NO_DUAL_CLIP), kl);
    }
}
