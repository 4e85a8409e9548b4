package org.rlvr4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.rlvr4j.cli.report.HtmlReport;
import org.rlvr4j.cli.report.MetricsFile;
import org.rlvr4j.cli.report.Report;
import org.rlvr4j.cli.report.Screen;
import org.rlvr4j.cli.report.Table;
import org.rlvr4j.eval.Estimate;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.rl.StepMetrics;

/** What an experiment has to show: one table, one report, one results file. */
final class Summary {

    private final RunConfig config;
    private final Evaluation before;
    private final List<RunResult> results;

    /** @param before greedy accuracy on the first suite before reinforcement */
    Summary(RunConfig config, Evaluation before, List<RunResult> results) {
        this.config = config;
        this.before = before;
        this.results = List.copyOf(results);
    }

    /** Writes results.jsonl and report.html, and prints the table. */
    void write(Screen screen) {
        try (var file = new MetricsFile(config.output().resolve("results.jsonl"))) {
            results.forEach(result -> file.write(result.toMap()));
        }
        List<Table> tables = tables();
        HtmlReport.write(report(tables), config.output().resolve("report.html"));
        for (Table table : tables) {
            screen.out().println();
            screen.out().print(table.toText());
        }
        screen.out().println();
        screen.out().println("Report: " + config.output().resolve("report.html"));
    }

    private List<Table> tables() {
        List<String> methods =
                config.methods().stream().map(RunConfig.MethodChoice::name).toList();
        return methods.size() == 1 ? List.of(table()) : List.of(table(), Effects.table(methods, results));
    }

    private Table table() {
        int k = config.evaluation().samples();
        var columns = List.of("Method", "Avg@1 %", "Avg@" + k + " %", "RUR %", "TCR %", "Responses", "Seconds");
        var rows = new ArrayList<List<String>>();
        for (RunConfig.MethodChoice method : config.methods()) {
            List<RunResult> runs = runs(method);
            rows.add(List.of(
                    method.name(),
                    percent(runs, RunResult::avgAt1),
                    percent(runs, RunResult::avgAtK),
                    percent(runs, run -> run.mean(StepMetrics::rur)),
                    String.format(Locale.ROOT, "%.3f", 100 * mean(runs, run -> run.mean(StepMetrics::tcr))),
                    String.format(Locale.ROOT, "%.0f", mean(runs, RunResult::generatedResponses)),
                    String.format(Locale.ROOT, "%.0f", mean(runs, RunResult::seconds))));
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
        return results.stream()
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
