package org.rlvr4j.run.config;

import org.rlvr4j.tensor.Require;

/**
 * Bounds of the share of rollouts in which the start, after the warm-up, solves a problem; training problems beyond them are
 * left out.
 *
 * <p>Problems that are solved sometimes can all be learned, so that on them every method must come near 100 % (Qi et al., 2025,
 * arXiv:2510.26788, with 0.2, 0.8 and 40 rollouts).
 *
 * @param from     smallest share, from 0
 * @param to       largest share, up to 1
 * @param rollouts number of responses to each problem, sampled as in training
 * @param seed     seed of these responses
 */
public record SolvedBetween(double from, double to, int rollouts, long seed) {

    /** @throws IllegalArgumentException if the bounds or the number of rollouts are out of their range */
    public SolvedBetween {
        Require.that(
                from >= 0 && from <= to && to <= 1,
                "from and to must be from 0 to 1, from not above to, not " + from + " and " + to);
        Require.that(rollouts > 0, "rollouts must be positive, not " + rollouts);
    }

    /**
     * Whether a problem is kept.
     *
     * @param solved number of rollouts that solved it
     */
    public boolean keeps(int solved) {
        double share = (double) solved / rollouts;
        return share >= from && share <= to;
    }

    /** The bounds as text, such as {@code 0.2 to 0.8 of 40 rollouts}. */
    @Override
    public String toString() {
        return from + " to " + to + " of " + rollouts + " rollouts";
    }
}
