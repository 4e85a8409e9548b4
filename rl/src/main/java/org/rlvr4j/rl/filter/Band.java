package org.rlvr4j.rl.filter;

import org.rlvr4j.rl.advantage.Moments;

/**
 * Band-pass filter: it keeps groups whose share of correct responses lies between two bounds, neither too hard nor too easy.
 *
 * @param low  share above which a group is kept; from 0 to below {@code high}
 * @param high share below which a group is kept; at most 1
 */
public record Band(double low, double high) implements Filter {

    /** @throws IllegalArgumentException if the bounds are out of their range */
    public Band {
        if (!(low >= 0 && low < high && high <= 1)) {
            throw new IllegalArgumentException(
                    "low and high must be from 0 to 1, low below high, not " + low + " and " + high);
        }
    }

    @Override
    public String tag() {
        return "BAND";
    }

    @Override
    public boolean keeps(double[] accuracy) {
        double mean = Moments.of(accuracy, 0).mean();
        return mean > low && mean < high;
    }

    @Override
    public String condition() {
        return "have a share of right answers between " + low + " and " + high;
    }
}
