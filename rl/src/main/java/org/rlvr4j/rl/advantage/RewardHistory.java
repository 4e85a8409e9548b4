package org.rlvr4j.rl.advantage;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Statistics of every prompt's rewards, which {@link Smooth} blends in; part of a checkpoint. */
public final class RewardHistory {

    private final SortedMap<String, Statistics> byPrompt; // sorted, so that equal histories are saved as equal bytes

    public RewardHistory() {
        this(Map.of());
    }

    /** Continues from what {@link #entries()} returned. */
    public RewardHistory(Map<String, Statistics> entries) {
        byPrompt = new TreeMap<>(entries);
    }

    /** A copy of all statistics by prompt. */
    public SortedMap<String, Statistics> entries() {
        return new TreeMap<>(byPrompt);
    }

    /** The statistics of a prompt's visits so far. */
    public Statistics of(String prompt) {
        return byPrompt.getOrDefault(prompt, Statistics.NONE);
    }

    void put(String prompt, Statistics statistics) {
        byPrompt.put(prompt, statistics);
    }

    /**
     * Rewards over all visits of a prompt, each visit counting alike however many responses it had.
     *
     * @param mean   of the visits' means
     * @param std    within and between visits
     * @param visits how many there were
     */
    public record Statistics(double mean, double std, int visits) {

        /** Of a prompt that was never visited. */
        public static final Statistics NONE = new Statistics(0, 0, 0);

        /** The statistics after one more visit. */
        public Statistics plus(Moments visit) {
            if (visits == 0) {
                return new Statistics(visit.mean(), visit.std(), 1);
            }
            double k = visits;
            double i = visits + 1;
            double shift = visit.mean() - mean;
            double variance = (k * std * std + visit.std() * visit.std() + k / i * shift * shift) / i;
            return new Statistics((k * mean + visit.mean()) / i, Math.sqrt(variance), visits + 1);
        }
    }
}
