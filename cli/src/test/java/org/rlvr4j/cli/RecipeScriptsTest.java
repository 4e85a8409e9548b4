package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.run.files.SealedFolder;

/** The shell recipes, each on a random checkpoint and a few problems, without a network. */
@DisabledOnOs(OS.WINDOWS)
class RecipeScriptsTest {

    /** What is published would take a while. */
    private static final List<String> SMALL = List.of(
            "threads=1",
            "methods.0.change={FILTER: ALL}", // a random model gives no right answers, for which DAPO would wait
            "training.promptsPerStep=2",
            "training.groupSize=2",
            "training.updatesPerStep=1",
            "training.maxPromptTokens=16",
            "training.maxNewTokens=6",
            "training.learningRate=1e-3",
            "evaluation.samples=2",
            "evaluation.maxNewTokens=4");

    @TempDir
    private static Path shared = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void writeCheckpointProblemsAndCommand() throws IOException {
        TinyCheckpoint.write(shared.resolve("model"), 0);
        Path data = Files.createDirectories(shared.resolve("it's data"));
        String tooLong = "1+".repeat(20) + "1=";
        VerlParquet.write(data.resolve("train.parquet"), "sums", List.of("1+2=", "2+3=", "4+5=", tooLong), "3");
        for (String suite : List.of("math500", "amc2023", "aime_2024", "aime_2025")) {
            VerlParquet.write(data.resolve(suite + ".parquet"), "qwen_" + suite, List.of("1+1="), "2");
        }
        Path command = Files.writeString(shared.resolve("rlvr4j"), """
            #!/bin/sh
            exec '%s' @cli/jvm.options -XX:TieredStopAtLevel=1 -cp '%s' org.rlvr4j.cli.Main "$@"
            """.formatted(
                        ProcessHandle.current().info().command().orElseThrow(), System.getProperty("java.class.path")));
        Files.setPosixFilePermissions(command, PosixFilePermissions.fromString("rwx------"));
    }

    @ParameterizedTest
    @CsvSource({"GRPO, 1.5b", "DAPO, 7b", "GSPO, 7b", "DCPO, 1.5b-lora"})
    void recipeTrainsSavesEvaluatesAndResumes(String method, String size) throws Exception {
        assertThat(start(method, size, "training.steps=1"))
                .contains("1 of 4 training problems are left out", method + ", seed 1");

        Path run = folder.resolve("run").resolve(method).resolve("seed-1");
        assertThat(run.resolve("metrics.jsonl")).content().hasLineCount(1);
        assertThat(SealedFolder.damage(run.resolve("checkpoints/step-1"))).isEmpty();
        assertThat(SealedFolder.damage(run.resolve("checkpoint"))).isEmpty();
        assertThat(run.resolve("evaluations.jsonl"))
                .content()
                .hasLineCount(4 + 4 + 3) // of each suite before and after, and samples of all but one
                .contains("{\"step\":1,\"suite\":\"MATH-500\",\"samples\":1,")
                .doesNotContain("\"MATH-500\",\"samples\":2,");
        assertThat(run.resolve("evaluation.txt"))
                .content()
                .contains("MATH-500", "AMC-23", "AIME-24", "AIME-25", "Avg@1/Avg@2");

        assertThat(run.resolve("evaluation-after-1/completions.jsonl"))
                .content()
                .hasLineCount(4 + 2);

        if (method.equals("DCPO")) {
            assertThat(start(method, size, "training.steps=2")).contains("DCPO, seed 1: resumes after step 1");
            assertThat(run.resolve("metrics.jsonl")).content().hasLineCount(2);
        }
    }

    @Test
    void absenceOfTheTrainingSetIsExplained() throws Exception {
        Process process = process(List.of("scripts/run-grpo.sh"), Files.createDirectories(folder.resolve("none")));

        assertThat(new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8))
                .startsWith("recipe: there is no " + folder.resolve("none/train.parquet"))
                .hasLineCount(1);
        assertThat(process.waitFor()).isEqualTo(2);
    }

    private String start(String method, String size, String... settings) throws Exception {
        var arguments = new ArrayList<String>();
        arguments.add("scripts/run-" + method.toLowerCase(Locale.ROOT) + ".sh");
        arguments.add(size);
        SMALL.forEach(setting -> arguments.addAll(List.of("--set", setting)));
        List.of(settings).forEach(setting -> arguments.add("--set=" + setting));
        Process process = process(arguments, shared.resolve("it's data"));
        String printed = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(process.waitFor()).as(printed).isZero();
        return printed;
    }

    private Process process(List<String> command, Path data) throws IOException {
        var builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("RLVR4J", shared.resolve("rlvr4j").toString());
        builder.environment().put("RLVR4J_MODEL", shared.resolve("model").toString());
        builder.environment().put("RLVR4J_DATA", data.toString());
        builder.environment().put("RLVR4J_RUN", folder.resolve("run").toString());
        builder.environment().put("RLVR4J_EVAL", "--samples 2 --sampled AMC-23 --max-new-tokens 4 --threads 1");
        return builder.start();
    }
}
