package org.rlvr4j.eval;

import java.util.List;
import java.util.function.ToLongFunction;

/**
 * How a model did on a suite.
 *
 * @param suite   the suite's name
 * @param samples completions per problem
 * @param scores  one per problem, in the suite's order
 */
public record Evaluation(String suite, int samples, List<Score> scores) {

    /**
     * How it did on one problem, in completions.
     *
     * @param key       of the problem
     * @param correct   completions with the right answer
     * @param unboxed   completions without a final answer
     * @param truncated completions stopped at the limit of new tokens
     * @param tokens    length of all completions together
     */
    public record Score(String key, int correct, int unboxed, int truncated, long tokens) {}

    /**
     * Avg@k, from 0 to 1, where k is the number of samples: the mean over problems of the share of right samples. Its
     * interval is over problems, whose samples depend on one another.
     */
    public Estimate avg() {
        return Estimate.of(scores.stream()
                .mapToDouble(score -> score.correct() / (double) samples)
                .toArray());
    }

    /** Share of the completions that have no final answer. */
    public double unboxedShare() {
        return perCompletion(Score::unboxed);
    }

    /** Share of the completions that were stopped at the limit of new tokens. */
    public double truncatedShare() {
        return perCompletion(Score::truncated);
    }

    /** Tokens in a completion, on average. */
    public double meanLength() {
        return perCompletion(Score::tokens);
    }

    private double perCompletion(ToLongFunction<Score> number) {
        return scores.stream().mapToLong(number).sum() / (double) samples / scores.size();
    }
}
