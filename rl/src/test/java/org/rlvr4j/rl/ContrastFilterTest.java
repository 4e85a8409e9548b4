package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.rlvr4j.rl.TrainerRun.WHOLE;
import static org.rlvr4j.rl.TrainerRun.answer;
import static org.rlvr4j.rl.TrainerRun.settings;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlvr4j.eval.Answering;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Generator;
import org.rlvr4j.model.generate.Prompt;
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
            Answering answering =
                    TrainerRun.answering(everyThird, tokens -> tokens[0] == 1 ? "\\boxed{1}" : "\\boxed{0}");
            try (Trainer trainer = run.trainer(answering, method, settings(1, WHOLE, 1), null)) {
                StepMetrics step = trainer.step().metrics();

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
            Answering answering = TrainerRun.answering(wrong, tokens -> "\\boxed{0}");
            var settings = settings(1, WHOLE, 1);
            try (Trainer trainer = run.trainer(answering, Algorithm.DAPO.paper(), settings, null)) {
                assertThatThrownBy(trainer::step)
                        .isInstanceOf(IllegalArgumentException.class)
                        .hasMessageContaining("only 0 of 4 groups");
            }
        }
    }
}
