package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.rl.Method.Algorithm;
import org.rlvr4j.rl.advantage.Advantage;
import org.rlvr4j.rl.advantage.RewardHistory;
import org.rlvr4j.rl.clip.AdaptiveClip;
import org.rlvr4j.rl.clip.Clip;
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.rl.clip.FixedClip;
import org.rlvr4j.rl.kl.KlPenalty;
import org.rlvr4j.rl.reward.LengthShaping;
import org.rlvr4j.rl.reward.VerdictReward;
import org.rlvr4j.rl.surrogate.ResponseTokens;
import org.rlvr4j.rl.weight.ScaledOnlyTokenMean;
import org.rlvr4j.rl.weight.TokenMean;
import org.rlvr4j.rl.weight.Weight;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;

/**
 * Where a paper and its published code differ: both sides on numbers that can be checked in the head, and which side the
 * presets take. Rows 8 and 14 of docs/paper-vs-code.md are in module eval, and the settings' names in cli.
 */
class PaperAgainstCodeTest {

    private static final Segments ONE_AND_THREE_TOKENS = Segments.ofLengths(1, 3);
    private static final Weight.Totals WHOLE = Weight.Totals.of(ONE_AND_THREE_TOKENS, 3);

    private static final List<Algorithm> COMPARED =
            Stream.of(Algorithm.values()).filter(Algorithm::hasScript).toList();

    private final RewardHistory history = new RewardHistory();

    @Test
    void row1SmoothingRemembersEarlierVisitsOnlyInThePaper() {
        Advantage paper = Algorithm.DCPO.paper().advantage();
        Advantage script = Algorithm.DCPO.script().advantage();
        paper.of("p", new double[] {1, -1}, history);
        script.of("p", new double[] {1, -1}, history);

        double[] remembered = paper.of("p", new double[] {1, 1}, history);
        double[] forgotten = script.of("p", new double[] {1, 1}, history);

        // over both visits the mean is 1/2 and the variance (2 + 0 + 1/2) / 2; half of (1 - 1/2) / 1.118
        assertThat(remembered).containsExactly(new double[] {0.2236, 0.2236}, within(1e-4));
        assertThat(forgotten).containsExactly(0, 0);
    }

    @Test
    void row2TheScriptClipsDcpoWiderThanThePaper() {
        Clip paper = Algorithm.DCPO.paper().loss().clipping().clip();
        Clip script = Algorithm.DCPO.script().loss().clipping().clip();

        // of a token that was certain: (1 +- sqrt(1 -+ 4 eps)) / 2 around 1
        assertThat(paper.low(0)).isCloseTo(0.8, within(1e-4));
        assertThat(paper.high(0)).isCloseTo(1.1708, within(1e-4));
        assertThat(script.low(0)).isCloseTo(0.7236, within(1e-4));
        assertThat(script.high(0)).isCloseTo(1.2280, within(1e-4));
    }

    @Test
    void row3OnlyTokenMeanIsASumOfMeansInThePaperAndAMeanOverAllTokensInTheScript() {
        Weight paper = Algorithm.DCPO.paper().weight();
        Weight script = Algorithm.DCPO.script().weight();

        double third = 1 / 3.0;
        assertThat(weights(paper)).containsExactly(1, third, third, third);
        assertThat(weights(script)).containsExactly(0.25, 0.25, 0.25, 0.25);
        assertThat(weights(new ScaledOnlyTokenMean())).containsExactly(0.5, third / 2, third / 2, third / 2);
        assertThat(weights(new ScaledOnlyTokenMean()))
                .isEqualTo(weights(Algorithm.GRPO.paper().weight()));
    }

    @Test
    void row3OnlyTokenMeanIsASumOverTheTokensInTheReadmeAndASumOverAllTokensInTheOldScript() {
        Method readme = Preset.README_ZH.of(Algorithm.DCPO);
        Method before = Preset.SCRIPT_BEFORE_2025_12.of(Algorithm.DCPO);

        assertThat(weights(readme.weight())).containsOnly(0.5); // of two responses; lengths do not count
        assertThat(weights(before.weight())).containsOnly(1);
        assertThat(readme.with(Algorithm.DCPO.paper().weight())).isEqualTo(Algorithm.DCPO.paper());
        assertThat(before.with(Algorithm.DCPO.script().weight())).isEqualTo(Algorithm.DCPO.script());
        for (Algorithm other : List.of(Algorithm.GRPO, Algorithm.DAPO, Algorithm.GSPO)) {
            assertThat(Preset.README_ZH.of(other)).isEqualTo(other.paper());
            assertThat(Preset.SCRIPT_BEFORE_2025_12.of(other)).isEqualTo(other.script());
        }
    }

    @Test
    void row4TheScriptsGspoRatioIsThatOfTheWholeMicroBatch() {
        double[] old = {-1, -1, -1, -1};
        double[] now = {-1 + Math.log(2), -1, -1, -1}; // only the first response, of one token, has become likelier

        double[] paper = ratios(Algorithm.GSPO.paper().loss(), old, now);
        double[] script = ratios(Algorithm.GSPO.script().loss(), old, now);

        assertThat(paper).containsExactly(new double[] {2, 1, 1, 1}, within(1e-12));
        double shared = Math.pow(2, 0.25); // the geometric mean of 2, 1, 1 and 1
        assertThat(script).containsExactly(new double[] {shared, shared, shared, shared}, within(1e-12));
    }

    @Test
    void row5TheScriptPenalisesGspoForLeavingTheReference() {
        double[] now = {-1, -1, -1, -1};
        double[] reference = {-1, -1, -1, -1 + Math.log(2)};

        assertThat(loss(Algorithm.GSPO.paper(), now, reference)).isZero();
        // k3 of the last token is 2 - log 2 - 1; a third of its response, which is half of the batch
        assertThat(loss(Algorithm.GSPO.script(), now, reference))
                .isCloseTo(0.001 * (1 - Math.log(2)) / 6, within(1e-12));
    }

    @Test
    void row6TheScriptsGiveTheThreeValuedRewardToDcpoAlone() {
        for (Algorithm algorithm : COMPARED) {
            double wrongButBoxed = algorithm == Algorithm.DCPO ? 0 : -1;
            assertThat(algorithm.paper().reward().of(Verdict.of(false))).isZero();
            assertThat(algorithm.script().reward().of(Verdict.of(false))).isEqualTo(wrongButBoxed);
            assertThat(algorithm.paper().reward().of(Verdict.unanswered())).isEqualTo(-1);
        }
        assertThat(VerdictReward.ZERO_ONE.of(Verdict.unanswered())).isZero();
    }

    @Test
    void row7TheOverlongPenaltyIsFeltOnlyIfItMeasuresTheResponse() {
        LengthShaping paper = Algorithm.DAPO.paper().overlong();
        int prompt = 100;
        int response = 3072;

        assertThat(paper.shaped(1, response, true)).isZero();
        assertThat(paper.shaped(1, prompt, true)).isEqualTo(1); // what the published code asks
        assertThat(Algorithm.DAPO.script().overlong().shaped(1, response, true)).isEqualTo(1);
    }

    @Test
    void row9TheStandardDeviationIsTheSamplesAndThePopulationsOnDemand() {
        double[] rewards = {1, -1};
        for (Algorithm algorithm : COMPARED) {
            for (Method preset : new Method[] {algorithm.paper(), algorithm.script()}) {
                double sample = preset.advantage().of("sample " + preset, rewards, history)[0];
                double population = preset.advantage().withDdof(0).of("population " + preset, rewards, history)[0];

                assertThat(sample).isCloseTo(Math.sqrt(0.5), within(1e-5)); // the variance is 2 / (2 - 1)
                assertThat(population).isCloseTo(1, within(1e-5)); // the variance is 2 / 2
            }
        }
    }

    @Test
    void row10WeightsDoNotDependOnTheCutIntoMicroBatches() {
        double[] whole = weights(new TokenMean());
        double[] first = new TokenMean().of(Segments.ofLengths(1), WHOLE);
        double[] second = new TokenMean().of(Segments.ofLengths(3), WHOLE);

        assertThat(whole).containsOnly(0.25);
        assertThat(first).containsOnly(0.25);
        assertThat(second).containsOnly(0.25);
        // the published code: each micro-batch's own token mean, times its share of the responses
        double[] alone = new TokenMean().of(Segments.ofLengths(1), Weight.Totals.of(Segments.ofLengths(1), 3));
        double[] others = new TokenMean().of(Segments.ofLengths(3), Weight.Totals.of(Segments.ofLengths(3), 3));
        assertThat(alone[0] * 1 / 2).isEqualTo(0.5);
        assertThat(others[0] * 1 / 2).isCloseTo(1 / 6.0, within(1e-15));
    }

    @Test
    void row11AStepMakesAsManyUpdatesAsItHasMiniBatches() {
        Method grpo = Algorithm.GRPO.paper();
        try (var one = new TrainerRun(1);
                var two = new TrainerRun(1);
                Trainer onPolicy = one.trainer(grpo, TrainerRun.settings(1, 1_000_000, 1), null);
                Trainer offPolicy = two.trainer(grpo, TrainerRun.settings(2, 1_000_000, 1), null)) {
            // with one mini-batch the policy that learns is the one that wrote; with two, the second has moved away
            assertThat(onPolicy.step().metrics().ppoKl()).isZero();
            assertThat(offPolicy.step().metrics().ppoKl()).isNotZero();
        }
    }

    @Test
    void row12TheScriptsWarmUpStartsAtZeroAndItsFirstStepChangesNothing() {
        LearningRate paper = LearningRate.constant(1e-6, 10, false);
        LearningRate script = LearningRate.constant(1e-6, 10, true);

        assertThat(new double[] {paper.at(0), paper.at(1), paper.at(9), paper.at(10)})
                .containsExactly(new double[] {1e-7, 2e-7, 1e-6, 1e-6}, within(1e-18));
        assertThat(new double[] {script.at(0), script.at(1), script.at(9), script.at(10)})
                .containsExactly(new double[] {0, 1e-7, 9e-7, 1e-6}, within(1e-18));
    }

    @Test
    void row13TheUpperBoundOfTheDynamicClipHasACeiling() {
        double logQ = -Math.log(2100);
        double unlimited = new AdaptiveClip(0.16, 0.2, Double.POSITIVE_INFINITY).high(logQ);

        assertThat(unlimited)
                .isCloseTo(21, within(1e-9)); // (1 + sqrt(1 + 0.8 * 2100)) / 2, and 1681 is the square of 41
        assertThat(Algorithm.DCPO.paper().loss().clipping().clip().high(logQ)).isEqualTo(10);
        assertThat(Algorithm.DCPO.script().loss().clipping().clip().high(logQ)).isEqualTo(10);
        assertThat(AdaptiveClip.withDualClip(0.16, 0.2, 15).high(logQ)).isEqualTo(15);
    }

    private static double[] weights(Weight weight) {
        return weight.of(ONE_AND_THREE_TOKENS, WHOLE);
    }

    /** With advantage and weight 1 and no clip, the gradient is minus the ratio. */
    private static double[] ratios(PolicyLoss loss, double[] old, double[] now) {
        Workspace workspace = GoldenBatch.workspace(DType.F64);
        Tensor logProb = GoldenBatch.parameter(workspace, now);
        double[] ones = {1, 1, 1, 1};
        var free = loss.with(Clipping.of(new FixedClip(1, 9))).with(KlPenalty.NONE);
        var tokens = ResponseTokens.of(workspace, ONE_AND_THREE_TOKENS, old, new double[] {1, 1}, ones, null);
        Autograd.backward(free.of(logProb, tokens).loss());
        return Arrays.stream(GoldenBatch.gradient(logProb)).map(g -> -g).toArray();
    }

    /** Of a policy that has not moved, with no advantage. */
    private static double loss(Method method, double[] now, double[] reference) {
        Workspace workspace = GoldenBatch.workspace(DType.F64);
        double[] weight = method.weight().of(ONE_AND_THREE_TOKENS, WHOLE);
        var tokens = ResponseTokens.of(workspace, ONE_AND_THREE_TOKENS, now, new double[2], weight, reference);
        return method.loss().of(workspace.column(now), tokens).loss().get(0);
    }
}
