package org.rlvr4j.run;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
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
 * @param before   greedy evaluation of the first suite by each start, before reinforcement
 * @param runs     results of every method and seed that was trained to the end, in the order of the configuration
 * @param failures runs that failed while the others went on
 */
public record Results(RunConfig config, List<Evaluation> before, List<RunResult> runs, List<RunFailure> failures) {

    /** File of one line per method and seed, in the folder of the configuration. */
    static final String FILE = "results.jsonl";

    public Results {
        before = List.copyOf(before);
        runs = List.copyOf(runs);
        failures = List.copyOf(failures);
    }

    /**
     * Results of a whole training.
     *
     * @param config configuration of the training
     * @param parts  results of its parts, one for each start
     */
    static Results of(RunConfig config, List<Results> parts) {
        List<String> methods = methods(config);
        return new Results(
                config,
                parts.stream().flatMap(part -> part.before().stream()).toList(),
                parts.stream()
                        .flatMap(part -> part.runs().stream())
                        .sorted(Comparator.comparingInt(run -> methods.indexOf(run.method())))
                        .toList(),
                parts.stream().flatMap(part -> part.failures().stream()).toList());
    }

    private static List<String> methods(RunConfig config) {
        return config.methods().stream().map(MethodChoice::name).toList();
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
        return ResultTables.of(
                methods(config),
                runs.stream().map(RunResult::numbers).toList(),
                failures,
                before.stream().mapToDouble(start -> start.avg().mean()).average(),
                runs.stream()
                        .map(run -> RunFolder.of(config.output(), run.method(), run.seed()))
                        .toList());
    }
}
