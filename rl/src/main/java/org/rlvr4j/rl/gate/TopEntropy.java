package org.rlvr4j.rl.gate;

import java.util.Arrays;

/**
 * Gate of the high-entropy minority: only the tokens learn whose entropy is among the highest of the mini-batch. The
 * tokens' weights stay as they are, so those that do not learn still count in a mean.
 *
 * @param share share rho of the tokens that learn; above 0 and at most 1
 * @see <a href="https://arxiv.org/abs/2506.01939">Wang et al., 2025</a>
 */
public record TopEntropy(double share) implements Gate {

    /** @throws IllegalArgumentException if the share is not possible */
    public TopEntropy {
        Gate.requireShare(share);
    }

    @Override
    public String tag() {
        return "TOP_ENTROPY";
    }

    @Override
    public Scope scope() {
        return Scope.MINI_BATCH;
    }

    /** {@inheritDoc} A token learns if its entropy reaches the quantile {@code 1 - share}, interpolated linearly. */
    @Override
    public Decision decide(ScoredTokens tokens, Draws draws) {
        Decision decision = Decision.open(tokens.count());
        if (tokens.count() > 0) {
            double threshold = quantile(tokens.entropies(), 1 - share);
            Arrays.setAll(decision.share(), t -> tokens.entropies()[t] >= threshold ? 1 : 0);
        }
        return decision;
    }

    private static double quantile(double[] numbers, double q) {
        double[] sorted = numbers.clone();
        Arrays.sort(sorted);
        double place = q * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
