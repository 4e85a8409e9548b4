package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlvr4j.rl.TrainerRun.WHOLE;
import static org.rlvr4j.rl.TrainerRun.settings;
import static org.rlvr4j.rl.TrainerRun.weights;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlvr4j.eval.Answering;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Generator;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.rl.Method.Algorithm;
import org.rlvr4j.rl.filter.Best;
import org.rlvr4j.rl.filter.Curriculum;
import org.rlvr4j.rl.filter.Finished;

/** Steps of methods that learn from some responses only, or visit some problems less often. */
class SelectionTest {

    private static final int RIGHT = 1;
    private static final int WRONG = 0;
    private static final int WITHOUT_ANSWER = 2;

    private final List<Prompt> visited = new ArrayList<>();

    @Test
    void truncatedResponsesAreComparedButNothingIsLearnedFromThem() {
        Method method = Algorithm.GRPO.paper().with(new Finished());
        try (var run = new TrainerRun(1);
                // the right one of four is cut off: what is left has the same negative advantage
                Trainer trainer = run.trainer(answers(i -> i == 0, i -> i == 0), method, settings(1, WHOLE, 1), null)) {
            StepMetrics step = trainer.step().metrics();

            assertThat(step.rur()).isEqualTo(0.75);
            assertThat(step.truncated()).isEqualTo(0.25);
            assertThat(step.loss()).isPositive();
        }
    }

    @Test
    void answersAreCountedApartFromRightOnes() {
        try (var run = new TrainerRun(1);
                // of four, one is right, two are wrong and one has no answer
                Trainer trainer = run.trainer(
                        answers(i -> i == 0, i -> i == 3, _ -> false),
                        Algorithm.GRPO.paper(),
                        settings(1, WHOLE, 1),
                        null)) {
            StepMetrics step = trainer.step().metrics();

            assertThat(step.accuracy()).isEqualTo(0.25);
            assertThat(step.answered()).isEqualTo(0.75);
        }
    }

    @Test
    void droppedResponsesAreNotEvenCompared() {
        Method method = Algorithm.GRPO.paper().with(new Best(Best.Order.TOKEN_EFFICIENCY, 0.5));
        try (var run = new TrainerRun(1);
                // two of four are right, and just as long: those that stay are alike
                Trainer trainer = run.trainer(answers(i -> i < 2, _ -> false), method, settings(1, WHOLE, 1), null)) {
            StepMetrics step = trainer.step().metrics();

            assertThat(step.rur()).isZero();
            assertThat(step.accuracy()).isEqualTo(0.5);
        }
    }

    @Test
    void stepOfWhichNothingIsLeftMakesNoUpdate() {
        Method method = Algorithm.GRPO.paper().with(new Finished());
        try (var run = new TrainerRun(1);
                Trainer trainer = run.trainer(answers(i -> i == 0, _ -> true), method, settings(2, WHOLE, 1), null)) {
            String before = weights(run.model);

            StepMetrics step = trainer.step().metrics();

            assertThat(weights(run.model)).isEqualTo(before);
            assertThat(List.of(step.rur(), step.loss(), step.gradNorm())).containsOnly(0.0);
            assertThat(step.skipped()).isZero();
            assertThat(trainer.state().updates()).isZero();
        }
    }

    @Test
    void problemThatWasNeverSolvedIsPassedOverInTheNextEpoch() {
        Method method = Algorithm.GRPO.paper().with(new Curriculum(1));
        try (var run = new TrainerRun(1);
                Trainer trainer = run.trainer(answers(_ -> false, _ -> false), method, settings(1, WHOLE, 1), null)) {
            trainer.step();
            trainer.step();
            assertThat(new HashSet<>(visited)).hasSize(8); // the whole pool, in the first epoch
            assertThat(trainer.state().rollout().resting()).hasSize(8);

            trainer.step();

            assertThat(trainer.state().rollout().problems().epoch()).isEqualTo(2); // all of the second rested
            assertThat(trainer.state().rollout().resting()).hasSize(4).containsValue(1);
        }
    }

    @Test
    void problemWithContrastComesBackInEveryEpoch() {
        Method method = Algorithm.GRPO.paper().with(new Curriculum(1));
        try (var run = new TrainerRun(1);
                Trainer trainer = run.trainer(answers(i -> i == 0, _ -> false), method, settings(1, WHOLE, 1), null)) {
            IntStream.range(0, 3).forEach(_ -> trainer.step());

            assertThat(trainer.state().rollout().problems().epoch()).isEqualTo(1);
            assertThat(trainer.state().rollout().resting()).isEmpty();
        }
    }

    /** Groups of four one-token answers, by the number of the sample. */
    private Answering answers(IntPredicate right, IntPredicate truncated) {
        return answers(right, _ -> false, truncated);
    }

    private Answering answers(IntPredicate right, IntPredicate unanswered, IntPredicate truncated) {
        Generator generator = (prompts, sampling) -> prompts.stream()
                .map(prompt -> {
                    visited.add(prompt);
                    return IntStream.range(0, 4)
                            .mapToObj(i -> new Completion(
                                    prompt,
                                    i,
                                    new int[] {unanswered.test(i) ? WITHOUT_ANSWER : right.test(i) ? RIGHT : WRONG},
                                    new float[] {-2.5f},
                                    truncated.test(i)))
                            .toList();
                })
                .toList();
        return TrainerRun.answering(generator, tokens -> switch (tokens[0]) {
            case RIGHT -> "\\boxed{1}";
            case WRONG -> "\\boxed{0}";
            default -> "1";
        });
    }
}
