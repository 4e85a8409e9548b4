package org.rlvr4j.run.report;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.rlvr4j.eval.Estimate;
import org.rlvr4j.eval.Evaluation;

/**
 * Effects of methods: their differences from the first method, paired by seed. Runs of the same seed see the same
 * problems in the same order, so their difference varies less than the runs themselves.
 */
public final class Effects {

    private Effects() {}

    /**
     * Returns a table of differences in percentage points, with intervals by Student's t over seeds. Those of a column hold
     * together with a confidence of 95 %: they are corrected for their number by Bonferroni.
     *
     * @param methods names of the methods; the first is the baseline
     * @param results numbers of the runs that are finished
     */
    static Table table(List<String> methods, List<RunNumbers> results) {
        int k = results.getFirst().samples();
        var columns = List.of("Against " + methods.getFirst(), "Avg@1", Evaluation.nameOfSampled(k), "RUR", "TCR");
        var compared = new LinkedHashMap<String, List<Pair>>();
        for (String method : methods.subList(1, methods.size())) {
            List<Pair> pairs = pairs(method, methods.getFirst(), results);
            if (!pairs.isEmpty()) {
                compared.put(method, pairs);
            }
        }
        int count = compared.size();
        var rows = new ArrayList<List<String>>();
        compared.forEach((method, pairs) -> rows.add(List.of(
                method,
                marked(difference(pairs, RunNumbers::avgAt1, count), 1),
                marked(difference(pairs, RunNumbers::avgAtK, count), 1),
                marked(difference(pairs, RunNumbers::rur, count), 1),
                marked(difference(pairs, RunNumbers::tcr, count), 3))));
        return new Table(caption(count), columns, rows);
    }

    private static String caption(int comparisons) {
        String together = comparisons == 1
                ? "with 95 % intervals"
                : "with intervals that hold for the " + comparisons + " of a column together at 95 % (Bonferroni)";
        return "Differences in percentage points, paired by seed, " + together + "; * excludes 0";
    }

    /**
     * Formats a difference in accuracy, followed by "better" or "worse" if its interval excludes 0.
     *
     * @param difference difference of two shares
     * @param decimals   number of decimals of the percentage points
     */
    public static String judged(Estimate difference, int decimals) {
        String better = difference.mean() > 0 ? " better" : " worse";
        return difference.percentagePoints(decimals) + (difference.excludesZero() ? better : "");
    }

    /** Formats a difference, followed by a star if its interval excludes 0. */
    static String marked(Estimate difference, int decimals) {
        return difference.percentagePoints(decimals) + (difference.excludesZero() ? " *" : "");
    }

    /** Runs of two methods with the same seed. */
    private record Pair(RunNumbers run, RunNumbers baseline) {}

    /** The finished runs of a method whose seed the baseline has finished, too. */
    private static List<Pair> pairs(String method, String baseline, List<RunNumbers> results) {
        return results.stream()
                .filter(run -> run.method().equals(method))
                .flatMap(run -> results.stream()
                        .filter(other -> other.method().equals(baseline) && other.seed() == run.seed())
                        .map(other -> new Pair(run, other)))
                .toList();
    }

    private static Estimate difference(List<Pair> pairs, ToDoubleFunction<RunNumbers> value, int comparisons) {
        return Estimate.ofDifferences(
                List.of(pairs.stream()
                        .mapToDouble(pair -> value.applyAsDouble(pair.run()) - value.applyAsDouble(pair.baseline()))
                        .toArray()),
                comparisons);
    }
}
