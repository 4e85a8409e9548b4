package org.rlvr4j.run.evaluation;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.Estimate;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.report.Report;
import org.rlvr4j.run.report.ReportFiles;
import org.rlvr4j.run.report.Table;

/**
 * Evaluation report: scores and tables of every suite. It does not depend on when, how fast or in how many parts the
 * evaluation was made.
 *
 * @param settings settings of the evaluation
 * @param greedy   greedy evaluation (Avg@1) of every suite
 * @param sampled  sampled evaluation (Avg@k) of every sampled suite
 */
public record EvalReport(EvalSettings settings, List<Evaluation> greedy, List<Evaluation> sampled) {

    /** Name of the column with the mean over suites. */
    static final String AVERAGE = "Average";

    private static final double MEDIAN = 0.5;
    private static final double QUANTILE_95 = 0.95;

    /**
     * Reads the report of an evaluation from its folder.
     *
     * @param folder  folder of the evaluation
     * @param verdict function from a line of the dump to its verdict
     * @throws IllegalArgumentException if the evaluation is not finished
     */
    static EvalReport read(Path folder, Function<Dump.Line, Verdict> verdict) {
        return read(folder, EvalSettings.read(folder), verdict, Map.of());
    }

    /**
     * Reads an evaluation from its folder and judges it again.
     *
     * @param folder   folder of the evaluation
     * @param settings its settings, with the verifiers that judge now
     * @param verdict  function from a line of the dump to its verdict
     * @param voters   verifier that decides which answers are the same, by the suite
     * @throws IllegalArgumentException if the evaluation is not finished
     */
    static EvalReport read(
            Path folder, EvalSettings settings, Function<Dump.Line, Verdict> verdict, Map<String, Verifier> voters) {
        Dump.Contents contents = Dump.read(folder.resolve(Dump.FILE), settings, verdict, voters);
        var greedy = new ArrayList<Evaluation>();
        var sampled = new ArrayList<Evaluation>();
        settings.suites().forEach((suite, problems) -> {
            greedy.add(evaluation(contents, suite, settings, 0, folder));
            if (settings.sampled().contains(suite)) {
                sampled.add(evaluation(
                        contents, suite, settings, settings.sampling().temperature(), folder));
            }
        });
        return new EvalReport(settings, greedy, sampled);
    }

    private static Evaluation evaluation(
            Dump.Contents contents, String suite, EvalSettings settings, double temperature, Path folder) {
        var evaluation = new Evaluation(suite, settings.at(temperature).samples(), contents.of(suite, temperature));
        int problems = settings.suites().getOrDefault(suite, 0);
        if (evaluation.scores().size() != problems) {
            throw new IllegalArgumentException(folder + " is not finished: of the " + problems + " problems of " + suite
                    + ", " + evaluation.scores().size() + " are answered at temperature " + temperature
                    + "; the same eval goes on with it");
        }
        return evaluation;
    }

    /** Number k of samples per problem; 0 if no suite is sampled. */
    int samples() {
        return settings.sampled().isEmpty() ? 0 : settings.sampling().samples();
    }

    /** Names of the suites, followed by {@link #AVERAGE} if there are several. */
    List<String> columns() {
        Stream<String> suites = greedy.stream().map(Evaluation::suite);
        return Stream.concat(suites, greedy.size() > 1 ? Stream.of(AVERAGE) : Stream.of())
                .toList();
    }

    /**
     * Evaluations from which a metric is computed for a column; empty if the metric needs samples and there are none.
     */
    List<Evaluation> of(Metric metric, String column) {
        return (metric.sampled() ? sampled : greedy)
                .stream()
                        .filter(evaluation ->
                                column.equals(AVERAGE) || evaluation.suite().equals(column))
                        .toList();
    }

    /** Mean of a metric with its interval; empty if the metric needs samples and there are none. */
    private Optional<Estimate> estimate(Metric metric, String column) {
        List<Evaluation> evaluations = of(metric, column);
        return evaluations.isEmpty() ? Optional.empty() : Optional.of(Evaluation.mean(evaluations, metric.value()));
    }

    /**
     * Returns a table row in the form that papers use: Avg@1/Avg@k in per cent, or Avg@1 for suites that are not
     * sampled.
     *
     * @param label    first cell of the row
     * @param baseline report whose means are subtracted; null for none
     */
    List<String> row(String label, @Nullable EvalReport baseline) {
        var cells = new ArrayList<>(List.of(label));
        for (String column : columns()) {
            var means = new ArrayList<String>();
            for (Metric metric : Metric.averages(samples())) {
                estimate(metric, column).ifPresent(estimate -> {
                    double mean = estimate.mean();
                    if (baseline != null) {
                        mean -= baseline.estimate(metric, column)
                                .map(Estimate::mean)
                                .orElse(Double.NaN);
                    }
                    means.add(String.format(Locale.ROOT, baseline == null ? "%.1f" : "%+.1f", 100 * mean));
                });
            }
            cells.add(String.join("/", means));
        }
        return cells;
    }

    /** Returns a table of rows made by {@link #row}; {@code first} is the title of the first column. */
    Table means(String first, List<List<String>> rows) {
        var names = new ArrayList<>(List.of(first));
        names.addAll(columns());
        String metrics = Metric.averages(samples()).stream().map(Metric::name).collect(Collectors.joining("/"));
        return new Table(metrics + " in per cent", names, rows);
    }

    /** Tables of means, intervals, parts of the verdicts if there are several, completions and protocol. */
    List<Table> tables() {
        var tables = new ArrayList<>(List.of(means("Model", List.of(row(settings.model(), null))), intervals()));
        var parts = new VerdictParts(settings, greedy, sampled);
        if (!parts.isEmpty()) {
            tables.add(parts.table());
        }
        tables.add(completions());
        tables.add(new ProtocolReport(settings).table());
        return tables;
    }

    /** A sentence for each suite in none of whose completions an answer was found. */
    public List<String> unanswered() {
        return new ProtocolReport(settings)
                .unanswered(Stream.concat(greedy.stream(), sampled.stream()).toList());
    }

    private Table intervals() {
        var names = new ArrayList<>(List.of("In per cent"));
        names.addAll(columns());
        var rows = new ArrayList<List<String>>();
        for (Metric metric : Metric.all(samples())) {
            var cells = new ArrayList<>(List.of(metric.name()));
            columns()
                    .forEach(column -> cells.add(
                            estimate(metric, column).map(Estimate::percent).orElse("-")));
            rows.add(cells);
        }
        return new Table("With 95 % intervals over problems", names, rows);
    }

    private Table completions() {
        var names = List.of(
                "Suite",
                "Drawn",
                "Completions",
                "Truncated %",
                "No answer %",
                "Ungradable %",
                "Mean",
                "Median",
                "95 %",
                "Longest");
        var rows = new ArrayList<List<String>>();
        greedy.forEach(suite -> rows.add(completions(suite, "greedily")));
        sampled.forEach(suite ->
                rows.add(completions(suite, "T = " + settings.sampling().temperature())));
        return new Table("Completions, and their lengths in tokens", names, rows);
    }

    private static List<String> completions(Evaluation suite, String drawn) {
        return List.of(
                suite.suite(),
                drawn,
                String.valueOf(suite.samples() * suite.scores().size()),
                decimal(100 * suite.truncatedShare()),
                decimal(100 * suite.unboxedShare()),
                decimal(100 * suite.ungradableShare()),
                decimal(suite.meanLength()),
                String.valueOf(suite.length(MEDIAN)),
                String.valueOf(suite.length(QUANTILE_95)),
                String.valueOf(suite.length(1)));
    }

    private static String decimal(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    /** The tables as text for a console. */
    public String toText() {
        return report().toText();
    }

    /** Writes the report into a folder, as text, Markdown, JSON and HTML. */
    void write(Path folder) {
        ReportFiles.write(folder, report(), numbers());
    }

    private Report report() {
        var intro = new ArrayList<String>();
        intro.add((samples() == 0
                        ? "Avg@1 is greedy. The average"
                        : "Avg@1 is greedy, " + Evaluation.nameOfSampled(samples()) + " the mean of "
                                + ProtocolReport.drawn(settings.sampling())
                                + "; pass@k and maj@k are exact means over all choices of k of them. The average")
                + " weighs suites equally. Intervals are of 95 %, clustered by"
                + " problem: they tell how other problems of the kind might turn out, not other training runs.");
        unanswered().forEach(sentence -> intro.add("Note: " + sentence + "."));
        return new Report(
                "Evaluation of " + settings.model(),
                String.join("\n\n", intro),
                tables(),
                List.of(new Report.Detail("Settings and SHA-256", Configs.write(settings))));
    }

    /** The numbers of the report by name, as {@code report.json} has them. */
    public Map<String, Object> numbers() {
        var metrics = new ArrayList<Map<String, Object>>();
        for (Metric metric : Metric.all(samples())) {
            for (String column : columns()) {
                estimate(metric, column).ifPresent(estimate -> metrics.add(numbers(metric.name(), column, estimate)));
            }
        }
        var completions = new ArrayList<Map<String, Object>>();
        greedy.forEach(suite -> completions.add(numbers(suite, settings.greedy())));
        sampled.forEach(suite -> completions.add(numbers(suite, settings.sampling())));
        var numbers = new LinkedHashMap<String, Object>();
        numbers.put("settings", settings);
        numbers.put("measures", metrics);
        numbers.put("parts", new VerdictParts(settings, greedy, sampled).numbers());
        numbers.put("completions", completions);
        numbers.put("notes", unanswered());
        return numbers;
    }

    /** An estimate as entries of a JSON object; without low and high if it has no interval. */
    static Map<String, Object> numbers(String metric, String column, Estimate estimate) {
        var numbers = new LinkedHashMap<String, Object>();
        numbers.put("measure", metric);
        numbers.put("suite", column);
        numbers.put("mean", estimate.mean());
        estimate.interval().ifPresent(interval -> {
            numbers.put("low", interval.low());
            numbers.put("high", interval.high());
        });
        return numbers;
    }

    private static Map<String, Object> numbers(Evaluation suite, Sampling sampling) {
        var numbers = new LinkedHashMap<String, Object>();
        numbers.put("suite", suite.suite());
        numbers.put("temperature", sampling.temperature());
        numbers.put("problems", suite.scores().size());
        numbers.put("samples", suite.samples());
        numbers.put("truncated", suite.truncatedShare());
        numbers.put("unboxed", suite.unboxedShare());
        numbers.put("ungradable", suite.ungradableShare());
        numbers.put("meanLength", suite.meanLength());
        numbers.put("medianLength", suite.length(MEDIAN));
        numbers.put("length95", suite.length(QUANTILE_95));
        numbers.put("maxLength", suite.length(1));
        return numbers;
    }
}
