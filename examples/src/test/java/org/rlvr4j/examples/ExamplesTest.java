package org.rlvr4j.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every example runs, and prints what it says. */
class ExamplesTest {

    private static final String STEP = "step \\d: reward [+-]?\\d[.,]\\d\\d";

    @TempDir
    private static Path folder = Path.of("");

    private static List<String> twoSteps = List.of();

    @BeforeAll
    static void trainTheCheckpointThatOthersStartFrom() {
        twoSteps = printed(() -> TwoSteps.main(new String[] {folder.toString()}));
    }

    @Test
    void twoStepsPrintTheirRewards() {
        assertThat(twoSteps).hasSize(2).allMatch(line -> line.matches(STEP));
        assertThat(folder.resolve("DCPO/seed-1/metrics.jsonl")).isNotEmptyFile();
    }

    @Test
    void rewardOfOnesOwnIsLearnedFrom() {
        assertThat(printed(() -> OwnReward.main(new String[] {start(), other("fives"), "2"})))
                .hasSize(2)
                .allMatch(line -> line.matches(STEP));
        assertThat(Path.of(other("fives"), "GRPO/seed-1/metrics.jsonl"))
                .content()
                .contains("reward/fives");
    }

    @Test
    void loopOfOnesOwnLearns() {
        assertThat(printed(() -> OwnLoop.main(new String[] {start()})))
                .hasSize(3)
                .allMatch(line -> line.matches(STEP));
    }

    @Test
    void whatIsTaughtIsSaidAndSaved() {
        assertThat(printed(() -> LoadTrainSave.main(new String[] {start(), other("saved")})))
                .hasSize(2)
                .last()
                .isEqualTo("after: \\boxed{6}");
        assertThat(Path.of(other("saved"), "model.safetensors")).isNotEmptyFile();
    }

    @Test
    void verifierOfOnesOwnEvaluates() {
        assertThat(printed(() -> OwnEvaluation.main(new String[] {start()})))
                .hasSize(2)
                .allMatch(line -> line.matches("Avg@[14] \\d+[.,]\\d %"));
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
                        other("single"))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();

        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).lines())
                .hasSize(2)
                .allMatch(line -> line.matches(STEP));
    }

    private static String start() {
        return folder.resolve("start").toString();
    }

    private static String other(String name) {
        return folder.resolve(name).toString();
    }

    private static List<String> printed(Runnable program) {
        var bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            program.run();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8).lines().toList();
    }
}
