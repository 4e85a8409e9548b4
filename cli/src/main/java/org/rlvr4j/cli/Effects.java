package org.rlvr4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.rlvr4j.cli.report.Table;
import org.rlvr4j.eval.Estimate;
import org.rlvr4j.rl.StepMetrics;

/**
 * What each method changes against the first one, paired by seed: runs of the same seed see the same problems in the same
 * order, so their difference varies less than they do.
 */
final class Effects {

    private static final String SURE = " *";

    private Effects() {}

    /**
     * Differences in percentage points with 95 % intervals by Student's t over seeds; a star marks one that excludes 0.
     *
     * @param methods of which the first is the baseline
     * @param results of every method and seed
     */
    static Table table(List<String> methods, List<RunResult> results) {
        int k = results.getFirst().sampled().getFirst().samples();
        var columns = List.of("Against " + methods.getFirst(), "Avg@1", "Avg@" + k, "RUR", "TCR");
        var rows = new ArrayList<List<String>>();
        for (String method : methods.subList(1, methods.size())) {
            rows.add(List.of(
                    method,
                    difference(method, methods.getFirst(), results, RunResult::avgAt1, 1),
                    difference(method, methods.getFirst(), results, RunResult::avgAtK, 1),
                    difference(method, methods.getFirst(), results, run -> run.mean(StepMetrics::rur), 1),
                    difference(method, methods.getFirst(), results, run -> run.mean(StepMetrics::tcr), 3)));
        }
        return new Table(
                "Differences in percentage points, paired by seed, with 95 % intervals; * excludes 0", columns, rows);
    }

    private static String difference(
            String method, String baseline, List<RunResult> results, ToDoubleFunction<RunResult> value, int decimals) {
        Estimate estimate = Estimate.of(results.stream()
                .filter(run -> run.method().equals(method))
                .mapToDouble(run -> value.applyAsDouble(run) - value.applyAsDouble(run(baseline, run.seed(), results)))
                .toArray());
        boolean sure = estimate.margin().isPresent()
                && Math.abs(estimate.mean()) > estimate.margin().getAsDouble();
        return estimate.percentagePoints(decimals) + (sure ? SURE : "");
    }

    private static RunResult run(String method, long seed, List<RunResult> results) {
        return results.stream()
                .filter(run -> run.method().equals(method) && run.seed() == seed)
                .findFirst()
                .orElseThrow();
    }
}
