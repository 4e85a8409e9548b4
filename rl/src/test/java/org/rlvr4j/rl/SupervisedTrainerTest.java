package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.eval.Demonstration;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.Lora;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.LearningRate;
import org.rlvr4j.tensor.LogProbs;
import org.rlvr4j.tensor.Segments;

/** Learning of demonstrations with tokens that are not learned. */
class SupervisedTrainerTest {

    private static final Demonstration SHORT = demonstration("..x", 1, 2, 3);
    private static final Demonstration TURNS = demonstration(".x..xx", 4, 5, 6, 7, 8, 13);
    private static final Demonstration WHOLE = demonstration("xxxx", 9, 0, 10, 13);
    private static final List<Demonstration> BATCH = List.of(SHORT, TURNS, WHOLE);

    @Test
    void lossIsTheMeanOverAllLearnedTokens() {
        try (var run = new TrainerRun(1);
                SupervisedTrainer trainer = trainer(run.model, 100)) {
            double sum = logProb(run.model, SHORT, 1)
                    + logProb(run.model, TURNS, 0)
                    + logProb(run.model, TURNS, 3)
                    + logProb(run.model, TURNS, 4)
                    + logProb(run.model, WHOLE, 0)
                    + logProb(run.model, WHOLE, 1)
                    + logProb(run.model, WHOLE, 2);
            String weights = TrainerRun.weights(run.model);

            assertThat(trainer.loss(BATCH)).isCloseTo(-sum / 7, within(1e-12));
            assertThat(TrainerRun.weights(run.model)).isEqualTo(weights);
            assertThat(trainer.learn(BATCH))
                    .usingRecursiveComparison()
                    .ignoringFields("gradNorm")
                    .isEqualTo(new SupervisedTrainer.Update(-sum / 7, 0, 0.01, 13, 7));
            assertThat(trainer.loss(BATCH)).isLessThan(-sum / 7);
        }
    }

    /** Log-probability of the token behind a row, alone. */
    private static double logProb(Decoder model, Demonstration one, int row) {
        return model.workspace().scoped(() -> new LogProbs(
                        model.logProb(one.tokens(), new int[] {row}, Segments.ofLengths(one.length()), 1))
                .logProb(0));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "1, 9", "3, 10"})
    void cutIntoPassesChangesNoBit(int threads, int microBatchTokens) {
        try (var whole = new TrainerRun(1);
                var cut = new TrainerRun(threads);
                SupervisedTrainer one = trainer(whole.model, 100);
                SupervisedTrainer other = trainer(cut.model, microBatchTokens)) {
            for (int step = 0; step < 3; step++) {
                assertThat(other.learn(BATCH)).isEqualTo(one.learn(BATCH));
            }

            assertThat(other.loss(BATCH)).isEqualTo(one.loss(BATCH));
            assertThat(TrainerRun.weights(cut.model)).isEqualTo(TrainerRun.weights(whole.model));
        }
    }

    @Test
    void adaptersAloneAreTrained() {
        var lora = new Lora(2, 4, List.of("q_proj", "down_proj"), 1);
        try (var run = new TrainerRun(1, false, lora);
                SupervisedTrainer trainer = trainer(run.model, 100)) {
            String frozen = TrainerRun.weights(run.model.base().orElseThrow());
            double before = trainer.loss(BATCH);

            for (int step = 0; step < 20; step++) {
                trainer.learn(BATCH);
            }

            assertThat(trainer.loss(BATCH)).isLessThan(before - 0.01);
            assertThat(TrainerRun.weights(run.model.base().orElseThrow())).isEqualTo(frozen);
        }
    }

    @Test
    void gradientThatIsNotFiniteIsNotAppliedAndNamed() {
        try (var run = new TrainerRun(1);
                SupervisedTrainer trainer = trainer(run.model, 100)) {
            run.model.parameters().get("model.norm.weight").data().set(0, Double.NaN);
            String weights = TrainerRun.weights(run.model);

            assertThatExceptionOfType(NotFiniteException.class)
                    .isThrownBy(() -> trainer.learn(BATCH))
                    .withMessageContaining("step 1: the gradient of ")
                    .withMessageContaining("examples.jsonl, line 1 and others");
            assertThat(TrainerRun.weights(run.model)).isEqualTo(weights);
        }
    }

    @Test
    void demonstrationOfNothingIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> demonstration("x..", 1, 2, 3)) // no token predicts the first
                .withMessage("examples.jsonl, line 1: has no token to learn");
    }

    private static SupervisedTrainer trainer(Decoder model, int microBatchTokens) {
        return new SupervisedTrainer(
                model, LearningRate.constant(0.01, 0, false), AdamW.withDecay(0), 1, microBatchTokens);
    }

    /** @param marks an x for each token that is learned */
    private static Demonstration demonstration(String marks, int... tokens) {
        var learned = new boolean[tokens.length];
        for (int i = 0; i < tokens.length; i++) {
            learned[i] = marks.charAt(i) == 'x';
        }
        return new Demonstration("examples.jsonl, line 1", tokens, learned);
    }
}
