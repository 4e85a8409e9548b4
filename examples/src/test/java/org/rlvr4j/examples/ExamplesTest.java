package org.rlvr4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
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

    @Test
    void aSingleSourceFileIsRunByJavaItself() throws IOException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(
                        java,
                        "--add-modules=jdk.incubator.vector",
                        "-cp",
                        System.getProperty("java.class.path"),
                        "examples/Single.java",
                        "configs/tiny.yaml",
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();

        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines())
                .hasSize(2)
                .allMatch(line -> line.matches("step [12]: reward [+-]\\d[.,]\\d\\d"));
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
