package org.rlvr4j.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.rlvr4j.eval.Score;

/**
 * What evaluations are reported by.
 *
 * @param sampled whether it is of the samples, rather than of the greedy completions
 * @param value   of a problem, from 0 to 1
 */
record Measure(String name, boolean sampled, ToDoubleFunction<Score> value) {

    /** Avg@1 and Avg@k, and pass and maj at every power of two up to k, and at k. */
    static List<Measure> all(int k) {
        var measures = new ArrayList<Measure>(averages(k));
        List<Integer> sizes = sizes(k);
        sizes.forEach(size -> measures.add(new Measure("pass@" + size, true, score -> score.passAt(size))));
        sizes.forEach(size -> measures.add(new Measure("maj@" + size, true, score -> score.majAt(size))));
        return measures;
    }

    /** Those that two models are compared by. */
    static List<Measure> brief(int k) {
        var measures = new ArrayList<Measure>(averages(k));
        measures.add(new Measure("pass@" + k, true, score -> score.passAt(k)));
        measures.add(new Measure("maj@" + k, true, score -> score.majAt(k)));
        return measures;
    }

    static List<Measure> averages(int k) {
        return List.of(new Measure("Avg@1", false, Score::share), new Measure("Avg@" + k, true, Score::share));
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
