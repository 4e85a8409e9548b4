package org.rlvr4j.run.report;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.Estimate;

/**
 * Gains of methods over the weights that all runs start from, suite by suite, and what they forget of ordinary text: from the
 * first and the last greedy evaluation of each run.
 */
final class Gains {

    private static final String PERPLEXITY = "perplexity";

    private Gains() {}

    /**
     * Greedy evaluation of one suite.
     *
     * @param right    1 for each problem that is answered rightly, 0 for the others
     * @param answered share of the problems that have an answer, right or wrong
     */
    @SuppressWarnings("ArrayRecordComponent") // compared by identity
    private record Greedy(double[] right, double answered) {

        double accuracy() {
            return Estimate.of(right).mean();
        }
    }

    /**
     * What a run's evaluations say of its start and its end.
     *
     * @param method     name of the method
     * @param before     evaluations of the start by suite
     * @param after      latest evaluations by suite
     * @param perplexity perplexities of the ordinary text, the start's first; empty if it was not measured
     */
    private record Change(
            String method, Map<String, Greedy> before, Map<String, Greedy> after, List<Double> perplexity) {

        static Change of(RunFolder run) {
            var change = new Change(run.method(), new LinkedHashMap<>(), new LinkedHashMap<>(), new ArrayList<>());
            if (Files.isRegularFile(run.resolve(RunFolder.EVALUATIONS))) {
                MetricsFile.forEach(run.resolve(RunFolder.EVALUATIONS), change::add);
            }
            return change;
        }

        private void add(Map<String, Object> line) {
            if (line.get(PERPLEXITY) instanceof Number value) {
                perplexity.add(value.doubleValue());
            }
            if (line.get("suite") instanceof String suite && line.get("right") instanceof String right) {
                double unboxed = line.get("unboxed") instanceof Number share ? share.doubleValue() : 0;
                var greedy = new Greedy(
                        right.chars().mapToDouble(digit -> digit - '0').toArray(), 1 - unboxed);
                before.putIfAbsent(suite, greedy);
                after.put(suite, greedy);
            }
        }
    }

    /**
     * The tables that can be made: of gains, and of perplexities if they were measured.
     *
     * @param runs folders of finished runs
     */
    static List<Table> tables(List<RunFolder> runs) {
        var byMethod = new LinkedHashMap<String, List<Change>>();
        runs.stream().map(Change::of).forEach(change -> byMethod.computeIfAbsent(
                        change.method(), _ -> new ArrayList<>())
                .add(change));
        return Stream.of(gains(byMethod), perplexities(byMethod, beforeWarmUp(runs)))
                .filter(table -> !table.rows().isEmpty())
                .toList();
    }

    private static Table gains(Map<String, List<Change>> byMethod) {
        int comparisons = byMethod.values().stream()
                .mapToInt(changes -> changes.getFirst().after().size())
                .sum();
        var rows = new ArrayList<List<String>>();
        byMethod.forEach((method, changes) -> changes.getFirst()
                .after()
                .keySet()
                .forEach(suite -> rows.add(row(method, suite, changes, comparisons))));
        String together = comparisons == 1
                ? "95 % intervals"
                : "intervals that hold for the " + comparisons + " of a column together at 95 % (Bonferroni)";
        return new Table(
                "Gains in greedy accuracy over the start, in percentage points, with " + together
                        + "; paired by problem (mean over seeds), and over seeds; * excludes 0. Answered: has an"
                        + " answer, right or wrong",
                List.of("Method", "Suite", "Avg@1 %", "Gain, by problems", "Gain, by seeds", "Answered %"),
                rows);
    }

    private static List<String> row(String method, String suite, List<Change> all, int comparisons) {
        List<Change> changes =
                all.stream().filter(change -> change.after().containsKey(suite)).toList();
        double[] byProblem = byProblem(suite, changes);
        double[] bySeed = changes.stream()
                .mapToDouble(change ->
                        after(change, suite).accuracy() - before(change, suite).accuracy())
                .toArray();
        return List.of(
                method,
                suite,
                fromTo(
                        mean(changes, change -> before(change, suite).accuracy()),
                        mean(changes, change -> after(change, suite).accuracy())),
                Effects.marked(Estimate.ofDifferences(List.of(byProblem), comparisons), 1),
                Effects.marked(Estimate.ofDifferences(List.of(bySeed), comparisons), 1),
                fromTo(
                        mean(changes, change -> before(change, suite).answered()),
                        mean(changes, change -> after(change, suite).answered())));
    }

    /** Gain on each problem, mean over seeds. */
    private static double[] byProblem(String suite, List<Change> changes) {
        var gains = new double[before(changes.getFirst(), suite).right().length];
        for (Change change : changes) {
            for (int i = 0; i < gains.length; i++) {
                gains[i] +=
                        (after(change, suite).right()[i] - before(change, suite).right()[i]) / changes.size();
            }
        }
        return gains;
    }

    private static Greedy before(Change change, String suite) {
        return known(change.before().get(suite), suite);
    }

    private static Greedy after(Change change, String suite) {
        return known(change.after().get(suite), suite);
    }

    private static Greedy known(@Nullable Greedy greedy, String suite) {
        if (greedy == null) {
            throw new IllegalArgumentException("the suite " + suite + " was not evaluated");
        }
        return greedy;
    }

    /** Perplexity before the warm-up, as the end of a caption; empty if it was not measured. */
    private static String beforeWarmUp(List<RunFolder> runs) {
        var measured =
                new LinkedHashSet<String>(); // each seed may have a warm-up, and all of them begin with the same model
        runs.stream()
                .map(RunFolder::warmUp)
                .filter(Files::isRegularFile)
                .distinct()
                .forEach(file -> MetricsFile.forEach(file, line -> {
                    if (line.get(PERPLEXITY) instanceof Number value) {
                        measured.add(
                                String.format(Locale.ROOT, "; before the warm-up it was %.2f", value.doubleValue()));
                    }
                }));
        return String.join("", measured);
    }

    private static Table perplexities(Map<String, List<Change>> byMethod, String beforeWarmUp) {
        var rows = new ArrayList<List<String>>();
        byMethod.forEach((method, changes) -> {
            List<Change> measured = changes.stream()
                    .filter(change -> !change.perplexity().isEmpty())
                    .toList();
            if (!measured.isEmpty()) {
                double before = mean(measured, change -> change.perplexity().getFirst());
                double after = mean(measured, change -> change.perplexity().getLast());
                rows.add(List.of(
                        method,
                        String.format(Locale.ROOT, "%.2f", before),
                        String.format(Locale.ROOT, "%.2f", after),
                        String.format(Locale.ROOT, "%+.1f", 100 * (after / before - 1))));
            }
        });
        return new Table(
                "Perplexity of ordinary text before and after reinforcement, mean over seeds" + beforeWarmUp,
                List.of("Method", "Before", "After", "Change %"),
                rows);
    }

    private static double mean(List<Change> changes, ToDoubleFunction<Change> value) {
        return changes.stream().mapToDouble(value).average().orElse(0);
    }

    private static String fromTo(double before, double after) {
        return String.format(Locale.ROOT, "%.1f → %.1f", 100 * before, 100 * after);
    }
}
