package org.rlvr4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every example runs, and prints what it says. */
class ExamplesTest {

    @TempDir
    private Path folder = Path.of("");

    @Test
    void twoStepsPrintTheirRewards() {
        assertThat(printed(() -> TwoSteps.main(new String[] {folder.toString()}))
                        .lines())
                .hasSize(2)
                .allMatch(line -> line.matches("step [12]: reward [+-]\\d[.,]\\d\\d"));
        assertThat(folder.resolve("DCPO/seed-1/metrics.jsonl")).isNotEmptyFile();
    }

    private static String printed(Runnable program) {
        var bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            program.run();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
