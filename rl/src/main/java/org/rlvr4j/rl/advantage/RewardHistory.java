package org.rlvr4j.rl.advantage;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** Reward history: statistics of the rewards of every prompt, used by {@link Smooth}; part of a checkpoint. */
public final class RewardHistory {

    private final SortedMap<String, Statistics> byPrompt; // sorted, so that equal histories are saved as equal bytes

    /** Creates a history without visits. */
    public RewardHistory() {
        this(Map.of());
    }

    /**
     * Creates a history that continues from the statistics that {@link #entries()} returned.
     *
     * @param entries statistics by the key of the problem
     */
    public RewardHistory(Map<String, Statistics> entries) {
        byPrompt = new TreeMap<>(entries);
    }

    /** A copy of the statistics of all prompts, by the key of the prompt. */
    public SortedMap<String, Statistics> entries() {
        return new TreeMap<>(byPrompt);
    }

    /**
     * The statistics of all visits of a prompt so far; {@link Statistics#NONE} if there was none.
     *
     * @param prompt key of the problem
     */
    public Statistics of(String prompt) {
        return byPrompt.getOrDefault(prompt, Statistics.NONE);
    }

    void put(String prompt, Statistics statistics) {
        byPrompt.put(prompt, statistics);
    }

    /**
     * Statistics of the rewards of a prompt; every visit counts the same, whatever its number of responses.
     *
     * @param mean   mean of the visits' mean rewards
     * @param std    standard deviation of the rewards, within and between visits
     * @param visits number of visits
     */
    public record Statistics(double mean, double std, int visits) {

        /** Statistics of a prompt that was never visited. */
        public static final Statistics NONE = new Statistics(0, 0, 0);

        /**
         * The statistics after one more visit, with the moments of its rewards.
         *
         * @param visit moments of the rewards of the visit
         */
        public Statistics plus(Moments visit) {
            if (visits == 0) {
                return new Statistics(visit.mean(), visit.std(), 1);
            }
            double k = visits;
            double i = visits + 1;
            double shift = visit.mean() - mean;
            double variance = (k * std * std + visit.std() * visit.std() + k / i * shift * shift) / i;
            // Exactly the same mean stays: rounding must not make equal rewards of two visits differ.
            double all = shift == 0 ? mean : (k * mean + visit.mean()) / i;
            return new Statistics(all, Math.sqrt(variance), visits + 1);
        }
    }
}
