package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
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
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.rl.clip.FixedClip;
import org.rlvr4j.rl.entropy.EntropyBonus;
import org.rlvr4j.rl.kl.KlPenalty;
import org.rlvr4j.rl.ratio.MicroBatchRatio;
import org.rlvr4j.rl.ratio.Ratio;
import org.rlvr4j.rl.ratio.SequenceRatio;
import org.rlvr4j.rl.ratio.TokenRatio;
import org.rlvr4j.rl.surrogate.BandWeight;
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
    @MethodSource("methods")
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
        double[] adaptive =
                gradient(grpo().with(new Clipping(new AdaptiveClip(0.16, 0.2, 10), 10)), logProb, old, EQUAL, 1, 1);

        assertThat(fixed[0]).isZero();
        assertThat(adaptive[0]).isNegative();
    }

    @Test
    void dualClipLimitsWhatATokenOfABadResponseCounts() {
        double[] logProb = {2, -1, -1, -1}; // ratio 20
        PolicyLoss dual = grpo().with(new Clipping(new FixedClip(0.2, 0.2), 10));

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

        double[] gradient = gradient(grpo().with(new Clipping(new FixedClip(0.2, 0.2), 2)), logProb, OLD, EQUAL, 1, 1);

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
    void theMeanOfASequenceIsLimitedAndNotItsTokens() {
        double[] old = {-1, -101, -1, -1};
        double[] logProb = {-1, -1, -21, -51}; // log-ratios 100, -20 and -50 of the second response

        gradient(sequence(10), logProb, old, EQUAL, 0, 1);

        double mean = (100 - 20 - 50) / 3.0; // tokens limited to 20 each would have a mean below 0
        assertThat(statistics.loss()).isCloseTo(-3 * 0.25 * Math.exp(Math.min(mean, 10)), within(1e-2));
        assertThat(gradient(sequence(1.5), logProb, old, EQUAL, 0, 1)[1]).isZero(); // beyond its limit
    }

    private static PolicyLoss sequence(double limit) {
        return loss(new SequenceRatio(limit), new FixedClip(1, Double.POSITIVE_INFINITY), KlPenalty.NONE);
    }

    @Test
    void unbiasedPenaltyHasTheGradientOfTheDivergenceWhereverThePolicyHasMoved() {
        double[] logProb = {-0.5, -1.5, -4, -1};
        double[] reference = {-2, -1, -0.25, -1.5};
        Workspace exact = GoldenBatch.workspace(DType.F64);
        Tensor now = GoldenBatch.parameter(exact, logProb);
        ResponseTokens tokens = ResponseTokens.of(exact, RESPONSES, OLD, new double[2], EQUAL, reference);

        Autograd.backward(
                counted(grpo().with(new KlPenalty(KlPenalty.Estimator.K3_UNBIASED, 1)), now, tokens, statistics));

        for (int t = 0; t < 4; t++) { // r d, for KL(p, ref) is the sum over tokens of q r d, and that of q r is 1
            double expected = 0.25 * Math.exp(logProb[t] - OLD[t]) * (logProb[t] - reference[t]);
            assertThat(now.grad().get(t)).as("token %d", t).isCloseTo(expected, within(1e-12));
        }
    }

    @Test
    void icePopCountsATokenWithItsRatioWithinTheBandAndNotAtAllOutside() {
        double[] logProb = {-1 + Math.log(0.4), -1 + Math.log(0.5) + 1e-6, -1 + Math.log(4), -1 + Math.log(6)};
        PolicyLoss icePop = grpo().with(new BandWeight(0.5, 5));

        double[] gradient = gradient(icePop, logProb, OLD, EQUAL, 1, -1);

        assertThat(gradient).containsExactly(new double[] {0, 0.25 * 0.5, 0.25 * 4, 0}, within(1e-5));
        assertThat(statistics.clippedLowShare()).isEqualTo(0.25);
        assertThat(statistics.clippedHighShare()).isEqualTo(0.25);
    }

    @Test
    void entropyBonusWithoutEntropiesIsRejected() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> gradient(grpo().with(new EntropyBonus(0.1)), OLD, OLD, EQUAL, 1, 1))
                .withMessage("an entropy bonus needs the policy's entropies");
    }

    @Test
    void tokenFormHasTheGradientOfTheSequenceObjective() {
        Workspace exact = GoldenBatch.workspace(DType.F64);
        Tensor logProb = GoldenBatch.parameter(exact, -1.1, -0.9, -1.2, -0.8);
        ResponseTokens tokens = ResponseTokens.of(exact, RESPONSES, OLD, new double[] {0.5, -2}, EQUAL, null);
        PolicyLoss wide =
                loss(new SequenceRatio(SequenceRatio.LOG_MEAN_LIMIT), new FixedClip(0.2, 0.2), KlPenalty.NONE);

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
    @MethodSource("divisible")
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
                .isThrownBy(() -> grpo().with(new Clipping(new FixedClip(0.2, 0.2), 1)))
                .withMessageContaining("dualClip must be above 1, not 1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KlPenalty(KlPenalty.Estimator.K1, -1))
                .withMessageContaining("-1.0");
    }

    /** The published methods, and GRPO with every kind of every axis. */
    static Stream<Method> methods() {
        return Methods.all().values().stream()
                .map(method -> method.with(KlPenalty.NONE).with(EntropyBonus.NONE))
                .distinct();
    }

    /** Those that the division of a mini-batch changes nothing of. */
    static Stream<Method> divisible() {
        return methods().filter(method -> !method.loss().ratio().dependsOnMicroBatches());
    }

    static Stream<Arguments> combinations() {
        return Stream.concat(
                clippedCombinations(), Axis.RATIO.tags().stream().flatMap(ratio -> Axis.CLIP.tags().stream()
                        .flatMap(clip ->
                                Axis.SURROGATE.tags().stream().map(surrogate -> combined(ratio, clip, surrogate)))));
    }

    private static Arguments combined(String ratio, String clip, String surrogate) {
        Method method = Method.Algorithm.GRPO.paper().with(new KlPenalty(KlPenalty.Estimator.K3_UNBIASED, 0.001));
        method = Axis.CLIP.changed(Axis.RATIO.changed(method, ratio, Preset.PAPER), clip, Preset.PAPER);
        return Arguments.of(Axis.SURROGATE.changed(method, surrogate, Preset.PAPER));
    }

    private static Stream<Arguments> clippedCombinations() {
        return Stream.of(
                        new TokenRatio(Ratio.LOG_RATIO_LIMIT),
                        new SequenceRatio(SequenceRatio.LOG_MEAN_LIMIT),
                        new MicroBatchRatio(SequenceRatio.LOG_MEAN_LIMIT))
                .flatMap(ratio -> Stream.of(new FixedClip(0.2, 0.28), new AdaptiveClip(0.16, 0.2, 10))
                        .flatMap(clip -> Stream.of(KlPenalty.Estimator.values())
                                .map(estimator -> loss(ratio, clip, new KlPenalty(estimator, 0.001)))))
                .flatMap(loss -> Stream.of(
                        loss,
                        loss.with(KlPenalty.NONE),
                        loss.with(new Clipping(loss.clipping().clip(), 10))))
                .flatMap(loss -> Stream.of(Method.Algorithm.DCPO.paper(), Method.Algorithm.GRPO.paper())
                        .map(method -> method.with(loss)))
                .flatMap(method ->
                        Axis.WEIGHT.tags().stream().map(weight -> Axis.WEIGHT.changed(method, weight, Preset.PAPER)))
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
        return new PolicyLoss(ratio, Clipping.of(clip), kl);
    }
}
