package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlvr4j.cli.TinyRun.checkpoint;
import static org.rlvr4j.cli.TinyRun.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.run.files.SealedFolder;
import org.rlvr4j.run.files.Sha256;

/** A run that was stopped goes on as if it had not been. */
@ExtendWith(TinyStart.class)
class ResumeTest {

    /** Then no step but the last is the best. */
    private static final String RARELY = "evaluation.everySteps=100";

    private final TinyRun tiny;

    @TempDir
    private Path folder = Path.of("");

    ResumeTest(TinyRun tiny) {
        this.tiny = tiny;
    }

    @ParameterizedTest
    @CsvSource({"GRPO, PAPER", "GRPO, SCRIPT", "DAPO, PAPER", "GSPO, PAPER", "DCPO, PAPER"})
    void interruptedRunEndsInTheSameBytes(String algorithm, String preset) {
        String method = "methods.0.preset=" + preset;
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");

        assertThat(train(algorithm, whole, method, "training.steps=6")).doesNotContain("resumes");
        assertThat(train(algorithm, parts, method, "training.steps=3")).doesNotContain("resumes");
        assertThat(train(algorithm, parts, method, "training.steps=6", "threads=2", "training.microBatchTokens=100"))
                .contains(algorithm + ", seed 1: resumes after step 3");

        assertThat(hashes(parts)).isEqualTo(hashes(whole)).containsKey("checkpoint/model.safetensors");
    }

    @Test
    void interruptedTrainingOfAdaptersEndsInTheSameBytesAndKnowsItsFrozenWeights() throws IOException {
        Path base = folder.resolve("base");
        TinyRun.execute(List.of("convert", "--model=" + tiny.start(), base.toString(), "--dtype", "BF16"));
        String adapted = "model={from: checkpoint, path: " + base + ", tokenizer: " + base
                + ", lora: {rank: 4, alpha: 8, targets: [q_proj, v_proj, up_proj], seed: 3}}";
        String method = "methods.0.preset=SCRIPT";
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");

        train("GRPO", whole, adapted, method, "training.steps=4");
        train("GRPO", parts, adapted, method, "training.steps=2");
        assertThat(train("GRPO", parts, adapted, method, "training.steps=4", "threads=2", "training.recompute=true"))
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
        assertThat(TinyRun.failure(2, tiny.arguments(parts, "GRPO", adapted, method, "training.steps=5")))
                .contains("it started from other weights");
    }

    @Test
    void warmUpIsNotRepeated() throws IOException {
        Path output = folder.resolve("run");
        trainWithWarmUp(output, "training.steps=1");

        assertThat(trainWithWarmUp(output, "training.steps=2"))
                .contains("resumes after step 1")
                .doesNotContain("warm-up");
        assertThat(hashes(output)).isEqualTo(hashes(tiny.finished()));

        Files.writeString(output.resolve("start/config.json"), "{}");
        assertThat(trainWithWarmUp(output, "training.steps=2")).contains("resumes after step 2", "warm-up");
        assertThat(hashes(output)).isEqualTo(hashes(tiny.finished()));
    }

    @Test
    void killedRunLosesNoMoreThanTheStepsSinceItsCheckpoint() throws IOException {
        Path whole = folder.resolve("whole");
        Path killed = folder.resolve("killed");
        train("DCPO", whole, RARELY, "training.steps=4");
        train("DCPO", killed, RARELY, "training.steps=3", "training.saveEverySteps=2", "training.keepCheckpoints=3");
        Files.writeString(run(killed).resolve("metrics.jsonl"), "{\"step\":1}\n{\"st"); // is not trusted
        SealedFolder.delete(checkpoint(killed, 3));
        Files.createDirectories(run(killed).resolve("checkpoints/step-4.part/deeper"));
        Files.createDirectories(run(killed).resolve("checkpoints/step-3.part"));

        assertThat(train("DCPO", killed, RARELY, "training.steps=4")).contains("resumes after step 2");

        assertThat(hashes(killed)).isEqualTo(hashes(whole));
        assertThat(names(run(killed).resolve("checkpoints"))).containsExactly("step-3", "step-4");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors", "state.json", "manifest.json"})
    void damagedCheckpointIsNamedAndTheOneBeforeIsUsed(String file) throws IOException {
        Path output = folder.resolve("run");
        train("DCPO", output, "training.steps=2");
        Map<String, String> expected = hashes(output);
        Path damaged = checkpoint(output, 2).resolve(file);
        byte[] bytes = Files.readAllBytes(damaged);
        bytes[bytes.length / 2] ^= 4;
        Files.write(damaged, bytes);

        assertThat(train("DCPO", output, "training.steps=2"))
                .contains(checkpoint(output, 2) + " is damaged and not used: ", "resumes after step 1");
        assertThat(hashes(output)).isEqualTo(expected);
        assertThat(SealedFolder.damage(checkpoint(output, 2))).isEmpty();
    }

    @Test
    void runWithoutAWholeCheckpointStartsOver() throws IOException {
        Path output = folder.resolve("run");
        trainWithWarmUp(output, "training.steps=1");
        Map<String, String> expected = hashes(output);
        Files.delete(checkpoint(output, 1).resolve("mean-squares.safetensors"));

        assertThat(trainWithWarmUp(output, "training.steps=1"))
                .contains("mean-squares.safetensors is missing", "the run starts over", "warm-up");
        assertThat(hashes(output)).isEqualTo(expected);
    }

    @Test
    void finishedRunIsNotTrainedAgain() {
        Path output = folder.resolve("run");
        trainWithWarmUp(output, "training.steps=2");
        Map<String, String> expected = hashes(output);

        assertThat(trainWithWarmUp(output, "training.steps=2"))
                .contains("resumes after step 2")
                .doesNotContain("reward");
        assertThat(hashes(output)).isEqualTo(expected);

        assertThat(trainWithWarmUp(output, "--fresh", "training.steps=1", "training.learningRate=1e-4"))
                .doesNotContain("resumes")
                .contains("warm-up");
        assertThat(names(run(output).resolve("checkpoints"))).containsExactly("step-1");
    }

    @Test
    void newestCheckpointsAreKept() {
        Path output = folder.resolve("run");

        train("DCPO", output, RARELY, "training.steps=5", "training.saveEverySteps=2", "training.keepCheckpoints=2");

        assertThat(names(run(output).resolve("checkpoints"))).containsExactly("step-4", "step-5");
    }

    @Test
    void ablationGoesOnWithTheRunThatIsNotFinished() throws IOException {
        String two = "methods=[{name: A, algorithm: DCPO, preset: PAPER, change: {}},"
                + " {name: B, algorithm: DAPO, preset: PAPER, change: {}}]";
        Path whole = folder.resolve("whole");
        Path parts = folder.resolve("parts");
        String one = two.replaceFirst(", \\{name: B.*", "]");
        ablate(whole, two);
        ablate(parts, one);

        assertThat(ablate(parts, two))
                .contains("A, seed 1: resumes after step 2")
                .doesNotContain("B, seed 1: resumes");

        assertThat(parts.resolve("results.jsonl")).hasSameBinaryContentAs(whole.resolve("results.jsonl"));
    }

    /** All that does not depend on the clock. */
    private static Map<String, String> hashes(Path output) {
        var hashes = new TreeMap<String, String>();
        boolean adapted = Files.exists(run(output).resolve("checkpoint/adapter_model.safetensors"));
        String weights = "checkpoint/" + (adapted ? "adapter_model" : "model") + ".safetensors";
        for (String file : List.of("metrics.jsonl", "evaluations.jsonl", "samples.jsonl", weights)) {
            hashes.put(file, Sha256.of(run(output).resolve(file)));
        }
        hashes.put("results.jsonl", Sha256.of(output.resolve("results.jsonl")));
        return hashes;
    }

    private static List<String> names(Path folder) {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> file.getFileName().toString()).sorted().toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    private String ablate(Path output, String methods) {
        var arguments = new ArrayList<String>(tiny.arguments(output, "DCPO", methods, "training.steps=2"));
        arguments.set(0, "ablate");
        return TinyRun.execute(arguments);
    }

    private String train(String algorithm, Path output, String... settings) {
        return TinyRun.execute(tiny.arguments(output, algorithm, settings));
    }

    private String trainWithWarmUp(Path output, String... settings) {
        return TinyRun.execute(tiny.warming(output, settings));
    }
}
