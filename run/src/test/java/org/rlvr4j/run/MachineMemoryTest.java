package org.rlvr4j.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.run.config.RunConfig;

class MachineMemoryTest {

    private static final RunConfig TINY = tiny();
    private static final MemoryPlan PLAN = plan();

    @Test
    void runThatFitsMayStart() {
        assertThatCode(() -> new MachineMemory(PLAN.total()).require(PLAN, TINY))
                .doesNotThrowAnyException();
    }

    @Test
    void runThatDoesNotFitIsRefusedWithWhatToChange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new MachineMemory(100_000_000).require(PLAN, TINY))
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
        return Training.of(tiny(settings)).plan(RunListener.SILENT);
    }

    private static RunConfig tiny(String... settings) {
        return RunConfig.read(Path.of("configs/tiny.yaml"), List.of(), List.of(settings));
    }
}
