package org.rlvr4j.rl;

/**
 * How much better a response did than was to be expected of its prompt: the factor of its tokens' log-ratios.
 *
 * <p>{@code ddof} is 1 for the sample standard deviation, which the published code uses, and 0 for the population's.
 */
public sealed interface Advantage {

    /**
     * The advantages of one visit of a prompt, in the order of its rewards.
     *
     * @param prompt  names the prompt, the same at every visit
     * @param rewards one per response
     * @param history what earlier visits left; a method with a memory adds this visit to it
     */
    double[] of(String prompt, double[] rewards, RewardHistory history);

    /** The same with the other standard deviation. */
    Advantage withDdof(int other);

    /**
     * Group-relative: {@code A = (R - mean) / (std + 1e-6)} (Shao et al., 2024, section 4.1.2).
     *
     * @param byStd false leaves out the division, which is Dr. GRPO (Liu et al., 2025)
     */
    record GroupNormalized(int ddof, boolean byStd) implements Advantage {

        private static final double EPSILON = 1e-6;

        public GroupNormalized {
            requireDdof(ddof);
        }

        @Override
        public Advantage withDdof(int other) {
            return new GroupNormalized(other, byStd);
        }

        /** A group of one has nothing to be compared with: its advantage is its reward. */
        @Override
        public double[] of(String prompt, double[] rewards, RewardHistory history) {
            Moments group = rewards.length == 1 ? new Moments(0, 1) : Moments.of(rewards, ddof);
            double scale = byStd ? group.std() + EPSILON : 1;
            var advantages = new double[rewards.length];
            for (int i = 0; i < rewards.length; i++) {
                advantages[i] = (rewards[i] - group.mean()) / scale;
            }
            return advantages;
        }
    }

    /**
     * Smooth advantage standardisation (DCPO, equation 7): the visit's own standardisation and that of all
     * visits so far, blended both ways; of the two blends the one closer to zero.
     *
     * @param byStd     false leaves out the division by the standard deviations
     * @param remembers false makes every visit a first one, as the published scripts did
     */
    record Smooth(int ddof, boolean byStd, boolean remembers) implements Advantage {

        public Smooth {
            requireDdof(ddof);
        }

        @Override
        public double[] of(String prompt, double[] rewards, RewardHistory history) {
            if (rewards.length < 2) {
                throw new IllegalArgumentException("smooth standardisation needs two responses or more to prompt "
                        + prompt + ", not " + rewards.length);
            }
            Moments visit = Moments.of(rewards, ddof);
            RewardHistory.Statistics past = remembers ? history.of(prompt) : RewardHistory.Statistics.NONE;
            RewardHistory.Statistics all = past.plus(visit);
            if (remembers) {
                history.put(prompt, all);
            }
            double share = 1.0 / all.visits();
            var advantages = new double[rewards.length];
            for (int i = 0; i < rewards.length; i++) {
                double own = standardised(rewards[i], visit.mean(), visit.std());
                double total = standardised(rewards[i], all.mean(), all.std());
                double mostlyOwn = (1 - share) * own + share * total;
                double mostlyTotal = share * own + (1 - share) * total;
                advantages[i] = Math.abs(mostlyOwn) < Math.abs(mostlyTotal) ? mostlyOwn : mostlyTotal;
            }
            return advantages;
        }

        @Override
        public Advantage withDdof(int other) {
            return new Smooth(other, byStd, remembers);
        }

        private double standardised(double reward, double mean, double std) {
            if (!byStd) {
                return reward - mean;
            }
            return std > 0 ? (reward - mean) / std : 0;
        }
    }

    private static void requireDdof(int ddof) {
        if (ddof != 0 && ddof != 1) {
            throw new IllegalArgumentException("ddof must be 0 (population) or 1 (sample), not " + ddof);
        }
    }
}
