package org.rlvr4j.run;

import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.run.config.MethodChoice;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.report.MetricsFile;
import org.rlvr4j.run.report.ResultTables;
import org.rlvr4j.run.report.RunFailure;
import org.rlvr4j.run.report.RunFolder;
import org.rlvr4j.run.report.Table;
import org.rlvr4j.run.report.TrainingReport;

/**
 * Results of a training, with its tables, its report and its results file.
 *
 * @param config   configuration of the training
 * @param before   greedy evaluation of the first suite before reinforcement
 * @param runs     results of every method and seed that was trained to the end, in the order of the configuration
 * @param failures runs that failed while the others went on
 */
public record Results(RunConfig config, Evaluation before, List<RunResult> runs, List<RunFailure> failures) {

    /** File of one line per method and seed, in the folder of the configuration. */
    static final String FILE = "results.jsonl";

    public Results {
        runs = List.copyOf(runs);
        failures = List.copyOf(failures);
    }

    /** Path of the HTML report, with curves, samples, tables, configuration and commit. */
    public Path reportFile() {
        return TrainingReport.file(config.output());
    }

    /** Writes results.jsonl and report.html into the folder of the configuration. */
    void write() {
        try (var file = new MetricsFile(config.output().resolve(FILE))) {
            runs.forEach(result -> file.write(result.toMap()));
            failures.forEach(failure -> file.write(failure.toMap()));
        }
        TrainingReport.write(List.of(config.output()), reportFile());
    }

    /**
     * The table of methods; if there are several, also the table of their differences from the first; the tables of their
     * gains over the start and of what they forget, if that was measured; and the table of what failed.
     */
    public List<Table> tables() {
        List<String> methods = config.methods().stream().map(MethodChoice::name).toList();
        return ResultTables.of(
                methods,
                runs.stream().map(RunResult::numbers).toList(),
                failures,
                OptionalDouble.of(before.avg().mean()),
                runs.stream()
                        .map(run -> RunFolder.of(config.output(), run.method(), run.seed()))
                        .toList());
    }
}
