package org.rlvr4j.rl.advantage;

import java.util.List;
import org.rlvr4j.rl.reward.Visit;

/**
 * Token-whitened advantage of REINFORCE++: rewards, or their distances from the group's mean, are standardised by mean and
 * variance over all tokens of the step, {@code A = (R' - mean) / sqrt(variance + 1e-8)}. A response counts in them as often as
 * it has tokens.
 *
 * @param ddof          1 for the sample's variance, 0 for the population's
 * @param groupBaseline whether the mean of the group is subtracted first, the variant "with baseline"
 * @see <a href="https://arxiv.org/abs/2501.03262">Hu et al., 2025</a>, equations 5 to 7, without the KL term of its reward
 */
public record TokenWhitened(int ddof, boolean groupBaseline) implements Advantage {

    private static final double EPSILON = 1e-8;

    public TokenWhitened {
        Moments.requireDdof(ddof);
    }

    @Override
    public String tag() {
        return "TOKEN_WHITENED";
    }

    @Override
    public Advantage withDdof(int other) {
        return new TokenWhitened(other, groupBaseline);
    }

    @Override
    public double[][] of(List<Visit> visits, RewardHistory history) {
        double[][] values = groupBaseline
                ? Moments.centred(visits)
                : visits.stream().map(Visit::rewards).toArray(double[][]::new);
        double first = values[0][0]; // distances from it make the mean of equal values exact
        double tokens = 0;
        double sum = 0;
        for (int g = 0; g < values.length; g++) {
            for (int i = 0; i < values[g].length; i++) {
                int length = visits.get(g).outcomes().get(i).length();
                tokens += length;
                sum += length * (values[g][i] - first);
            }
        }
        double mean = first + (tokens > 0 ? sum / tokens : 0);
        double squares = 0;
        for (int g = 0; g < values.length; g++) {
            for (int i = 0; i < values[g].length; i++) {
                double distance = values[g][i] - mean;
                squares += visits.get(g).outcomes().get(i).length() * distance * distance;
            }
        }
        double scale = Math.sqrt(squares / Math.max(tokens - ddof, 1) + EPSILON);
        for (double[] group : values) {
            for (int i = 0; i < group.length; i++) {
                group[i] = (group[i] - mean) / scale;
            }
        }
        return values;
    }
}
