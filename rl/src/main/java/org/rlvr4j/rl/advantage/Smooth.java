package org.rlvr4j.rl.advantage;

import org.rlvr4j.rl.reward.Visit;

/**
 * Smooth advantage standardisation (DCPO, equation 7): rewards are standardised by the moments of this visit and by
 * those of all visits so far; the two results are blended in both directions, and the blend closer to zero is the
 * advantage.
 *
 * @param ddof      1 for the sample's standard deviation, 0 for the population's
 * @param byStd     whether to divide by the standard deviations
 * @param remembers whether earlier visits count; false treats every visit as the first, as the published scripts did
 */
public record Smooth(int ddof, boolean byStd, boolean remembers) implements GroupAdvantage {

    public Smooth {
        Moments.requireDdof(ddof);
    }

    @Override
    public String tag() {
        return "SMOOTH";
    }

    @Override
    public double[] of(Visit responses, RewardHistory history) {
        String prompt = responses.prompt();
        double[] rewards = responses.rewards();
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
            double byVisit = standardised(rewards[i], visit.mean(), visit.std());
            double byHistory = standardised(rewards[i], all.mean(), all.std());
            double mostlyVisit = (1 - share) * byVisit + share * byHistory;
            double mostlyHistory = share * byVisit + (1 - share) * byHistory;
            advantages[i] = Math.abs(mostlyVisit) < Math.abs(mostlyHistory) ? mostlyVisit : mostlyHistory;
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
