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
import org.rlvr4j.run.Effects;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.report.Report;
import org.rlvr4j.run.report.ReportFiles;
import org.rlvr4j.run.report.Table;

/**
 * Comparison of an evaluation with others of the same problems, paired by problem.
 *
 * @param run       the folder of the one
 * @param baselines the folders of the others
 * @param output    the folder of the reports; null for none
 */
public record PairedComparison(
        Path run, List<Path> baselines, @Nullable Path output) {

    /** An evaluation as it was read. */
    private record Named(String name, Path folder, EvalReport report) {

        static Named of(Path folder) {
            return new Named(folder.toString(), folder, EvalReport.read(folder, Dump.Line::verdict));
        }
    }

    /**
     * Compares, and writes the reports.
     *
     * @throws IllegalArgumentException if an evaluation is not finished, or they are not of the same problems
     */
    public Report compare() {
        Named own = Named.of(run);
        List<Named> others = baselines.stream().map(Named::of).toList();
        others.forEach(other -> requireSame(own, other));
        Report report = report(own, others);
        if (output != null) {
            ReportFiles.write(output, report, numbers(own, others));
        }
        return report;
    }

    private static void requireSame(Named own, Named other) {
        if (!own.report.columns().equals(other.report.columns())
                || !own.report
                        .settings()
                        .sampled()
                        .equals(other.report.settings().sampled())
                || own.report.samples() != other.report.samples()) {
            throw new IllegalArgumentException(own.folder + " and " + other.folder
                    + " are not of the same suites and numbers of samples, so they cannot be compared");
        }
    }

    private static Report report(Named own, List<Named> others) {
        var rows = new ArrayList<List<String>>();
        others.forEach(other -> rows.add(other.report.row(other.name, null)));
        rows.add(own.report.row(own.name, null));
        others.forEach(other -> rows.add(own.report.row(own.name + " - " + other.name, other.report)));
        var tables = new ArrayList<>(List.of(own.report.means("Run", rows)));
        others.forEach(other -> tables.add(differences(own, other)));
        var details = new ArrayList<Report.Detail>();
        details.add(new Report.Detail("Settings of " + own.name, Configs.write(own.report.settings())));
        for (Named other : others) {
            List<String> settings =
                    Configs.differences(other.folder.resolve(EvalSettings.FILE), own.report.settings(), Set.of());
            details.add(new Report.Detail("Settings of " + other.name + " that differ", String.join("\n", settings)));
        }
        String intro =
                "Differences are paired by problem; intervals are of 95 %, clustered by problem. What is called better"
                    + " or worse is so beyond its interval; of twenty differences that are none, one is called so by"
                    + " chance.";
        return new Report(own.name + " against its baselines", intro, tables, List.of(), details);
    }

    private static Table differences(Named own, Named other) {
        var names = new ArrayList<>(List.of("In percentage points"));
        names.addAll(own.report.columns());
        var rows = new ArrayList<List<String>>();
        for (Metric metric : Metric.brief(own.report.samples())) {
            var cells = new ArrayList<>(List.of(metric.name()));
            for (String column : own.report.columns()) {
                cells.add(
                        own.report.of(metric, column).isEmpty()
                                ? "-"
                                : Effects.judged(difference(own, other, metric, column), 1));
            }
            rows.add(cells);
        }
        return new Table(own.name + " against " + other.name + ", with 95 % intervals over problems", names, rows);
    }

    private static Estimate difference(Named own, Named other, Metric metric, String column) {
        return Evaluation.difference(own.report.of(metric, column), other.report.of(metric, column), metric.value());
    }

    private static Map<String, Object> numbers(Named own, List<Named> others) {
        var differences = new ArrayList<Map<String, Object>>();
        for (Named other : others) {
            for (Metric metric : Metric.brief(own.report.samples())) {
                for (String column : own.report.columns()) {
                    if (!own.report.of(metric, column).isEmpty()) {
                        Estimate estimate = difference(own, other, metric, column);
                        Map<String, Object> numbers = EvalReport.numbers(metric.name(), column, estimate);
                        numbers.put("baseline", other.name);
                        numbers.put("excludesZero", estimate.excludesZero());
                        differences.add(numbers);
                    }
                }
            }
        }
        var numbers = new LinkedHashMap<String, Object>();
        numbers.put("run", own.name);
        numbers.put("settings", own.report.settings());
        numbers.put("differences", differences);
        return numbers;
    }
}
