package org.rlvr4j.rl.advantage;

import java.util.List;
import org.rlvr4j.rl.reward.Visit;

/**
 * Moments of the rewards of a group.
 *
 * @param mean mean of the rewards
 * @param std  standard deviation of the rewards
 */
public record Moments(double mean, double std) {

    /**
     * Computes the moments of a group.
     *
     * @param rewards rewards of the group, at least {@code ddof + 1} of them
     * @param ddof    1 divides the sum of squares by n - 1 (sample), 0 by n (population)
     */
    public static Moments of(double[] rewards, int ddof) {
        double sum = 0;
        boolean equal = true;
        for (double reward : rewards) {
            sum += reward;
            equal &= reward == rewards[0];
        }
        if (equal) {
            return new Moments(rewards[0], 0); // exactly 0: rounding must not make equal rewards differ
        }
        double mean = sum / rewards.length;
        double squares = 0;
        for (double reward : rewards) {
            squares += (reward - mean) * (reward - mean);
        }
        return new Moments(mean, Math.sqrt(squares / (rewards.length - ddof)));
    }

    /** The distance of each reward from the mean of its group, by visit. */
    static double[][] centred(List<Visit> visits) {
        return visits.stream()
                .map(visit -> {
                    double[] rewards = visit.rewards();
                    double mean = of(rewards, 0).mean();
                    for (int i = 0; i < rewards.length; i++) {
                        rewards[i] -= mean;
                    }
                    return rewards;
                })
                .toArray(double[][]::new);
    }

    /** @throws IllegalArgumentException if {@code ddof} is neither 0 nor 1 */
    static void requireDdof(int ddof) {
        if (ddof != 0 && ddof != 1) {
            throw new IllegalArgumentException("ddof must be 0 (population) or 1 (sample), not " + ddof);
        }
    }
}
