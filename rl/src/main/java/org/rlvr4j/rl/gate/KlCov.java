package org.rlvr4j.rl.gate;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Gate of KL-Cov: the tokens with the largest part in the covariance of advantage and log-probability learn, but are
 * held to their old log-probability by {@code coefficient * |log p - log q|}, as the authors' code estimates the
 * divergence. In a rollout's first update p equals q and the penalty has no gradient.
 *
 * @param share       share of the mini-batch's tokens that are held, but at least one token; above 0 and at most 1
 * @param coefficient coefficient of the penalty; 0 or more
 * @see <a href="https://arxiv.org/abs/2505.22617">Cui et al., 2025</a>
 */
public record KlCov(double share, double coefficient) implements Gate {

    /** @throws IllegalArgumentException if a setting is not possible */
    public KlCov {
        Gate.requireShare(share);
        if (!(coefficient >= 0)) {
            throw new IllegalArgumentException("coefficient must be 0 or more, not " + coefficient);
        }
    }

    @Override
    public String tag() {
        return "KL_COV";
    }

    @Override
    public Scope scope() {
        return Scope.MINI_BATCH;
    }

    /** {@inheritDoc} Of tokens with equal covariance, the earlier is held. */
    @Override
    public Decision decide(ScoredTokens tokens, Draws draws) {
        double[] covariances = tokens.covariances();
        Decision decision = Decision.open(tokens.count());
        IntStream.range(0, tokens.count())
                .boxed()
                .sorted(Comparator.comparingDouble((Integer t) -> -covariances[t]))
                .limit(Math.max(1, (int) (share * tokens.count())))
                .forEach(t -> decision.penalty()[t] = coefficient);
        return decision;
    }
}
