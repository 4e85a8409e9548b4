package org.rlvr4j.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.ToDoubleFunction;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.rl.StepMetrics;
import org.rlvr4j.run.report.RunNumbers;

/**
 * Result of a run: one method with one seed.
 *
 * @param method  name of the method in the configuration
 * @param seed    seed of the run
 * @param metrics metrics of all steps, in order
 * @param curve   greedy accuracy on held-back problems, from 0 to 1, by step; unweighted mean over suites
 * @param greedy  greedy evaluation (Avg@1) of every suite after training
 * @param sampled sampled evaluation (Avg@k) of every sampled suite after training
 * @param seconds seconds of training, including evaluations for the curve
 */
public record RunResult(
        String method,
        long seed,
        List<StepMetrics> metrics,
        SortedMap<Long, Double> curve,
        List<Evaluation> greedy,
        List<Evaluation> sampled,
        double seconds) {

    /** Mean of a metric over all steps of the run. */
    public double mean(ToDoubleFunction<StepMetrics> metric) {
        return metrics.stream().mapToDouble(metric).average().orElse(0);
    }

    /** Avg@1 after training, from 0 to 1; unweighted mean over suites. */
    public double avgAt1() {
        return average(greedy);
    }

    /** Avg@k after training, from 0 to 1; unweighted mean over sampled suites. */
    public double avgAtK() {
        return average(sampled);
    }

    /** Number of responses that the run generated in all steps. */
    public long generatedResponses() {
        return metrics.getLast().generatedResponses();
    }

    static double average(List<Evaluation> evaluations) {
        return evaluations.stream()
                .mapToDouble(evaluation -> evaluation.avg().mean())
                .average()
                .orElseThrow();
    }

    /** The numbers that tables are made from. */
    RunNumbers numbers() {
        return new RunNumbers(
                method,
                seed,
                avgAt1(),
                sampled.getFirst().samples(),
                avgAtK(),
                mean(StepMetrics::rur),
                mean(StepMetrics::tcr),
                generatedResponses(),
                seconds);
    }

    /** The result as a line of the results file, without values that depend on the machine. */
    public Map<String, Object> toMap() {
        var map = new LinkedHashMap<String, Object>();
        map.put("method", method);
        map.put("seed", seed);
        map.put("avgAt1", avgAt1());
        map.put("avgAt" + sampled.getFirst().samples(), avgAtK());
        map.put("rur", mean(StepMetrics::rur));
        map.put("tcr", mean(StepMetrics::tcr));
        map.put("generatedResponses", generatedResponses());
        return map;
    }
}
