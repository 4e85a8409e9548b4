package org.rlvr4j.rl.advantage;

/**
 * Smooth advantage standardisation (DCPO, equation 7): the visit's own standardisation and that of all
 * visits so far, blended both ways; of the two blends the one closer to zero.
 *
 * @param byStd     false leaves out the division by the standard deviations
 * @param remembers false makes every visit a first one, as the published scripts did
 */
public record Smooth(int ddof, boolean byStd, boolean remembers) implements Advantage {

    public Smooth {
        Moments.requireDdof(ddof);
    }

    @Override
    public String tag() {
        return "SMOOTH";
    }

    @Override
    public double[] of(String prompt, double[] rewards, RewardHistory history) {
        if (rewards.length < 2) {
            throw new IllegalArgumentException("smooth standardisation needs two responses or more to prompt " + prompt
                    + ", not " + rewards.length);
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
