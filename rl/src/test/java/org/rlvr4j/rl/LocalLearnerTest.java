package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlvr4j.rl.TrainerRun.settings;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;

/** The second forward pass, which gates over a whole mini-batch look at. */
class LocalLearnerTest {

    @ParameterizedTest
    @ValueSource(ints = {20, 60, TrainerRun.WHOLE})
    void scoresAreTheLogProbabilitiesOfTheRolloutToTheLastBitWhereverTheBatchIsCut(int microBatchTokens) {
        double temperature = 0.7;
        try (var run = new TrainerRun(2);
                var generator = new BatchGenerator(run.model, 5)) {
            List<Completion> completions =
                    generator.generate(prompts(), new Sampling(3, temperature, 0, 1, 12, 1)).stream()
                            .flatMap(List::stream)
                            .toList();
            var batch = new Batch(completions, new double[completions.size()]);
            String weights = TrainerRun.weights(run.model);

            LocalLearner learner =
                    run.learner(Method.Algorithm.GRPO.paper(), settings(1, microBatchTokens, temperature), null);
            Learner.Scores scores = learner.score(batch);

            assertThat(scores.logProbs()).isEqualTo(batch.oldLogProbs());
            assertThat(scores.entropies()).hasSameSizeAs(scores.logProbs()).doesNotContain(0);
            assertThat(Arrays.stream(scores.entropies()))
                    .allMatch(entropy -> entropy > 0 && entropy <= Math.log(14) + 1e-6); // of as many tokens
            assertThat(TrainerRun.weights(run.model)).isEqualTo(weights);
        }
    }

    private static List<Prompt> prompts() {
        return List.of(new Prompt(1, new int[] {1, 2, 3}), new Prompt(2, new int[] {4, 5, 6, 7, 8}));
    }
}
