package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.run.Interruption;
import org.rlvr4j.run.Results;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.Training;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.disk.DiskPlan;
import org.rlvr4j.run.files.Sha256;

/** What a run from a checkpoint in bfloat16 writes, and what it leaves. */
@ExtendWith(TinyStart.class)
class DiskTest {

    private static final String WARMED_UP =
            "warmUp={demonstrations: EXAMPLES, epochs: 1, batchSize: 4, learningRate: 1e-2, heldBackShare: 0.2}";
    private static final String FROM_ITS_WEIGHTS = "warmUp=null";

    private final TinyRun tiny;

    @TempDir
    private Path folder = Path.of("");

    private Path base = folder;
    private Path examples = folder;

    DiskTest(TinyRun tiny) {
        this.tiny = tiny;
    }

    @BeforeEach
    void writeCheckpointAndExamples() throws IOException {
        base = folder.resolve("base");
        TinyRun.execute(List.of("convert", "--model=" + tiny.start(), base.toString(), "--dtype", "BF16"));
        examples = folder.resolve("examples.jsonl");
        var lines = new StringBuilder();
        for (int i = 1; i <= 20; i++) {
            lines.append("{\"question\": \"%d+%d=\", \"answer\": \"%d\"}\n".formatted(i, 2 * i, 3 * i));
        }
        Files.writeString(examples, lines);
    }

    @Test
    void startIsNotCopiedWhereNothingChangedItAndTheResultIsBfloat16AsItIs() throws IOException {
        Path output = folder.resolve("run");
        train(config(output, FROM_ITS_WEIGHTS), _ -> {});

        assertThat(files(output.resolve("start"))).containsOnlyKeys("source.json", "manifest.json");
        assertThat(output.resolve("start/source.json")).content().contains(base.toString());
        assertThat(types(TinyRun.folder(output, "DCPO").resolve("checkpoint"))).containsOnly(Safetensors.Dtype.BF16);
        assertThat(TinyRun.folder(output, "DCPO").resolve("checkpoints")).doesNotExist();
    }

    @Test
    void startThatWasWarmedUpIsExactWhileRunsNeedItAndThenRounded() throws IOException {
        Path output = folder.resolve("run");
        var types = new ArrayList<Safetensors.Dtype>();
        train(config(output, WARMED_UP), _ -> types.addAll(types(output.resolve("start"))));

        assertThat(types).isNotEmpty().containsOnly(Safetensors.Dtype.F32);
        assertThat(types(output.resolve("start"))).containsOnly(Safetensors.Dtype.BF16);
        assertThat(output.resolve("warm-up-best")).doesNotExist();
    }

    @Test
    void whatIsAskedForIsFloat32AndCheckpointsThatAreToBeKeptStay() throws IOException {
        Path output = folder.resolve("run");
        train(config(output, WARMED_UP, "training.resultType=FLOAT32", "training.keepCheckpoints=1"), _ -> {});

        assertThat(types(TinyRun.folder(output, "DCPO").resolve("checkpoint"))).containsOnly(Safetensors.Dtype.F32);
        assertThat(types(output.resolve("start"))).containsOnly(Safetensors.Dtype.F32);
        assertThat(TinyRun.folder(output, "DCPO").resolve("checkpoints/step-6")).exists();
    }

    @ParameterizedTest
    @ValueSource(strings = {WARMED_UP, FROM_ITS_WEIGHTS})
    void runTakesNoMoreThanItsPlanAndLeavesNoMore(String start) throws IOException {
        Path output = folder.resolve("run");
        RunConfig config = config(output, start, "seeds=[1, 2]");
        DiskPlan plan = Training.of(config).diskPlan();
        var most = new ArrayList<Long>();
        train(config, _ -> most.add(bytes(output)));

        assertThat(most).hasSize(12).allSatisfy(bytes -> assertThat(bytes).isLessThanOrEqualTo(plan.peak()));
        assertThat(bytes(output)).isLessThanOrEqualTo(plan.left()).isLessThan(most.getLast());
    }

    /** A killed process leaves the folder as it is at some moment: here as it is when a step has ended. */
    @ParameterizedTest
    @ValueSource(strings = {WARMED_UP, FROM_ITS_WEIGHTS})
    void killedRunGoesOnToTheSameBytes(String start) throws IOException {
        Path whole = folder.resolve("whole");
        train(
                config(whole, start, "training.saveEverySteps=2"),
                step -> copy(whole, folder.resolve("killed-after-" + step)));

        for (int step : List.of(1, 3, 4, 6)) {
            Path killed = folder.resolve("killed-after-" + step);
            train(config(killed, start, "training.saveEverySteps=2"), _ -> {});
            assertThat(exact(killed)).as(killed.toString()).isEqualTo(exact(whole));
        }
    }

    @Test
    void figuresInTheEndAreThoseOfTheSavedWeights() throws IOException {
        Path output = folder.resolve("run");
        var messages = new ArrayList<String>();
        Results results = Training.of(config(output, FROM_ITS_WEIGHTS)).run(new RunListener() {
            @Override
            public void message(String text) {
                messages.add(text);
            }
        });
        Path saved = TinyRun.folder(output, "DCPO").resolve("checkpoint");
        double accuracy = results.runs().getFirst().greedy().getFirst().avg().mean();

        assertThat(messages).anyMatch(text -> text.contains("the saved model is in bfloat16, as the start"));
        Results measured = Training.of(config(
                        folder.resolve("measured"),
                        "model={from: checkpoint, path: " + saved + ", tokenizer: " + saved + "}",
                        FROM_ITS_WEIGHTS,
                        "training.steps=1"))
                .run(RunListener.SILENT);
        assertThat(measured.before().getFirst().avg().mean()).isEqualTo(accuracy);
    }

    @Test
    void checkpointThatChangesBetweenTwoRunsIsNoticed() {
        Path output = folder.resolve("run");
        Results results = train(config(output, FROM_ITS_WEIGHTS, "seeds=[1, 2]"), step -> {
            if (step == 6) {
                flipLastBit(base.resolve("model.safetensors"));
            }
        });

        assertThat(results.runs()).hasSize(1);
        assertThat(results.failures())
                .singleElement()
                .asString()
                .contains("the weights in " + base + " have changed since the training began");
    }

    @Test
    void interruptedRunIsNotResumedFromAnotherCheckpoint() {
        Path output = folder.resolve("run");
        var interruption = new Interruption();
        try {
            Training.of(config(output, FROM_ITS_WEIGHTS))
                    .until(interruption)
                    .run(stepped(step -> interruption.request()));
        } catch (Interruption.EarlyEnd e) {
            flipLastBit(base.resolve("model.safetensors"));
        }

        assertThatIllegalArgumentException()
                .isThrownBy(() -> train(config(output, FROM_ITS_WEIGHTS), _ -> {}))
                .withMessageContaining("it started from other weights than those in " + base);
    }

    private RunConfig config(Path output, String... settings) {
        var all = new ArrayList<>(List.of(
                "model={from: checkpoint, path: " + base + ", tokenizer: " + base + "}", "training.keepCheckpoints=0"));
        for (String setting : settings) {
            all.add(setting.replace("EXAMPLES", examples.toString()));
        }
        String[] overrides = tiny.arguments(output, "DCPO", all.toArray(String[]::new)).stream()
                .filter(argument -> argument.startsWith("--set="))
                .map(argument -> argument.substring("--set=".length()))
                .toArray(String[]::new);
        return RunConfig.read(Path.of("configs/tiny.yaml"), overrides);
    }

    private static Results train(RunConfig config, IntConsumer stepped) {
        return Training.of(config).run(stepped(stepped));
    }

    private static RunListener stepped(IntConsumer action) {
        return new RunListener() {
            @Override
            public void stepped(Name run, Trainer.Step step) {
                action.accept(step.metrics().step());
            }
        };
    }

    private static List<Safetensors.Dtype> types(Path folder) {
        try (Safetensors file = Safetensors.open(folder)) {
            return file.names().stream().map(name -> file.entry(name).dtype()).toList();
        }
    }

    /** Results and weights, which do not depend on the clock or the folder's name, by SHA-256. */
    private static Map<String, String> exact(Path output) {
        var exact = new TreeMap<String, String>();
        files(output).keySet().stream()
                .filter(name -> name.matches("(.*/)?(metrics|evaluations|samples|results)\\.jsonl|.*\\.safetensors"))
                .forEach(name -> exact.put(name, Sha256.of(output.resolve(name))));
        assertThat(exact).containsKeys("results.jsonl", "DCPO/seed-1/checkpoint/model.safetensors");
        return exact;
    }

    /** Sizes of all files, by their names. */
    private static Map<String, Long> files(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            var sizes = new TreeMap<String, Long>();
            files.filter(Files::isRegularFile)
                    .forEach(file -> sizes.put(
                            folder.relativize(file).toString(), file.toFile().length()));
            return sizes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static long bytes(Path folder) {
        return files(folder).values().stream().mapToLong(size -> size).sum();
    }

    private static void copy(Path from, Path to) {
        files(from).keySet().forEach(name -> {
            try {
                Files.createDirectories(to.resolve(name).getParent());
                Files.copy(from.resolve(name), to.resolve(name));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
    }

    private static void flipLastBit(Path file) {
        try {
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length - 1] ^= 1;
            Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
