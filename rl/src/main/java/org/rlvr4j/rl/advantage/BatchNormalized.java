package org.rlvr4j.rl.advantage;

import java.util.Arrays;
import java.util.List;
import org.rlvr4j.rl.reward.Visit;

/**
 * Batch-normalized advantage of LitePPO: {@code A = (R - mean) / (std + 1e-6)}, with the mean of the group and the standard
 * deviation of all rewards of the step.
 *
 * @param ddof 1 for the sample's standard deviation, 0 for the population's
 * @see <a href="https://arxiv.org/abs/2508.08221">Liu et al., 2025</a>
 */
public record BatchNormalized(int ddof) implements Advantage {

    public BatchNormalized {
        Moments.requireDdof(ddof);
    }

    @Override
    public String tag() {
        return "BATCH";
    }

    @Override
    public Advantage withDdof(int other) {
        return new BatchNormalized(other);
    }

    @Override
    public double[][] of(List<Visit> visits, RewardHistory history) {
        double[] all = visits.stream()
                .map(Visit::rewards)
                .flatMapToDouble(Arrays::stream)
                .toArray();
        double scale = Moments.of(all, ddof).std() + GroupNormalized.EPSILON;
        double[][] advantages = Moments.centred(visits);
        for (double[] group : advantages) {
            for (int i = 0; i < group.length; i++) {
                group[i] /= scale;
            }
        }
        return advantages;
    }
}
