package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlvr4j.cli.report.Screen;
import org.rlvr4j.model.MemoryPlan;

class MemoryTest {

    private static final RunConfig TINY = tiny();
    private static final MemoryPlan PLAN = plan();

    @Test
    void runThatFitsMayStart() {
        assertThatCode(() -> new Memory(PLAN.total()).require(PLAN, TINY)).doesNotThrowAnyException();
    }

    @Test
    void runThatDoesNotFitIsRefusedWithWhatToChange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Memory(100_000_000).require(PLAN, TINY))
                .withMessageStartingWith("training needs " + PLAN)
                .withMessageEndingWith(", but there are only 0.1 GB; set training.recompute to true, lower"
                        + " training.microBatchTokens, lower training.maxSequences and"
                        + " evaluation.maxSequences, or take a smaller model");
    }

    @Test
    void computingLayersAgainNeedsLess() {
        assertThat(plan("training.recompute=true").activations()).isLessThan(PLAN.activations());
    }

    @Test
    void smallerMicroBatchNeedsLessAndALargerOneThanTheMiniBatchNoMore() {
        MemoryPlan whole = plan("training.microBatchTokens=100000");

        assertThat(plan("training.microBatchTokens=100", "warmUp.batchSize=1").activations())
                .isLessThan(whole.activations());
        assertThat(plan("training.microBatchTokens=10000000")).isEqualTo(whole);
    }

    @Test
    void penaltyNeedsAReferencePolicy() {
        MemoryPlan penalised = plan("methods.0.preset=SCRIPT"); // GRPO's

        assertThat(penalised.weights()).isEqualTo(2 * PLAN.weights());
    }

    @Test
    void keysAndValuesAreThoseOfTheLongestPromptThereIs() {
        assertThat(plan("training.maxPromptTokens=4000").keysAndValues()).isEqualTo(PLAN.keysAndValues());
    }

    private static MemoryPlan plan(String... settings) {
        var screen = new Screen(
                new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8), false, 80, () -> 0);
        return Prepared.of(tiny(settings), screen).plan();
    }

    private static RunConfig tiny(String... settings) {
        return Configs.read(Path.of("configs/tiny.yaml"), List.of(settings), RunConfig.class);
    }
}
