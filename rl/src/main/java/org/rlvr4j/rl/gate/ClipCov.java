package org.rlvr4j.rl.gate;

import java.util.Comparator;
import java.util.stream.IntStream;

/**
 * Gate of Clip-Cov: a few tokens whose part in the covariance of advantage and log-probability lies in a band do not
 * learn, since such tokens lower the entropy most. They are drawn at random among those that the clip leaves alone.
 *
 * @param share   share of the mini-batch's tokens that are drawn, but at least one token; above 0 and at most 1
 * @param covLow  lower end of the band of covariance
 * @param covHigh upper end of the band of covariance
 * @see <a href="https://arxiv.org/abs/2505.22617">Cui et al., 2025</a>
 */
public record ClipCov(double share, double covLow, double covHigh) implements Gate {

    /** @throws IllegalArgumentException if the share is not possible, or the band is empty */
    public ClipCov {
        Gate.requireShare(share);
        if (!(covLow < covHigh)) {
            throw new IllegalArgumentException("covLow must be below covHigh, not " + covLow + " and " + covHigh);
        }
    }

    @Override
    public String tag() {
        return "CLIP_COV";
    }

    @Override
    public Scope scope() {
        return Scope.MINI_BATCH;
    }

    @Override
    public Decision decide(ScoredTokens tokens, Draws draws) {
        double[] covariances = tokens.covariances();
        Decision decision = Decision.open(tokens.count());
        IntStream.range(0, tokens.count())
                .filter(t -> !tokens.clipped()[t] && covariances[t] > covLow && covariances[t] < covHigh)
                .boxed()
                .sorted(Comparator.comparingLong(draws::number))
                .limit(Math.max(1, (int) (share * tokens.count())))
                .forEach(t -> decision.share()[t] = 0);
        return decision;
    }
}
