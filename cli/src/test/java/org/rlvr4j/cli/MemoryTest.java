package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.rlvr4j.cli.report.Screen;

class MemoryTest {

    private static final RunConfig TINY = Configs.read(Path.of("configs/tiny.yaml"), List.of(), RunConfig.class);

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final Screen screen =
            new Screen(new PrintStream(bytes, true, StandardCharsets.UTF_8), false, 80, System::nanoTime);

    @Test
    void runThatFitsSaysWhatItNeeds() {
        new Memory(24_000_000_000L).require(TINY, Wiring.problems(TINY.problems()), screen);

        assertThat(bytes.toString(StandardCharsets.UTF_8))
                .matches("needs \\d\\d\\d\\.\\d MB: weights \\d.*; the machine has 24\\.0 GB\\R");
    }

    @Test
    void runThatDoesNotFitIsRefusedWithWhatToChange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Memory(100_000_000).require(TINY, Wiring.problems(TINY.problems()), screen))
                .withMessageStartingWith("training needs ")
                .withMessageEndingWith(", but there are only 0.1 GB; set training.recompute to true, lower"
                        + " training.microBatchTokens, lower training.maxSequences and"
                        + " evaluation.maxSequences, or take a smaller model");
    }

    @Test
    void computingLayersAgainNeedsLess() {
        RunConfig less =
                Configs.read(Path.of("configs/tiny.yaml"), List.of("training.recompute=true"), RunConfig.class);
        Wiring.Sets sets = Wiring.problems(TINY.problems());

        assertThat(Memory.plan(less, sets).total())
                .isLessThan(Memory.plan(TINY, sets).total());
    }
}
