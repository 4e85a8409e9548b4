package org.rlvr4j.rl.advantage;

import org.rlvr4j.rl.reward.Outcome;
import org.rlvr4j.rl.reward.Visit;

/**
 * Length-weighted advantage of OPO: {@code A = R - sum(n R) / sum(n)} over the responses of a group with lengths n, the
 * baseline of least variance if a response's squared gradient grows like its length.
 *
 * @see <a href="https://arxiv.org/abs/2505.23585">Hao et al., 2025</a>
 */
public record LengthWeighted() implements GroupAdvantage {

    @Override
    public String tag() {
        return "LENGTH_WEIGHTED";
    }

    /** {@inheritDoc} A group of one response has nothing to compare with: its advantage is its reward. */
    @Override
    public double[] of(Visit visit, RewardHistory history) {
        double[] rewards = visit.rewards();
        if (rewards.length == 1) {
            return rewards;
        }
        double first = rewards[0]; // distances from it make the baseline of equal rewards exact
        double weighted = 0;
        double tokens = 0;
        for (Outcome outcome : visit.outcomes()) {
            weighted += outcome.length() * (outcome.reward() - first);
            tokens += outcome.length();
        }
        double baseline = first + (tokens > 0 ? weighted / tokens : 0);
        var advantages = new double[rewards.length];
        for (int i = 0; i < rewards.length; i++) {
            advantages[i] = rewards[i] - baseline;
        }
        return advantages;
    }
}
