package org.rlvr4j.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
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
import org.rlvr4j.run.files.Sha256;

/**
 * Runs of a model of a few thousand weights, in this process or in one of their own, to which things may happen.
 *
 * @param home with the weights that all runs start from, and the problems: any answer is right, so that there is
 *             contrast between those that are boxed and those that are not
 */
record TinyRun(Path home) {

    static final List<String> METHODS = List.of("GRPO", "DAPO", "GSPO", "DCPO");

    /** An option by which a process starts sooner, and computes the same bits without vectors. */
    static final String PLAIN_LOOPS = "-XX:TieredStopAtLevel=1";

    private static final List<String> SIZES = List.of(
            "threads=1",
            "seeds=[1]",
            "training.steps=6",
            "training.promptsPerStep=4",
            "training.groupSize=4",
            "training.updatesPerStep=2",
            "training.maxNewTokens=14",
            "training.learningRate=1e-3",
            "training.saveEverySteps=1",
            "evaluation.samples=2",
            "evaluation.everySteps=2",
            "evaluation.maxNewTokens=14");

    private static final List<String> WARM_UP = List.of(
            "methods=[{name: DCPO, algorithm: DCPO, preset: PAPER, change: {}}]",
            "model.hiddenSize=16",
            "model.mlpSize=24",
            "model.layers=2",
            "model.heads=2",
            "model.keyValueHeads=1",
            "problems.training=8",
            "problems.heldBack=6",
            "problems.demonstrations=50",
            "warmUp.steps=60",
            "warmUp.batchSize=8",
            "warmUp.learningRate=1e-2",
            "warmUp.warmupSteps=5",
            "training.steps=2");

    /** Makes what runs start from. */
    static TinyRun in(Path home) {
        var tiny = new TinyRun(home);
        execute(tiny.warming(tiny.finished()));
        String answers = IntStream.range(0, 200).mapToObj(Integer::toString).collect(Collectors.joining(",", "[", "]"));
        try {
            Files.writeString(
                    home.resolve("any.jsonl"),
                    IntStream.range(2, 12)
                            .mapToObj(i -> "{\"prompt\": \"" + i + "+" + i + "+9=\", \"answer\": " + answers + "}\n")
                            .collect(Collectors.joining()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return tiny;
    }

    /** A run of two steps of DCPO, warm-up included, that no test changes. */
    Path finished() {
        return home.resolve("warm-up");
    }

    /** Weights and tokenizer that box some of the answers. */
    Path start() {
        return finished().resolve("start");
    }

    /** Of the command train for a run like the finished one. */
    List<String> warming(Path output, String... settings) {
        return arguments(output, Stream.of(SIZES, WARM_UP, List.of(settings)).flatMap(List::stream));
    }

    /** Of the command train; later settings replace earlier ones, and other options may be among them. */
    List<String> arguments(Path output, String algorithm, String... settings) {
        Path start = start();
        Path problems = home.resolve("any.jsonl");
        List<String> own = List.of(
                "methods=[{name: " + algorithm + ", algorithm: " + algorithm + ", preset: PAPER, change: {}}]",
                "warmUp=null",
                "model={from: checkpoint, path: " + start + ", tokenizer: " + start + "}",
                "problems={from: files, training: " + problems + ", heldBack: [" + problems + "]}");
        return arguments(output, Stream.of(SIZES, own, List.of(settings)).flatMap(List::stream));
    }

    private static List<String> arguments(Path output, Stream<String> settings) {
        var arguments = new ArrayList<String>(List.of("train", "configs/tiny.yaml", "--set=output=" + output));
        settings.forEach(setting -> arguments.add(setting.startsWith("--") ? setting : "--set=" + setting));
        return arguments;
    }

    /** In this process; what it prints. */
    static String execute(List<String> arguments) {
        var bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        var out = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        System.setOut(out);
        int exitCode;
        try {
            exitCode = Main.commandLine(new Main(), true, arguments)
                    .setErr(new PrintWriter(out, true, StandardCharsets.UTF_8))
                    .execute(arguments.toArray(String[]::new));
        } finally {
            System.setOut(before);
        }
        String printed = bytes.toString(StandardCharsets.UTF_8);
        if (exitCode != 0) {
            throw new AssertionError("exit code " + exitCode + ": " + printed);
        }
        return printed;
    }

    /** In this process; the one sentence that it fails with. */
    static String failure(int exitCode, List<String> arguments) {
        var err = new StringWriter();
        int code = Main.commandLine(new Main(), false, arguments)
                .setErr(new PrintWriter(err, true))
                .execute(arguments.toArray(String[]::new));
        if (code != exitCode || err.toString().lines().count() != 1) {
            throw new AssertionError("exit code " + code + ": " + err);
        }
        return err.toString().strip();
    }

    /** In a process of its own, as a command's words. */
    static List<String> command(List<String> arguments, String... options) {
        var command = new ArrayList<String>();
        command.add(ProcessHandle.current().info().command().orElseThrow());
        command.add("@cli/jvm.options");
        command.addAll(List.of(options));
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Main.class.getName()));
        command.addAll(arguments);
        return command;
    }

    /** Starts a process that prints to a file, which is replaced. */
    static Process start(List<String> command, Path printed) throws IOException {
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(printed.toFile())
                .start();
    }

    /** The folder of a run in the experiment's. */
    static Path folder(Path output, String algorithm) {
        return output.resolve(algorithm).resolve("seed-1");
    }

    /** The folder of the first run in the experiment's. */
    static Path run(Path output) {
        try (Stream<Path> files = Files.list(output)) {
            Path method = files.filter(file -> Files.isDirectory(file.resolve("seed-1")))
                    .findFirst()
                    .orElseThrow();
            return method.resolve("seed-1");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path checkpoint(Path output, int step) {
        return run(output).resolve("checkpoints/step-" + step);
    }

    /** All of a finished run that does not depend on the clock, by SHA-256; events have at least its number of bytes. */
    static Map<String, String> result(Path output, String algorithm, int steps) {
        Path run = folder(output, algorithm);
        Path last = run.resolve("checkpoints/step-" + steps);
        var result = new TreeMap<String, String>();
        for (Path file : List.of(
                output.resolve("results.jsonl"),
                run.resolve("metrics.jsonl"),
                run.resolve("evaluations.jsonl"),
                run.resolve("samples.jsonl"),
                run.resolve("checkpoint/model.safetensors"),
                last.resolve("means.safetensors"),
                last.resolve("mean-squares.safetensors"))) {
            result.put(output.relativize(file).toString(), Sha256.of(file));
        }
        try (Stream<Path> files = Files.list(run)) {
            for (Path file :
                    files.filter(name -> name.toString().contains("tfevents")).toList()) {
                result.merge("events", Files.size(file) + " bytes", (one, other) -> one + " and " + other);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return result;
    }
}
