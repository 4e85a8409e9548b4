package org.rlvr4j.rl.advantage;

import java.util.Arrays;
import org.rlvr4j.rl.reward.Visit;

/**
 * Quantile advantage (QAE): {@code A = (R - quantile) / (std + 1e-6)}. On hard prompts, whose quantile is the reward of a
 * wrong response, only successes have an advantage; on easy ones only failures.
 *
 * @param ddof     1 for the sample's standard deviation, 0 for the population's
 * @param quantile quantile of the group's rewards that is the baseline, interpolated between the two nearest rewards;
 *                 between 0 and 1
 * @see <a href="https://arxiv.org/abs/2509.22611">Wu et al., 2025</a>
 */
public record QuantileNormalized(int ddof, double quantile) implements GroupAdvantage {

    /** @throws IllegalArgumentException if a setting is out of its range */
    public QuantileNormalized {
        Moments.requireDdof(ddof);
        if (!(quantile > 0 && quantile < 1)) {
            throw new IllegalArgumentException("quantile must be between 0 and 1, not " + quantile);
        }
    }

    @Override
    public String tag() {
        return "QUANTILE";
    }

    @Override
    public Advantage withDdof(int other) {
        return new QuantileNormalized(other, quantile);
    }

    /** {@inheritDoc} A group of one response has nothing to compare with: its advantage is its reward. */
    @Override
    public double[] of(Visit visit, RewardHistory history) {
        double[] rewards = visit.rewards();
        if (rewards.length == 1) {
            return rewards;
        }
        double baseline = baseline(rewards);
        double scale = Moments.of(rewards, ddof).std() + GroupNormalized.EPSILON;
        var advantages = new double[rewards.length];
        for (int i = 0; i < rewards.length; i++) {
            advantages[i] = (rewards[i] - baseline) / scale;
        }
        return advantages;
    }

    private double baseline(double[] rewards) {
        double[] sorted = rewards.clone();
        Arrays.sort(sorted);
        double place = quantile * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
