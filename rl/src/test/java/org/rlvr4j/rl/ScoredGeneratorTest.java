package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlvr4j.rl.TrainerRun.settings;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.rlvr4j.data.ProblemOrder;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.tensor.DType;

/** Rollouts whose keys and values are rounded: the old policy is the training forward all the same. */
class ScoredGeneratorTest {

    private static final Method METHOD = Method.Algorithm.GRPO.paper();
    private static final TrainerSettings SETTINGS = settings(1, 60, 1);

    @Test
    void logProbabilitiesAreTheLearnersAndTheTokensAreTheGenerators() {
        var prompts = List.of(new Prompt(1, new int[] {1, 2, 3}), new Prompt(2, new int[] {4, 5, 6, 7, 8}));
        var sampling = new Sampling(3, 1, 0, 1, 12, 1);
        try (var run = new TrainerRun(2);
                var rounded = rounded(run)) {
            LocalLearner learner = run.learner(METHOD, SETTINGS, null);
            var scored = new ScoredGenerator(rounded, learner);

            Batch drawn = batch(rounded.generate(prompts, sampling));
            Batch batch = batch(scored.generate(prompts, sampling));

            assertThat(scored.isExact()).isTrue();
            assertThat(batch.tokens()).isEqualTo(drawn.tokens());
            assertThat(batch.oldLogProbs()).isEqualTo(learner.score(batch).logProbs());
            assertThat(batch.oldLogProbs()).isNotEqualTo(drawn.oldLogProbs());
        }
    }

    @Test
    void firstUpdateOfAStepIsOnPolicy() {
        try (var run = new TrainerRun(2);
                var rounded = rounded(run)) {
            var scored = new ScoredGenerator(rounded, run.learner(METHOD, SETTINGS, null));

            var trainer = run.trainer(
                    TrainerRun.answering(scored, tokens -> "\\boxed{" + tokens[0] % 2 + "}"), METHOD, SETTINGS, null);
            Trainer.Step step = trainer.step();

            assertThat(step.metrics().ppoKl()).isZero();
            trainer.close();
        }
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
