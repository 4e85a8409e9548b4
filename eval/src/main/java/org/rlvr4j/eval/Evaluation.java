package org.rlvr4j.eval;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * Evaluation of a model on a suite.
 *
 * @param suite   name of the suite
 * @param samples completions per problem
 * @param scores  one score per problem, in the suite's order
 */
public record Evaluation(String suite, int samples, List<Score> scores) {

    /**
     * Name of Avg@k in reports. That of one sample says so, as it is not greedy, as Avg@1 is.
     *
     * @param k number of samples per problem
     */
    public static String nameOfSampled(int k) {
        return k == 1 ? "Avg@k (k = 1)" : "Avg@" + k;
    }

    /**
     * Avg@k, from 0 to 1, where k is the number of samples: the mean over problems of the share of right samples. The
     * interval is over problems, since the samples of a problem depend on one another.
     */
    public Estimate avg() {
        return mean(List.of(this), Score::share);
    }

    /**
     * Mean of a value between 0 and 1 over the problems of a suite, and over suites that all weigh the same.
     *
     * @param suites evaluations, one per suite
     * @param value  the value of a problem's score
     */
    public static Estimate mean(List<Evaluation> suites, ToDoubleFunction<Score> value) {
        return Estimate.ofShares(
                suites.stream().map(suite -> suite.values(value)).toList());
    }

    /**
     * Mean difference between a value and the baseline's value, paired by problem.
     *
     * @param suites   evaluations, one per suite
     * @param baseline evaluations of the same suites
     * @param value    the value of a problem's score
     * @throws IllegalArgumentException if the problems are not the same
     */
    public static Estimate difference(
            List<Evaluation> suites, List<Evaluation> baseline, ToDoubleFunction<Score> value) {
        var differences = new ArrayList<double[]>();
        for (int s = 0; s < suites.size(); s++) {
            differences.add(suites.get(s).minus(baseline.get(s), value));
        }
        return Estimate.ofDifferences(differences);
    }

    private double[] minus(Evaluation baseline, ToDoubleFunction<Score> value) {
        if (!problems().equals(baseline.problems())) {
            throw new IllegalArgumentException(
                    suite + " and " + baseline.suite + " are not of the same problems, so they cannot be compared");
        }
        double[] differences = values(value);
        double[] baselineValues = baseline.values(value);
        for (int i = 0; i < differences.length; i++) {
            differences[i] -= baselineValues[i];
        }
        return differences;
    }

    private List<String> problems() {
        return scores.stream().map(Score::problem).toList();
    }

    private double[] values(ToDoubleFunction<Score> value) {
        return scores.stream().mapToDouble(value).toArray();
    }

    /** Share of the completions that have no final answer. */
    public double unboxedShare() {
        return share(outcome -> !outcome.verdict().answered());
    }

    /** Share of the completions whose answer was not understood, or would take too much work to compare. */
    public double ungradableShare() {
        return share(outcome -> !outcome.verdict().decided());
    }

    /** Share of the completions that were stopped at the limit of new tokens. */
    public double truncatedShare() {
        return share(Outcome::truncated);
    }

    private double share(Predicate<Outcome> counted) {
        List<Outcome> all = outcomes();
        return (double) all.stream().filter(counted).count() / all.size();
    }

    /** Mean length of a completion, in tokens. */
    public double meanLength() {
        return outcomes().stream().mapToInt(Outcome::length).average().orElseThrow();
    }

    /**
     * Length in tokens that the given share of the completions does not exceed: 0.5 gives the median.
     *
     * @param share share of the completions, from 0 to 1
     */
    public int length(double share) {
        List<Outcome> byLength = outcomes().stream()
                .sorted(Comparator.comparingInt(Outcome::length))
                .toList();
        return byLength.get((int) Math.ceil(share * byLength.size()) - 1).length();
    }

    private List<Outcome> outcomes() {
        return scores.stream().flatMap(score -> score.outcomes().stream()).toList();
    }
}
