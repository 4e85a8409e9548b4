package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlvr4j.rl.TrainerRun.WHOLE;
import static org.rlvr4j.rl.TrainerRun.answer;
import static org.rlvr4j.rl.TrainerRun.problemsWithAnswer;
import static org.rlvr4j.rl.TrainerRun.settings;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlvr4j.data.ProblemOrder;
import org.rlvr4j.model.Completion;
import org.rlvr4j.model.Generator;
import org.rlvr4j.model.Prompt;
import org.rlvr4j.rl.Method.Algorithm;

/** A step of a method that drops groups without contrast. */
class ContrastFilterTest {

    @Test
    void contrastFilterGeneratesUntilAStepIsFull() {
        try (var run = new TrainerRun(1)) {
            Method method = Algorithm.DAPO.paper();
            var encoded = new ArrayList<String>();
            Generator everyThird = (prompts, sampling) -> {
                var all = new ArrayList<List<Completion>>();
                for (Prompt prompt : prompts) {
                    boolean contrast = encoded.size() % 3 == 2; // one right and one wrong, otherwise both wrong
                    encoded.add(prompt.toString());
                    all.add(List.of(answer(prompt, 0, contrast), answer(prompt, 1, false)));
                }
                return all;
            };
            var rollout = new Rollout(
                    everyThird,
                    TrainerRun::encode,
                    tokens -> tokens[0] == 1 ? "\\boxed{1}" : "\\boxed{0}",
                    new ProblemOrder(problemsWithAnswer("1"), 3),
                    method);
            try (var trainer = new Trainer(run.model, null, rollout, method, settings(1, WHOLE, 1), () -> 0)) {
                StepMetrics step = trainer.step();

                assertThat(step.generatedResponses()).isEqualTo(24); // three rounds of four groups of two for four kept
                assertThat(step.rur()).isEqualTo(8.0 / 24);
                assertThat(step.accuracy()).isEqualTo(4.0 / 24);
            }
        }
    }

    @Test
    void contrastFilterGivesUpOnProblemsWithoutContrast() {
        try (var run = new TrainerRun(1)) {
            Generator wrong = (prompts, sampling) -> prompts.stream()
                    .map(prompt -> List.of(answer(prompt, 0, false), answer(prompt, 1, false)))
                    .toList();
            var rollout = new Rollout(
                    wrong,
                    TrainerRun::encode,
                    tokens -> "\\boxed{0}",
                    new ProblemOrder(problemsWithAnswer("1"), 3),
                    Algorithm.DAPO.paper());
            var settings = settings(1, WHOLE, 1);
            try (var trainer = new Trainer(run.model, null, rollout, Algorithm.DAPO.paper(), settings, () -> 0)) {
                assertThatThrownBy(trainer::step)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("only 0 of 4 groups");
            }
        }
    }
}
