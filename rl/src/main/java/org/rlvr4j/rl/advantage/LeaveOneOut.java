package org.rlvr4j.rl.advantage;

import org.rlvr4j.rl.reward.Visit;

/**
 * Leave-one-out advantage of RLOO: the reward less the mean of the other responses' rewards, which is
 * {@code A = (R - mean) G / (G - 1)} for a group of G.
 *
 * @see <a href="https://arxiv.org/abs/2402.14740">Ahmadian et al., 2024</a>
 */
public record LeaveOneOut() implements GroupAdvantage {

    @Override
    public String tag() {
        return "LEAVE_ONE_OUT";
    }

    /** {@inheritDoc} A group of one response has nothing to compare with: its advantage is its reward. */
    @Override
    public double[] of(Visit visit, RewardHistory history) {
        double[] rewards = visit.rewards();
        if (rewards.length == 1) {
            return rewards;
        }
        double mean = Moments.of(rewards, 0).mean();
        double scale = (double) rewards.length / (rewards.length - 1);
        var advantages = new double[rewards.length];
        for (int i = 0; i < rewards.length; i++) {
            advantages[i] = (rewards[i] - mean) * scale;
        }
        return advantages;
    }
}
