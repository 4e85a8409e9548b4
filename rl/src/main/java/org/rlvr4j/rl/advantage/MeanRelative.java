package org.rlvr4j.rl.advantage;

import org.rlvr4j.rl.reward.Visit;

/**
 * Mean-relative advantage of MaxRL: {@code A = (c - mean) / (mean + 1e-6)}, where c is 1 for a right response and 0 for any
 * other, whatever their rewards; 0 if no response is right. Rare successes count the more, as in the gradient of the
 * logarithm of the probability of success.
 *
 * @see <a href="https://arxiv.org/abs/2602.02710">Tajwar et al., 2026</a>
 */
public record MeanRelative() implements GroupAdvantage {

    @Override
    public String tag() {
        return "MEAN_RELATIVE";
    }

    @Override
    public boolean ignoresRewards() {
        return true;
    }

    @Override
    public double[] of(Visit visit, RewardHistory history) {
        double[] accuracy = visit.accuracy();
        double mean = Moments.of(accuracy, 0).mean();
        var advantages = new double[accuracy.length];
        for (int i = 0; i < accuracy.length; i++) {
            advantages[i] = (accuracy[i] - mean) / (mean + GroupNormalized.EPSILON);
        }
        return advantages;
    }
}
