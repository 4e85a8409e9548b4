package org.rlvr4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.cli.option.BatchOptions;
import org.rlvr4j.cli.option.ModelOptions;
import org.rlvr4j.cli.option.ProtocolOptions;
import org.rlvr4j.cli.screen.Screen;
import org.rlvr4j.cli.screen.TerminalListener;
import org.rlvr4j.run.evaluation.EvalReport;
import org.rlvr4j.run.evaluation.EvaluationRun;
import org.rlvr4j.run.evaluation.ModelChoice;
import org.rlvr4j.tensor.Backend;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code eval}. */
@Command(
        name = "eval",
        description =
                "Measures Avg@1 (greedy) and Avg@k (sampled) of a checkpoint, each suite by its published protocol.",
        mixinStandardHelpOptions = true)
final class EvalCommand implements Callable<Integer> {

    @Parameters(paramLabel = "PROBLEMS", description = "Parquet in verl's layout, or JSON Lines", arity = "1..*")
    private List<Path> files = new ArrayList<>();

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private BatchOptions batch = new BatchOptions();

    @Mixin
    private OutputOptions printed = new OutputOptions();

    @Mixin
    private ProtocolOptions protocol = new ProtocolOptions();

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "only the first N problems of each suite",
            defaultValue = "2147483647")
    private int limit;

    @Option(
            names = "--output",
            paramLabel = "FOLDER",
            description = "where completions and reports go; an evaluation that was interrupted goes on")
    private @Nullable Path output;

    @Option(
            names = "--workers",
            paramLabel = "WORKERS",
            description = "processes that generate for this one, such as spark: docs/cluster.md (default: none)")
    private @Nullable String workers;

    @Override
    public Integer call() {
        ModelChoice choice = model.choice(batch.maxSequences());
        var evaluation = new EvaluationRun(choice, files, protocol.protocol(), protocol.drawing(), limit, output);
        Screen screen = printed.screen();
        try (Backend backend = model.backend(choice)) {
            EvalReport report = evaluation.run(backend, workers, new TerminalListener(screen, System.err));
            screen.out().println();
            printed.print(report::toText, report::numbers);
        }
        return 0;
    }
}
