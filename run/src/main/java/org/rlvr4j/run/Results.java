package org.rlvr4j.run;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.rlvr4j.eval.Estimate;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.rl.StepMetrics;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.report.HtmlReport;
import org.rlvr4j.run.report.MetricsFile;
import org.rlvr4j.run.report.Report;
import org.rlvr4j.run.report.Table;

/**
 * Results of a training, with its tables, its report and its results file.
 *
 * @param config configuration of the training
 * @param before greedy evaluation of the first suite before reinforcement
 * @param runs   results of every method and seed, in the order of the configuration
 */
public record Results(RunConfig config, Evaluation before, List<RunResult> runs) {

    /** File of one line per method and seed, in the folder of the configuration. */
    static final String FILE = "results.jsonl";

    public Results {
        runs = List.copyOf(runs);
    }

    /** Path of the HTML report, with curves, tables, configuration and commit. */
    public Path reportFile() {
        return config.output().resolve("report.html");
    }

    /** Writes results.jsonl and report.html into the folder of the configuration. */
    void write() {
        try (var file = new MetricsFile(config.output().resolve(FILE))) {
            runs.forEach(result -> file.write(result.toMap()));
        }
        HtmlReport.write(report(tables()), reportFile());
    }

    /** The table of methods; if there are several, also the table of their differences from the first. */
    public List<Table> tables() {
        List<String> methods =
                config.methods().stream().map(RunConfig.MethodChoice::name).toList();
        return methods.size() == 1 ? List.of(table()) : List.of(table(), Effects.table(methods, runs));
    }

    private Table table() {
        int k = config.evaluation().samples();
        var columns = List.of("Method", "Avg@1 %", "Avg@" + k + " %", "RUR %", "TCR %", "Responses", "Seconds");
        var rows = new ArrayList<List<String>>();
        for (RunConfig.MethodChoice method : config.methods()) {
            List<RunResult> seeds = runs(method);
            rows.add(List.of(
                    method.name(),
                    percent(seeds, RunResult::avgAt1),
                    percent(seeds, RunResult::avgAtK),
                    percent(seeds, run -> run.mean(StepMetrics::rur)),
                    String.format(Locale.ROOT, "%.3f", 100 * mean(seeds, run -> run.mean(StepMetrics::tcr))),
                    String.format(Locale.ROOT, "%.0f", mean(seeds, RunResult::generatedResponses)),
                    String.format(Locale.ROOT, "%.0f", mean(seeds, RunResult::seconds))));
        }
        String caption = "Means over " + config.seeds().size() + " seeds with 95 % intervals; greedy accuracy before: "
                + String.format(Locale.ROOT, "%.1f %%", 100 * before.avg().mean());
        return new Table(caption, columns, rows);
    }

    private Report report(List<Table> tables) {
        var panels = new ArrayList<Report.Panel>();
        panels.add(new Report.Panel(
                "Greedy accuracy on held-back problems",
                "share right",
                false,
                series(run -> run.curve().entrySet().stream()
                        .map(point -> new Report.Point(point.getKey(), point.getValue()))
                        .toList())));
        panels.add(panel("Reward", "mean of a response", false, StepMetrics::reward));
        panels.add(panel("Response length", "tokens", false, StepMetrics::responseLength));
        panels.add(panel("Response utilization ratio (RUR)", "share", false, StepMetrics::rur));
        panels.add(panel("Token clipping ratio (TCR)", "share", true, StepMetrics::tcr));
        panels.add(panel("Entropy", "nats per token", false, StepMetrics::entropy));
        panels.add(panel("Gradient norm before clipping", "L2", true, StepMetrics::gradNorm));
        String seeds = config.seeds().stream().map(String::valueOf).collect(Collectors.joining(", "));
        String intro = "Every method starts from the same weights and sees the same problems; seeds " + seeds
                + ". Lines are means over seeds, bands their smallest and largest values. Avg@1 is greedy, Avg@"
                + config.evaluation().samples() + " is at temperature 1; RUR and TCR are means over the run.";
        List<Report.Detail> details = List.of(
                new Report.Detail("Configuration", Configs.write(config)),
                new Report.Detail("Commit", Build.commit()),
                new Report.Detail("Machine", machine()));
        return new Report("rlvr4j: " + config.output().getFileName(), intro, tables, panels, details);
    }

    private Report.Panel panel(String title, String label, boolean log, ToDoubleFunction<StepMetrics> metric) {
        return new Report.Panel(title, label, log, series(run -> run.metrics().stream()
                .map(step -> new Report.Point(step.step(), metric.applyAsDouble(step)))
                .toList()));
    }

    /** Curve of a run: function from its result to the points to draw. */
    private interface Curve {
        List<Report.Point> of(RunResult run);
    }

    private List<Report.Series> series(Curve curve) {
        return config.methods().stream()
                .map(method -> new Report.Series(
                        method.name(),
                        runs(method).stream()
                                .map(run -> new Report.Run(run.seed(), curve.of(run)))
                                .toList()))
                .toList();
    }

    private List<RunResult> runs(RunConfig.MethodChoice method) {
        return runs.stream()
                .filter(result -> result.method().equals(method.name()))
                .toList();
    }

    private static String percent(List<RunResult> runs, ToDoubleFunction<RunResult> value) {
        return Estimate.of(runs.stream().mapToDouble(value).toArray()).percent();
    }

    private static double mean(List<RunResult> runs, ToDoubleFunction<RunResult> value) {
        return runs.stream().mapToDouble(value).average().orElse(0);
    }

    private static String machine() {
        return System.getProperty("os.name") + " " + System.getProperty("os.arch") + ", "
                + Runtime.getRuntime().availableProcessors() + " cores, Java " + System.getProperty("java.version");
    }
}
