package org.rlvr4j.run.evaluation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.Estimate;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.report.Effects;
import org.rlvr4j.run.report.Report;
import org.rlvr4j.run.report.ReportFiles;
import org.rlvr4j.run.report.Table;

/**
 * Paired comparison of an evaluation with baselines on the same problems, paired by problem.
 *
 * @param run       folder of the evaluation
 * @param baselines folders of the evaluations to compare it with
 * @param output    folder of the reports; null to write none
 */
public record PairedComparison(
        Path run, List<Path> baselines, @Nullable Path output) {

    /**
     * Named evaluation: a report with a name for tables.
     *
     * @param name   path of the folder, as it was given
     * @param folder folder of the evaluation
     * @param report report of the evaluation
     */
    private record Named(String name, Path folder, EvalReport report) {

        static Named of(Path folder) {
            return new Named(folder.toString(), folder, EvalReport.read(folder, Dump.Line::verdict));
        }
    }

    /**
     * Outcome of a comparison.
     *
     * @param report  report for readers
     * @param numbers numbers of the report by name, as {@code report.json} has them
     */
    public record Outcome(Report report, Map<String, Object> numbers) {}

    /**
     * Compares the evaluations, and writes the reports.
     *
     * @throws IllegalArgumentException     if an evaluation is not finished, or the evaluations have different suites
     *                                      or numbers of samples
     * @throws java.io.UncheckedIOException if a file cannot be read or written
     */
    public Outcome compare() {
        Named candidate = Named.of(run);
        List<Named> others = baselines.stream().map(Named::of).toList();
        others.forEach(baseline -> requireSame(candidate, baseline));
        var outcome = new Outcome(report(candidate, others), numbers(candidate, others));
        if (output != null) {
            ReportFiles.write(output, outcome.report, outcome.numbers);
        }
        return outcome;
    }

    private static void requireSame(Named candidate, Named baseline) {
        if (!candidate.report.columns().equals(baseline.report.columns())
                || !candidate
                        .report
                        .settings()
                        .sampled()
                        .equals(baseline.report.settings().sampled())
                || candidate.report.samples() != baseline.report.samples()) {
            throw new IllegalArgumentException(candidate.folder + " and " + baseline.folder
                    + " are not of the same suites and numbers of samples, so they cannot be compared");
        }
    }

    private static Report report(Named candidate, List<Named> baselines) {
        var rows = new ArrayList<List<String>>();
        baselines.forEach(baseline -> rows.add(baseline.report.row(baseline.name, null)));
        rows.add(candidate.report.row(candidate.name, null));
        baselines.forEach(
                baseline -> rows.add(candidate.report.row(candidate.name + " - " + baseline.name, baseline.report)));
        var tables = new ArrayList<>(List.of(candidate.report.means("Run", rows)));
        baselines.forEach(baseline -> tables.add(differences(candidate, baseline)));
        var details = new ArrayList<Report.Detail>();
        details.add(new Report.Detail("Settings of " + candidate.name, Configs.write(candidate.report.settings())));
        for (Named baseline : baselines) {
            List<String> settings = Configs.differences(
                    baseline.folder.resolve(EvalSettings.FILE), candidate.report.settings(), Set.of());
            details.add(
                    new Report.Detail("Settings of " + baseline.name + " that differ", String.join("\n", settings)));
        }
        String intro =
                "Differences are paired by problem; intervals are of 95 %, clustered by problem. What is called better"
                    + " or worse is so beyond its interval; of twenty differences that are none, one is called so by"
                    + " chance.";
        return new Report(candidate.name + " against its baselines", intro, tables, details);
    }

    private static Table differences(Named candidate, Named baseline) {
        var names = new ArrayList<>(List.of("In percentage points"));
        names.addAll(candidate.report.columns());
        var rows = new ArrayList<List<String>>();
        for (Metric metric : Metric.brief(candidate.report.samples())) {
            var cells = new ArrayList<>(List.of(metric.name()));
            for (String column : candidate.report.columns()) {
                cells.add(
                        candidate.report.of(metric, column).isEmpty()
                                ? "-"
                                : Effects.judged(difference(candidate, baseline, metric, column), 1));
            }
            rows.add(cells);
        }
        return new Table(
                candidate.name + " against " + baseline.name + ", with 95 % intervals over problems", names, rows);
    }

    private static Estimate difference(Named candidate, Named baseline, Metric metric, String column) {
        return Evaluation.difference(
                candidate.report.of(metric, column), baseline.report.of(metric, column), metric.value());
    }

    private static Map<String, Object> numbers(Named candidate, List<Named> baselines) {
        var differences = new ArrayList<Map<String, Object>>();
        for (Named baseline : baselines) {
            for (Metric metric : Metric.brief(candidate.report.samples())) {
                for (String column : candidate.report.columns()) {
                    if (!candidate.report.of(metric, column).isEmpty()) {
                        Estimate estimate = difference(candidate, baseline, metric, column);
                        Map<String, Object> numbers = EvalReport.numbers(metric.name(), column, estimate);
                        numbers.put("baseline", baseline.name);
                        numbers.put("excludesZero", estimate.excludesZero());
                        differences.add(numbers);
                    }
                }
            }
        }
        var numbers = new LinkedHashMap<String, Object>();
        numbers.put("run", candidate.name);
        numbers.put("settings", candidate.report.settings());
        numbers.put("differences", differences);
        return numbers;
    }
}
