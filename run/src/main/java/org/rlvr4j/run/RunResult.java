package org.rlvr4j.run;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.function.ToDoubleFunction;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.rl.StepMetrics;

/**
 * Result of one run: one method with one seed.
 *
 * @param method  its name
 * @param metrics of every step
 * @param curve   greedy accuracy on held-back problems by step, unweighted mean over suites
 * @param greedy  Avg@1 of every suite after training
 * @param sampled Avg@k of every suite after training
 * @param seconds of training, evaluations for the curve included
 */
public record RunResult(
        String method,
        long seed,
        List<StepMetrics> metrics,
        SortedMap<Long, Double> curve,
        List<Evaluation> greedy,
        List<Evaluation> sampled,
        double seconds) {

    /** A metric's mean over the run. */
    public double mean(ToDoubleFunction<StepMetrics> metric) {
        return metrics.stream().mapToDouble(metric).average().orElse(0);
    }

    /** Avg@1, unweighted mean over suites. */
    public double avgAt1() {
        return average(greedy);
    }

    /** Avg@k, unweighted mean over suites. */
    public double avgAtK() {
        return average(sampled);
    }

    /** Responses that the run generated in all. */
    public long generatedResponses() {
        return metrics.getLast().generatedResponses();
    }

    static double average(List<Evaluation> evaluations) {
        return evaluations.stream()
                .mapToDouble(evaluation -> evaluation.avg().mean())
                .average()
                .orElseThrow();
    }

    /** For the results file: nothing that depends on the machine. */
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
