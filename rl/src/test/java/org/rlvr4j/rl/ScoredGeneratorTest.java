package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.rlvr4j.rl.TrainerRun.settings;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.rlvr4j.data.ProblemOrder;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.rl.ScoredGenerator.OldPolicy;
import org.rlvr4j.rl.surrogate.TruncatedWeight;
import org.rlvr4j.tensor.DType;

/** Rollouts whose keys and values are rounded: the old policy is the training forward all the same. */
class ScoredGeneratorTest {

    private static final Method METHOD = Method.Algorithm.GRPO.paper();
    private static final double TRUNCATION = 1.00001;
    private static final Method TRUNCATED = METHOD.with(new TruncatedWeight(TRUNCATION));
    private static final TrainerSettings SETTINGS = settings(1, 60, 1);

    @Test
    void logProbabilitiesAreTheLearnersAndTheTokensAreTheGenerators() {
        var prompts = List.of(new Prompt(1, new int[] {1, 2, 3}), new Prompt(2, new int[] {4, 5, 6, 7, 8}));
        var sampling = new Sampling(3, 1, 0, 1, 12, 1);
        try (var run = new TrainerRun(2);
                var rounded = rounded(run)) {
            LocalLearner learner = run.learner(METHOD, SETTINGS, null);
            var scored = new ScoredGenerator(rounded, learner, OldPolicy.TRAINER);

            Batch drawn = batch(rounded.generate(prompts, sampling));
            Batch batch = batch(scored.generate(prompts, sampling));

            assertThat(scored.isExact()).isTrue();
            assertThat(batch.tokens()).isEqualTo(drawn.tokens());
            assertThat(batch.oldLogProbs()).isEqualTo(learner.score(batch).logProbs());
            assertThat(batch.oldLogProbs()).isNotEqualTo(drawn.oldLogProbs());
            assertMismatch(scored, drawn.oldLogProbs(), batch.oldLogProbs());
        }
    }

    @Test
    void firstUpdateOfAStepIsOnPolicy() {
        try (var run = new TrainerRun(2);
                var rounded = rounded(run)) {
            var scored = new ScoredGenerator(rounded, run.learner(METHOD, SETTINGS, null), OldPolicy.TRAINER);

            var trainer = run.trainer(
                    TrainerRun.answering(scored, tokens -> "\\boxed{" + tokens[0] % 2 + "}"), METHOD, SETTINGS, null);
            Trainer.Step step = trainer.step();

            assertThat(step.metrics().ppoKl()).isZero();
            trainer.close();
        }
    }

    @Test
    void tokensMayKeepTheLogProbabilitiesThatTheyWereDrawnWith() {
        var prompts = List.of(new Prompt(1, new int[] {1, 2, 3}), new Prompt(2, new int[] {4, 5, 6, 7, 8}));
        var sampling = new Sampling(3, 1, 0, 1, 12, 1);
        try (var run = new TrainerRun(2);
                var rounded = rounded(run)) {
            LocalLearner learner = run.learner(METHOD, SETTINGS, null);
            var scored = new ScoredGenerator(rounded, learner, OldPolicy.ROLLOUT);

            Batch drawn = batch(rounded.generate(prompts, sampling));
            Batch batch = batch(scored.generate(prompts, sampling));

            assertThat(batch.oldLogProbs()).isEqualTo(drawn.oldLogProbs());
            assertMismatch(scored, drawn.oldLogProbs(), learner.score(batch).logProbs());
        }
    }

    @Test
    void truncatedWeightsActOnTheMismatchInTheFirstUpdate() {
        Trainer.Step trainers = truncatedStep(OldPolicy.TRAINER);
        Trainer.Step rollouts = truncatedStep(OldPolicy.ROLLOUT);

        assertThat(trainers.metrics().ppoKl()).isZero();
        assertThat(trainers.metrics().dualClipped()).isZero();
        double[] drawn = rollouts.batch().oldLogProbs();
        double[] learners;
        try (var run = new TrainerRun(2)) { // with the weights from before the step
            learners = run.learner(TRUNCATED, SETTINGS, null)
                    .score(rollouts.batch())
                    .logProbs();
        }
        double sum = 0;
        double above = 0;
        for (int i = 0; i < drawn.length; i++) {
            sum += drawn[i] - learners[i];
            above += Math.exp(learners[i] - drawn[i]) > TRUNCATION ? 1 : 0;
        }
        assertThat(rollouts.metrics().ppoKl()).isNotZero().isCloseTo(sum / drawn.length, within(1e-6));
        assertThat(above).isPositive().isLessThan(drawn.length);
        assertThat(rollouts.metrics().dualClipped()).isCloseTo(above / drawn.length, within(1.0 / drawn.length));
    }

    private static Trainer.Step truncatedStep(OldPolicy oldPolicy) {
        try (var run = new TrainerRun(2);
                var rounded = rounded(run)) {
            var scored = new ScoredGenerator(rounded, run.learner(TRUNCATED, SETTINGS, null), oldPolicy);
            try (var trainer = run.trainer(
                    TrainerRun.answering(scored, tokens -> "\\boxed{" + tokens[0] % 2 + "}"),
                    TRUNCATED,
                    SETTINGS,
                    null)) {
                return trainer.step();
            }
        }
    }

    private static void assertMismatch(ScoredGenerator scored, double[] rollout, double[] trainer) {
        double sum = 0;
        double max = 0;
        double divergence = 0;
        for (int i = 0; i < rollout.length; i++) {
            double difference = trainer[i] - rollout[i];
            sum += Math.abs(difference);
            max = Math.max(max, Math.abs(difference));
            divergence += Math.exp(difference) - 1 - difference;
        }
        Mismatch mismatch = scored.takeMismatch();
        assertThat(mismatch.tokens()).isEqualTo(rollout.length);
        assertThat(mismatch.mean()).isPositive().isCloseTo(sum / rollout.length, withinPercentage(0.01));
        assertThat(mismatch.max()).isCloseTo(max, withinPercentage(0.01));
        assertThat(mismatch.divergence()).isPositive().isCloseTo(divergence / rollout.length, withinPercentage(1));
        assertThat(mismatch.metrics())
                .isEqualTo(Map.of(
                        "mismatch", mismatch.mean(),
                        "maxMismatch", mismatch.max(),
                        "mismatchKl", mismatch.divergence()));
        assertThat(scored.takeMismatch()).isEqualTo(Mismatch.NONE);
    }

    @Test
    void rolloutRefusesLogProbabilitiesThatAreNotThePolicys() {
        try (var run = new TrainerRun(2);
                var rounded = rounded(run)) {
            var order = new ProblemOrder(TrainerRun.problemsWithAnswer("1"), 3);

            assertThatThrownBy(() -> new Rollout(TrainerRun.answering(rounded, _ -> ""), order, METHOD))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageEndingWith("make a ScoredGenerator of it");
        }
    }

    private static BatchGenerator rounded(TrainerRun run) {
        return new BatchGenerator(run.model, 5, Set.of(), () -> {}, DType.BF16);
    }

    private static Batch batch(List<List<Completion>> completions) {
        List<Completion> all = completions.stream().flatMap(List::stream).toList();
        return new Batch(all, new double[all.size()]);
    }
}
