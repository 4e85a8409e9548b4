package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.model.Safetensors;

/** A run that was stopped goes on as if it had not been, or says why it cannot. */
class ResumeTest {

    private static final List<String> RUN = List.of(
            "threads=1",
            "warmUp.steps=30",
            "warmUp.batchSize=8",
            "warmUp.learningRate=1e-2",
            "warmUp.warmupSteps=5",
            "training.promptsPerStep=4",
            "training.updatesPerStep=2",
            "training.maxNewTokens=14",
            "evaluation.everySteps=2",
            "training.saveEverySteps=1");

    @TempDir
    private static Path shared = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    /** A run of two steps that no test changes. */
    private static Path finished = Path.of("");

    /** A start that boxes some of its answers, for problems of which any answer is right: so there is contrast. */
    private static String warmed = "";

    private static String anyAnswer = "";

    @BeforeAll
    static void trainTheSharedRun() throws IOException {
        finished = shared.resolve("finished");
        execute("train", finished, "training.steps=2");
        Path start = finished.resolve("start");
        warmed = "model={from: checkpoint, path: " + start + ", tokenizer: " + start + "}";
        String answers = IntStream.range(0, 200).mapToObj(Integer::toString).collect(Collectors.joining(",", "[", "]"));
        Path file = shared.resolve("any.jsonl");
        Files.writeString(
                file,
                IntStream.range(2, 12)
                        .mapToObj(i -> "{\"prompt\": \"" + i + "+" + i + "+9=\", \"answer\": " + answers + "}\n")
                        .collect(Collectors.joining()));
        anyAnswer = "problems={from: files, training: " + file + ", heldBack: [" + file + "]}";
    }

    @ParameterizedTest
    @CsvSource({"GRPO, PAPER", "GRPO, SCRIPT", "DAPO, PAPER", "GSPO, PAPER", "DCPO, PAPER"})
    void interruptedRunEndsInTheSameBytes(String algorithm, String preset) {
        String method = "methods=[{name: M, algorithm: " + algorithm + ", preset: " + preset + ", change: {}}]";
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");

        assertThat(trainWarmed(whole, method, "training.steps=6")).doesNotContain("resumes");
        assertThat(trainWarmed(parts, method, "training.steps=3")).doesNotContain("resumes");
        assertThat(trainWarmed(parts, method, "training.steps=6", "threads=2", "training.microBatchTokens=100"))
                .contains("M, seed 1: resumes after step 3");

        assertThat(hashes(parts)).isEqualTo(hashes(whole)).containsKey("checkpoint/model.safetensors");
    }

    @Test
    void interruptedTrainingOfAdaptersEndsInTheSameBytesAndKnowsItsFrozenWeights() throws IOException {
        Path base = folder.resolve("base");
        CheckpointFolder.convert(finished.resolve("start"), null, base, Safetensors.Dtype.BF16, Long.MAX_VALUE);
        String adapted = "model={from: checkpoint, path: " + base + ", tokenizer: " + base
                + ", lora: {rank: 4, alpha: 8, targets: [q_proj, v_proj, up_proj], seed: 3}}";
        String[] settings = {
            adapted,
            anyAnswer,
            "warmUp=null",
            "training.learningRate=1e-2",
            "methods=[{name: M, algorithm: GRPO, preset: SCRIPT, change: {}}]"
        };
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");

        execute("train", whole, with(settings, "training.steps=4"));
        execute("train", parts, with(settings, "training.steps=2"));
        assertThat(execute("train", parts, with(settings, "training.steps=4", "threads=2", "training.recompute=true")))
                .contains("resumes after step 2");

        assertThat(hashes(parts)).isEqualTo(hashes(whole)).containsKey("checkpoint/adapter_model.safetensors");
        assertThat(names(run(whole).resolve("checkpoint")))
                .contains("adapter_config.json", "tokenizer.json")
                .doesNotContain("model.safetensors", "config.json");
        assertThat(whole.resolve("start/adapter_model.safetensors")).exists().satisfies(start -> assertThat(
                        Sha256.of(start))
                .isNotEqualTo(hashes(whole).get("checkpoint/adapter_model.safetensors")));

        byte[] weights = Files.readAllBytes(base.resolve("model.safetensors"));
        weights[weights.length - 1] ^= 1;
        Files.write(base.resolve("model.safetensors"), weights);
        assertThat(refused(parts, with(settings, "training.steps=5"))).contains("it started from other weights");
    }

    private static String[] with(String[] settings, String... more) {
        return Stream.concat(Stream.of(settings), Stream.of(more)).toArray(String[]::new);
    }

    @Test
    void warmUpIsNotRepeated() throws IOException {
        Path output = folder.resolve("run");
        train(output, "training.steps=1");

        assertThat(train(output, "training.steps=2"))
                .contains("resumes after step 1")
                .doesNotContain("warm-up");
        assertThat(hashes(output)).isEqualTo(hashes(finished));

        Files.writeString(output.resolve("start/config.json"), "{}");
        assertThat(train(output, "training.steps=2")).contains("resumes after step 2", "warm-up");
        assertThat(hashes(output)).isEqualTo(hashes(finished));
    }

    @Test
    void killedRunLosesNoMoreThanTheStepsSinceItsCheckpoint() throws IOException {
        Path whole = folder.resolve("whole");
        Path killed = folder.resolve("killed");
        trainWarmed(whole, "training.steps=4");
        trainWarmed(killed, "training.steps=3", "training.saveEverySteps=2", "training.keepCheckpoints=3");
        Files.writeString(run(killed).resolve("metrics.jsonl"), "{\"step\":1}\n{\"st"); // nothing of it is trusted
        SealedFolder.delete(checkpoint(killed, 3));
        Files.createDirectories(run(killed).resolve("checkpoints/step-4.part/deeper"));
        Files.createDirectories(run(killed).resolve("checkpoints/step-3.part"));

        assertThat(trainWarmed(killed, "training.steps=4")).contains("resumes after step 2");

        assertThat(hashes(killed)).isEqualTo(hashes(whole));
        assertThat(names(run(killed).resolve("checkpoints"))).containsExactly("step-3", "step-4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors", "state.json", "manifest.json"})
    void damagedCheckpointIsNamedAndTheOneBeforeIsUsed(String file) throws IOException {
        Path output = folder.resolve("run");
        trainWarmed(output, "training.steps=2");
        Map<String, String> expected = hashes(output);
        Path damaged = checkpoint(output, 2).resolve(file);
        byte[] bytes = Files.readAllBytes(damaged);
        bytes[bytes.length / 2] ^= 4;
        Files.write(damaged, bytes);

        assertThat(trainWarmed(output, "training.steps=2"))
                .contains(checkpoint(output, 2) + " is damaged and not used: ", "resumes after step 1");
        assertThat(hashes(output)).isEqualTo(expected);
        assertThat(SealedFolder.damage(checkpoint(output, 2))).isEmpty();
    }

    @Test
    void runWithoutAWholeCheckpointStartsOver() throws IOException {
        Path output = folder.resolve("run");
        train(output, "training.steps=1");
        Map<String, String> expected = hashes(output);
        Files.delete(checkpoint(output, 1).resolve("mean-squares.safetensors"));

        assertThat(train(output, "training.steps=1"))
                .contains("mean-squares.safetensors is missing", "the run starts over", "warm-up");
        assertThat(hashes(output)).isEqualTo(expected);
    }

    @Test
    void finishedRunIsNotTrainedAgain() {
        Path output = folder.resolve("run");
        train(output, "training.steps=2");
        Map<String, String> expected = hashes(output);

        assertThat(train(output, "training.steps=2"))
                .contains("resumes after step 2")
                .doesNotContain("reward");
        assertThat(hashes(output)).isEqualTo(expected);

        assertThat(train(output, "--fresh", "training.steps=1", "training.learningRate=1e-4"))
                .doesNotContain("resumes")
                .contains("warm-up");
        assertThat(names(run(output).resolve("checkpoints"))).containsExactly("step-1");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        training.learningRate=1e-4 | training.learningRate 5.0E-5 and not 1.0E-4
        training.promptsPerStep=8  | training.promptsPerStep 4 and not 8
        warmUp.steps=39            | warmUp.steps 30 and not 39
        warmUp=null                | warmUp absent and not null
        problems.seed=8            | problems.seed 7 and not 8
        methods.0.change={CLIP: DCPO}| methods.0.change {} and not absent, methods.0.change.CLIP absent and not "DCPO"
        """)
    void settingThatChangesTheResultIsRefusedByName(String setting, String difference) throws IOException {
        String before = Files.readString(finished.resolve("config.yaml"));

        assertThat(refused(finished, "training.steps=2", setting))
                .startsWith("rlvr4j: " + checkpoint(finished, 2) + " was made with ")
                .contains(difference, "start over with --fresh");
        assertThat(finished.resolve("config.yaml")).hasContent(before);
    }

    @Test
    void cutOfMiniBatchesMatters() {
        String script = "methods=[{name: M, algorithm: GSPO, preset: SCRIPT, change: {}}]"; // one ratio per micro-batch
        Path output = folder.resolve("run");
        trainWarmed(output, script, "training.steps=1");

        assertThat(refused(output, warmed, anyAnswer, "warmUp=null", script, "training.microBatchTokens=100"))
                .contains("training.microBatchTokens 1024 and not 100");
    }

    @Test
    void runThatIsLongerAlreadyIsRefused() {
        assertThat(refused(finished, "training.steps=1"))
                .isEqualTo("rlvr4j: " + checkpoint(finished, 2) + " is beyond the 1 steps of training.steps");
    }

    @Test
    void otherProblemsUnderTheSameNameAreRefused() throws IOException {
        Path output = folder.resolve("run");
        Path file = folder.resolve("sums.jsonl");
        String problems = "problems={from: files, training: " + file + ", heldBack: [" + file + "]}";
        Files.writeString(file, "{\"prompt\": \"1+2=\", \"answer\": 3}\n{\"prompt\": \"2+2=\", \"answer\": 4}\n");
        train(output, warmed, problems, "warmUp=null", "training.steps=1");

        Files.writeString(file, "{\"prompt\": \"1+2=\", \"answer\": 3}\n{\"prompt\": \"2+3=\", \"answer\": 5}\n");

        assertThat(refused(output, warmed, problems, "warmUp=null", "training.steps=1"))
                .isEqualTo("rlvr4j: " + checkpoint(output, 1) + " was made with other training problems");
    }

    @Test
    void newestCheckpointsAreKept() {
        Path output = folder.resolve("run");

        trainWarmed(output, "training.steps=5", "training.saveEverySteps=2", "training.keepCheckpoints=2");

        assertThat(names(run(output).resolve("checkpoints"))).containsExactly("step-4", "step-5");
    }

    @Test
    void ablationGoesOnWithTheRunThatIsNotFinished() throws IOException {
        String two = "methods=[{name: A, algorithm: DCPO, preset: PAPER, change: {}},"
                + " {name: B, algorithm: DAPO, preset: PAPER, change: {}}]";
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");
        String one = two.replaceFirst(", \\{name: B.*", "]");
        execute("ablate", whole, warmed, anyAnswer, "warmUp=null", two, "training.steps=2");
        execute("ablate", parts, warmed, anyAnswer, "warmUp=null", one, "training.steps=2");

        assertThat(execute("ablate", parts, warmed, anyAnswer, "warmUp=null", two, "training.steps=2"))
                .contains("A, seed 1: resumes after step 2")
                .doesNotContain("B, seed 1: resumes");

        assertThat(parts.resolve("results.jsonl")).hasSameBinaryContentAs(whole.resolve("results.jsonl"));
    }

    /** All that does not depend on the clock. */
    private static Map<String, String> hashes(Path output) {
        var hashes = new TreeMap<String, String>();
        boolean adapted = Files.exists(run(output).resolve("checkpoint/adapter_model.safetensors"));
        String weights = "checkpoint/" + (adapted ? "adapter_model" : "model") + ".safetensors";
        for (String file : List.of("metrics.jsonl", "evaluations.jsonl", weights)) {
            hashes.put(file, Sha256.of(run(output).resolve(file)));
        }
        hashes.put("results.jsonl", Sha256.of(output.resolve("results.jsonl")));
        return hashes;
    }

    private static Path run(Path output) {
        try (Stream<Path> files = Files.list(output)) {
            Path method = files.filter(file -> Files.isDirectory(file.resolve("seed-1")))
                    .findFirst()
                    .orElseThrow();
            return method.resolve("seed-1");
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static Path checkpoint(Path output, int step) {
        return run(output).resolve("checkpoints/step-" + step);
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private static String train(Path output, String... settings) {
        return execute("train", output, settings);
    }

    private static String trainWarmed(Path output, String... settings) {
        var all = new ArrayList<String>(List.of(warmed, anyAnswer, "warmUp=null"));
        all.addAll(List.of(settings));
        return execute("train", output, all.toArray(String[]::new));
    }

    /** What a command prints that succeeds. */
    private static String execute(String command, Path output, String... settings) {
        var bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            assertThat(Main.commandLine(new Main(), true).execute(arguments(command, output, settings)))
                    .isZero();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static String refused(Path output, String... settings) {
        var err = new StringWriter();
        assertThat(Main.commandLine(new Main(), false)
                        .setErr(new PrintWriter(err, true))
                        .execute(arguments("train", output, settings)))
                .isEqualTo(2);
        return err.toString().strip();
    }

    private static String[] arguments(String command, Path output, String... settings) {
        var arguments = new ArrayList<String>(List.of(command, "configs/tiny.yaml", "--set=output=" + output));
        TinyCheckpoint.RUN.forEach(setting -> arguments.add("--set=" + setting));
        RUN.forEach(setting -> arguments.add("--set=" + setting));
        for (String setting : settings) {
            arguments.add(setting.startsWith("--") ? setting : "--set=" + setting);
        }
        return arguments.toArray(String[]::new);
    }
}
