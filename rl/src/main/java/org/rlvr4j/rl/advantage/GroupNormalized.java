package org.rlvr4j.rl.advantage;

import org.rlvr4j.rl.reward.Visit;

/**
 * Group-relative advantage: {@code A = (R - mean) / (std + 1e-6)} (Shao et al., 2024, section 4.1.2).
 *
 * @param ddof  1 for the sample's standard deviation, 0 for the population's
 * @param byStd whether to divide by the standard deviation; false is Dr. GRPO (Liu et al., 2025)
 */
public record GroupNormalized(int ddof, boolean byStd) implements GroupAdvantage {

    static final double EPSILON = 1e-6;

    public GroupNormalized {
        Moments.requireDdof(ddof);
    }

    @Override
    public String tag() {
        return "GROUP";
    }

    @Override
    public Advantage withDdof(int other) {
        return new GroupNormalized(other, byStd);
    }

    /** {@inheritDoc} A group of one response has nothing to compare with: its advantage is its reward. */
    @Override
    public double[] of(Visit visit, RewardHistory history) {
        double[] rewards = visit.rewards();
        Moments group = rewards.length == 1 ? new Moments(0, 1) : Moments.of(rewards, ddof);
        double scale = byStd ? group.std() + EPSILON : 1;
        var advantages = new double[rewards.length];
        for (int i = 0; i < rewards.length; i++) {
            advantages[i] = (rewards[i] - group.mean()) / scale;
        }
        return advantages;
    }
}
