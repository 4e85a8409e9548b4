package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.Lora;
import org.rlvr4j.model.checkpoint.Adapters;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/** The commands from end to end, on the tiny configuration cut down to seconds. */
class CommandTest {

    private static final String METHODS = "methods=[{name: DCPO, algorithm: DCPO, preset: PAPER, change: {}},"
            + " {name: GRPO, algorithm: GRPO, preset: SCRIPT, change: {}}]"; // the second with a reference policy

    /** Enough to have some answers boxed, and some not, so that there is something to learn. */
    private static final List<String> WARM_UP = List.of(
            "warmUp.steps=40",
            "warmUp.batchSize=8",
            "warmUp.learningRate=1e-2",
            "warmUp.warmupSteps=5",
            "training.maxNewTokens=14");

    @TempDir
    private Path folder = Path.of("");

    @Test
    void ablationWritesTheSameBytesOnOneThreadAsOnTwo() throws IOException {
        Path one = ablate("one", 1);
        Path two = ablate("two", 2);

        for (String file : List.of(
                "warm-up.jsonl",
                "results.jsonl",
                "start/model.safetensors",
                "DCPO/seed-1/metrics.jsonl",
                "DCPO/seed-1/checkpoint/model.safetensors",
                "GRPO/seed-1/metrics.jsonl",
                "GRPO/seed-1/checkpoint/model.safetensors")) {
            assertThat(two.resolve(file)).hasSameBinaryContentAs(one.resolve(file));
        }
        assertThat(Files.readAllLines(one.resolve("GRPO/seed-1/metrics.jsonl"))).hasSize(2);
        assertThat(Files.readAllLines(one.resolve("results.jsonl"))).hasSize(2);
        assertThat(Files.mismatch(
                        one.resolve("start/model.safetensors"),
                        one.resolve("DCPO/seed-1/checkpoint/model.safetensors")))
                .isNotNegative();
        assertThat(one.resolve("report.html")).content().contains("<svg", "DCPO", "GRPO");
        try (Stream<Path> files = Files.list(one.resolve("DCPO/seed-1"))) {
            assertThat(files.map(file -> String.valueOf(file.getFileName())))
                    .anyMatch(name -> name.contains("tfevents"));
        }

        assertThat(execute("ablate", one.resolve("config.yaml").toString(), "--set=output=" + folder.resolve("again")))
                .isZero();
        assertThat(folder.resolve("again/results.jsonl")).hasSameBinaryContentAs(one.resolve("results.jsonl"));

        Path checkpoint = one.resolve("DCPO/seed-1/checkpoint");
        Path problems = Files.writeString(folder.resolve("sums.jsonl"), "{\"prompt\": \"1+2+3=\", \"answer\": 6}\n");
        String options = "--max-new-tokens=5";
        assertThat(printed("generate", "1+2+3=", "--model=" + checkpoint, options, "--samples=3", "--temperature=1")
                        .lines())
                .hasSize(3);
        assertThat(printed("eval", problems.toString(), "--model=" + checkpoint, options, "--samples=2"))
                .contains("Avg@1/Avg@2", "sums");
    }

    @Test
    void trainingOfOneMethodStartsFromACheckpoint() throws IOException {
        Path checkpoint = TinyCheckpoint.write(folder.resolve("checkpoint"), 6); // rows that no token uses
        Path problems = Files.writeString(
                folder.resolve("sums.jsonl"),
                "{\"prompt\": \"1+2=\", \"answer\": 3}\n{\"prompt\": \"2+2=\", \"answer\": 4}\n");
        var arguments = new ArrayList<String>(List.of("train", "configs/tiny.yaml"));
        TinyCheckpoint.RUN.forEach(setting -> arguments.add("--set=" + setting));
        arguments.add("--set=output=" + folder.resolve("run"));
        arguments.add("--set=warmUp=null");
        arguments.add("--set=model={from: checkpoint, path: " + checkpoint + ", tokenizer: " + checkpoint + "}");
        arguments.add("--set=problems={from: files, training: " + problems + ", heldBack: [" + problems + "]}");

        assertThat(execute(arguments.toArray(String[]::new))).isZero();
        assertThat(folder.resolve("run/start/model.safetensors")).doesNotExist(); // nothing changed it
        assertThat(folder.resolve("run/start/source.json")).content().contains(checkpoint.toString());
        assertThat(folder.resolve("run/DCPO/seed-1/checkpoint/tokenizer.json")).exists();
    }

    @Test
    void adaptersAnswerAsTheModelThatTheyAreMergedInto() throws IOException {
        Path base = TinyCheckpoint.write(folder.resolve("base"), 0);
        Path adapter = adapter(base);
        Path merged = folder.resolve("merged");
        Path problems = Files.writeString(folder.resolve("sums.jsonl"), "{\"prompt\": \"1+2+3=\", \"answer\": 6}\n");
        String tokens = "--max-new-tokens=20";

        assertThat(execute("convert", "--model=" + base, merged.toString(), "--adapter=" + adapter))
                .isZero();
        String answer = printed("generate", "1+2+3=", "--model=" + base, "--adapter=" + adapter, tokens);

        assertThat(printed("generate", "1+2+3=", "--model=" + merged, tokens)).isEqualTo(answer);
        assertThat(printed("generate", "1+2+3=", "--model=" + base, tokens)).isNotEqualTo(answer);
        assertThat(printed(
                        "eval", problems.toString(), "--model=" + base, "--adapter=" + adapter, tokens, "--samples=2"))
                .contains("Avg@1/Avg@2");
        assertThat(execute("generate", "1+2+3=", "--model=" + base, "--adapter=" + base, tokens))
                .isEqualTo(2);
    }

    /** Writes adapters that change what a model says. */
    private Path adapter(Path base) throws IOException {
        Path adapter = Files.createDirectories(folder.resolve("adapter"));
        try (var workspace = new Workspace(new ScalarBackend(), DType.F32);
                Decoder model = Adapters.create(base, workspace, new Lora(2, 8, List.of("o_proj", "up_proj"), 1))) {
            model.parameters().tensors().values().forEach(tensor -> {
                for (int n = 0; n < tensor.rows(); n++) {
                    for (int k = 0; k < tensor.cols(); k++) {
                        tensor.data().set(Panels.index(n, k, tensor.cols()), 0.2 * Math.sin(n + 3 * k));
                    }
                }
            });
            Adapters.save(model, adapter, base);
        }
        return adapter;
    }

    private Path ablate(String name, int threads) {
        Path output = folder.resolve(name);
        var arguments = new ArrayList<String>(List.of("ablate", "configs/tiny.yaml"));
        TinyCheckpoint.RUN.forEach(setting -> arguments.add("--set=" + setting));
        WARM_UP.forEach(setting -> arguments.add("--set=" + setting));
        arguments.addAll(List.of("--set=" + METHODS, "--set=output=" + output, "--set=threads=" + threads));

        assertThat(execute(arguments.toArray(String[]::new))).isZero();
        return output;
    }

    private static String printed(String... arguments) {
        var bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            assertThat(execute(arguments)).isZero();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static int execute(String... arguments) {
        return Main.commandLine(new Main(), false, List.of(arguments)).execute(arguments);
    }
}
