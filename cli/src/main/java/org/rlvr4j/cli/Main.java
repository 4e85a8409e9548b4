package org.rlvr4j.cli;

import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.cli.download.DownloadCommand;
import org.rlvr4j.cli.report.Screen;
import org.rlvr4j.cli.report.Table;
import org.rlvr4j.model.Safetensors;
import org.rlvr4j.rl.NotFiniteException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.ScopeType;

/**
 * The command line: every subcommand is a method, every option an argument of it.
 *
 * <p>A user's mistake, which shows as an {@link IllegalArgumentException} or {@link UncheckedIOException}, is one
 * sentence and exit code 2; work that was interrupted is exit code 130, and any other failure 1.
 */
@Command(
        name = "rlvr4j",
        description = "Reinforcement learning from verifiable rewards.",
        version = "rlvr4j 0.1.0",
        subcommands = DownloadCommand.class,
        mixinStandardHelpOptions = true)
public final class Main implements Runnable {

    /** Enough of the causes of a failure. */
    private static final int MAX_CAUSES = 20;

    private static final int FAILURE = 1;
    private static final int MISTAKE = 2;
    private static final String DEBUG = "--debug";

    private final Interruption interruption = new Interruption();

    public static void main(String[] args) {
        var main = new Main();
        main.interruption.onSignals();
        int exitCode = commandLine(main, System.getenv("RLVR4J_DEBUG") != null).execute(args);
        main.interruption.end();
        System.exit(exitCode);
    }

    /** Without a subcommand there is nothing to do but to say what there is. */
    @Override
    public void run() {
        CommandLine.usage(this, System.out);
    }

    @Command(description = "Trains one method with one seed.", mixinStandardHelpOptions = true)
    int train(@Mixin RunOptions options) {
        RunConfig run = options.read();
        if (run.methods().size() != 1 || run.seeds().size() != 1) {
            throw new IllegalArgumentException(options.config() + ": train takes one method and one seed, not "
                    + run.methods().size() + " and " + run.seeds().size() + "; use ablate, or --set");
        }
        return experiment(run, options);
    }

    @Command(description = "Trains and compares all methods and seeds.", mixinStandardHelpOptions = true)
    int ablate(@Mixin RunOptions options) {
        return experiment(options.read(), options);
    }

    private int experiment(RunConfig run, RunOptions options) {
        Device device = options.device();
        try (var _ = FolderLock.of(run.output());
                var experiment = new Experiment(run, options.fresh(), device, Screen.system(), interruption)) {
            experiment.run();
        }
        return 0;
    }

    @Command(
            description =
                    "Says what a model is and what memory it takes, in training or without; exit code 2 if there is"
                            + " less.",
            mixinStandardHelpOptions = true)
    int inspect(@Mixin RunOptions options) {
        var inspection = new Inspection(Memory.ofMachine(), Screen.system());
        if (Files.isDirectory(options.config())) {
            inspection.checkpoint(options.config());
        } else {
            inspection.training(options.read());
        }
        return 0;
    }

    @Command(
            name = "eval",
            description = "Measures Avg@1 (greedy) and Avg@k (temperature 1) of a checkpoint.",
            mixinStandardHelpOptions = true)
    int evaluate(
            @Parameters(
                            paramLabel = "PROBLEMS",
                            description = "Parquet in verl's layout, or JSON Lines",
                            arity = "1..*")
                    List<Path> files,
            @Mixin ModelOptions model,
            @Option(
                            names = "--samples",
                            paramLabel = "K",
                            description = "completions per problem of Avg@k (default: ${DEFAULT-VALUE})",
                            defaultValue = "32")
                    int samples,
            @Option(
                            names = "--sampled",
                            paramLabel = "SUITE",
                            description = "the only suites whose Avg@k is measured",
                            split = ",")
                    @Nullable
                    List<String> sampled,
            @Option(
                            names = "--limit",
                            paramLabel = "N",
                            description = "only the first N problems of each suite",
                            defaultValue = "2147483647")
                    int limit,
            @Option(
                            names = "--output",
                            paramLabel = "FOLDER",
                            description =
                                    "where completions and reports go; an evaluation that was interrupted goes on")
                    @Nullable
                    Path output) {
        new EvalCommand(model, samples, sampled, limit, output).run(files, Screen.system());
        return 0;
    }

    @Command(
            description = "Grades the completions of an evaluation again, without its model.",
            mixinStandardHelpOptions = true)
    int score(@Parameters(paramLabel = "FOLDER", description = "the --output of an eval") Path folder) {
        new ScoreCommand(folder).run(Screen.system());
        return 0;
    }

    @Command(
            description = "Compares an evaluation with others of the same problems, paired by problem.",
            mixinStandardHelpOptions = true)
    int compare(
            @Parameters(paramLabel = "FOLDER", description = "the --output of an eval") Path run,
            @Parameters(paramLabel = "BASELINE", description = "those of others", arity = "1..*") List<Path> baselines,
            @Option(names = "--output", paramLabel = "FOLDER", description = "where reports go") @Nullable
                    Path output) {
        new CompareCommand(run, baselines, output).run(Screen.system());
        return 0;
    }

    @Command(description = "Continues a prompt.", mixinStandardHelpOptions = true)
    int generate(
            @Parameters(paramLabel = "PROMPT", description = "the user's turn") String prompt,
            @Mixin ModelOptions model,
            @Option(
                            names = "--temperature",
                            paramLabel = "T",
                            description = "0 for the most likely token each time (default: ${DEFAULT-VALUE})",
                            defaultValue = "0")
                    double temperature,
            @Option(
                            names = "--samples",
                            paramLabel = "N",
                            description = "how many completions (default: ${DEFAULT-VALUE})",
                            defaultValue = "1")
                    int samples) {
        new GenerateCommand(model, temperature, samples).run(prompt, Screen.system());
        return 0;
    }

    @Command(description = "Lists what --device takes, and what stands against it.", mixinStandardHelpOptions = true)
    int devices() {
        System.out.print(new Table("", List.of("--device", "what it is"), Device.all()).toText());
        return 0;
    }

    @Command(
            description =
                    "Writes a checkpoint again, in another precision, in other shards, or with adapters merged into"
                            + " it.",
            mixinStandardHelpOptions = true)
    int convert(
            @Parameters(paramLabel = "FROM", description = "a checkpoint in Hugging Face layout") Path from,
            @Parameters(paramLabel = "TO", description = "a folder that holds none yet") Path to,
            @Option(
                            names = "--dtype",
                            description = "${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE})",
                            defaultValue = "F32")
                    Safetensors.Dtype dtype,
            @Option(
                            names = "--shard-bytes",
                            paramLabel = "N",
                            description = "largest file (default: ${DEFAULT-VALUE})",
                            defaultValue = "4000000000")
                    long shardBytes,
            @Option(
                            names = "--adapter",
                            paramLabel = "FOLDER",
                            description = "adapters in PEFT's layout, which are added to the weights")
                    @Nullable
                    Path adapter) {
        CheckpointFolder.convert(from, adapter, to, dtype, shardBytes);
        return 0;
    }

    /** Binds arguments to a command, and failures to sentences; with their stack trace if {@code debug}. */
    static CommandLine commandLine(Object command, boolean debug) {
        OptionSpec option = OptionSpec.builder(DEBUG)
                .scopeType(ScopeType.INHERIT)
                .description("Prints the stack trace of a failure.")
                .build();
        return new CommandLine(CommandSpec.forAnnotatedObject(command).addOption(option))
                .setExecutionExceptionHandler((e, line, parsed) -> failed(e, line, debug || isDebug(parsed)))
                .setParameterExceptionHandler((e, args) -> misused(e, debug));
    }

    private static int failed(Exception e, CommandLine line, boolean debug) {
        int exitCode =
                switch (e) {
                    case IllegalArgumentException _, UncheckedIOException _ -> MISTAKE;
                    case Interruption.Heeded _ -> Interruption.EXIT_CODE;
                    default -> FAILURE;
                };
        boolean isSentence = e.getMessage() != null && (exitCode != FAILURE || e instanceof NotFiniteException);
        String sentence = outOfMemory(e).orElseGet(() -> isSentence ? e.getMessage() : e.toString());
        say(line, sentence, debug ? e : null);
        return exitCode;
    }

    /** What to do, if memory is what was missing, on the Java heap or beside it. */
    private static Optional<String> outOfMemory(Exception e) {
        return Stream.<Throwable>iterate(e, cause -> cause != null, Throwable::getCause)
                .limit(MAX_CAUSES)
                .filter(cause -> cause instanceof OutOfMemoryError)
                .map(cause -> "out of memory (" + cause.getMessage() + "): lower training.microBatchTokens or"
                        + " training.maxSequences, or give the heap more by RLVR4J_JAVA_OPTS=-Xmx4g; checkpoints that"
                        + " were written are whole, and the same command goes on from the newest")
                .findFirst();
    }

    private static int misused(ParameterException e, boolean debug) {
        String name = e.getCommandLine().getCommandSpec().qualifiedName();
        say(e.getCommandLine(), e.getMessage() + ", see " + name + " --help", debug ? e : null);
        return MISTAKE;
    }

    private static void say(CommandLine line, String sentence, @Nullable Exception trace) {
        PrintWriter err = line.getErr();
        err.println("rlvr4j: " + sentence.strip().replaceAll("\\s*\\R\\s*", " "));
        if (trace != null) {
            trace.printStackTrace(err);
        }
        err.flush();
    }

    private static boolean isDebug(ParseResult parsed) {
        return parsed.originalArgs().contains(DEBUG);
    }
}
