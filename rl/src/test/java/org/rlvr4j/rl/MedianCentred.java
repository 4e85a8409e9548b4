package org.rlvr4j.rl;

import java.util.Arrays;
import org.rlvr4j.rl.advantage.GroupAdvantage;
import org.rlvr4j.rl.advantage.RewardHistory;
import org.rlvr4j.rl.reward.Visit;

/**
 * Median-centred advantage: {@code A = f (R - median)} over the rewards of a group.
 *
 * @param factor factor f; above 0
 */
public record MedianCentred(double factor) implements GroupAdvantage {

    public MedianCentred {
        if (!(factor > 0)) {
            throw new IllegalArgumentException("factor must be above 0, not " + factor);
        }
    }

    @Override
    public String tag() {
        return "MEDIAN";
    }

    @Override
    public double[] of(Visit visit, RewardHistory history) {
        double[] sorted = visit.rewards();
        Arrays.sort(sorted);
        int n = sorted.length;
        double median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2;
        return Arrays.stream(visit.rewards())
                .map(reward -> factor * (reward - median))
                .toArray();
    }
}
