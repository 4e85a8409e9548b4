package org.rlvr4j.run.evaluation;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.eval.Score;

/**
 * Metric of an evaluation: a name, and its value for each problem.
 *
 * @param name    name in reports, such as {@code pass@8}
 * @param sampled whether it is computed from sampled instead of greedy completions
 * @param value   function from the score of a problem to the metric's value, from 0 to 1
 */
record Metric(String name, boolean sampled, ToDoubleFunction<Score> value) {

    /** Name of the mean of greedy completions. */
    static final String GREEDY = "Avg@1";

    /** All metrics: Avg@1 and Avg@k, and pass and maj at every power of two below k and at k; Avg@1 alone if k is 0. */
    static List<Metric> all(int k) {
        var metrics = new ArrayList<Metric>(averages(k));
        if (k == 0) {
            return metrics;
        }
        List<Integer> sizes = sizes(k);
        sizes.forEach(size -> metrics.add(new Metric("pass@" + size, true, score -> score.passAt(size))));
        sizes.forEach(size -> metrics.add(new Metric("maj@" + size, true, score -> score.majAt(size))));
        return metrics;
    }

    /** Metrics for the comparison of two models: Avg@1, Avg@k, pass@k and maj@k; Avg@1 alone if k is 0. */
    static List<Metric> brief(int k) {
        var metrics = new ArrayList<Metric>(averages(k));
        if (k == 0) {
            return metrics;
        }
        metrics.add(new Metric("pass@" + k, true, score -> score.passAt(k)));
        metrics.add(new Metric("maj@" + k, true, score -> score.majAt(k)));
        return metrics;
    }

    /** Avg@1 and Avg@k; Avg@1 alone if k is 0. */
    static List<Metric> averages(int k) {
        var greedy = new Metric(GREEDY, false, Score::share);
        return k == 0 ? List.of(greedy) : List.of(greedy, new Metric(Evaluation.nameOfSampled(k), true, Score::share));
    }

    private static List<Integer> sizes(int k) {
        var sizes = new ArrayList<Integer>();
        for (int size = 1; size < k; size *= 2) {
            sizes.add(size);
        }
        sizes.add(k);
        return sizes;
    }
}
