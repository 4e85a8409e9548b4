package org.rlvr4j.run;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.rlvr4j.eval.Estimate;
import org.rlvr4j.rl.StepMetrics;
import org.rlvr4j.run.report.Table;

/**
 * Effects of methods: their differences from the first method, paired by seed. Runs of the same seed see the same
 * problems in the same order, so their difference varies less than the runs themselves.
 */
public final class Effects {

    private Effects() {}

    /**
     * Returns a table of differences in percentage points, with 95 % intervals by Student's t over seeds.
     *
     * @param methods names of the methods; the first is the baseline
     * @param results results of every method and seed
     */
    static Table table(List<String> methods, List<RunResult> results) {
        int k = results.getFirst().sampled().getFirst().samples();
        var columns = List.of("Against " + methods.getFirst(), "Avg@1", "Avg@" + k, "RUR", "TCR");
        var rows = new ArrayList<List<String>>();
        for (String method : methods.subList(1, methods.size())) {
            rows.add(List.of(
                    method,
                    judged(difference(method, methods.getFirst(), results, RunResult::avgAt1), 1),
                    judged(difference(method, methods.getFirst(), results, RunResult::avgAtK), 1),
                    marked(difference(method, methods.getFirst(), results, run -> run.mean(StepMetrics::rur)), 1),
                    marked(difference(method, methods.getFirst(), results, run -> run.mean(StepMetrics::tcr)), 3)));
        }
        return new Table(
                "Differences in percentage points, paired by seed, with 95 % intervals; better, worse and * exclude 0",
                columns, rows);
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

    /** Formats a difference whose sign is neither good nor bad, followed by a star if its interval excludes 0. */
    private static String marked(Estimate difference, int decimals) {
        return difference.percentagePoints(decimals) + (difference.excludesZero() ? " *" : "");
    }

    private static Estimate difference(
            String method, String baseline, List<RunResult> results, ToDoubleFunction<RunResult> value) {
        return Estimate.ofDifferences(List.of(results.stream()
                .filter(run -> run.method().equals(method))
                .mapToDouble(run -> value.applyAsDouble(run) - value.applyAsDouble(run(baseline, run.seed(), results)))
                .toArray()));
    }

    private static RunResult run(String method, long seed, List<RunResult> results) {
        return results.stream()
                .filter(run -> run.method().equals(method) && run.seed() == seed)
                .findFirst()
                .orElseThrow();
    }
}
