package org.rlvr4j.cli;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.run.evaluation.PairedComparison;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code compare}. */
@Command(
        name = "compare",
        description = "Compares an evaluation with others of the same problems, paired by problem.",
        mixinStandardHelpOptions = true)
final class CompareCommand implements Callable<Integer> {

    @Parameters(index = "0", paramLabel = "FOLDER", description = "the --output of an eval")
    private Path run = Path.of("");

    @Parameters(index = "1..*", paramLabel = "BASELINE", description = "those of others", arity = "1..*")
    private List<Path> baselines = new ArrayList<>();

    @Option(names = "--output", paramLabel = "FOLDER", description = "where reports go")
    private @Nullable Path output;

    @Mixin
    private OutputOptions printed = new OutputOptions();

    @Override
    public Integer call() {
        PairedComparison.Outcome outcome = new PairedComparison(run, baselines, output).compare();
        printed.print(() -> outcome.report().toText(), outcome::numbers);
        return 0;
    }
}
