package org.rlvr4j.eval;

import java.util.Locale;
import java.util.OptionalDouble;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.StatUtils;

/**
 * A mean and how sure of it one may be.
 *
 * @param mean   of the values
 * @param margin half the width of the 95 % confidence interval by Student's t; nothing for a single value
 * @param count  values, each independent of the others: problems, or seeds
 */
public record Estimate(double mean, OptionalDouble margin, int count) {

    private static final double UPPER_QUANTILE = 0.975; // 2.5 % on either side

    /**
     * Estimates a mean from independent values. Several samples of one problem are not independent: their mean is one
     * value.
     *
     * @throws IllegalArgumentException if there is no value, or one is not finite
     */
    public static Estimate of(double... values) {
        if (values.length == 0) {
            throw new IllegalArgumentException("there are no values to take the mean of");
        }
        for (double value : values) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("there is no mean of a value that is " + value);
            }
        }
        double mean = StatUtils.mean(values);
        if (values.length == 1) {
            return new Estimate(mean, OptionalDouble.empty(), 1);
        }
        double quantile = new TDistribution(values.length - 1.0).inverseCumulativeProbability(UPPER_QUANTILE);
        double margin = quantile * Math.sqrt(StatUtils.variance(values) / values.length);
        return new Estimate(mean, OptionalDouble.of(margin), values.length);
    }

    /** A share in per cent, such as {@code 41.7 ± 3.2}; of a single value, {@code 41.7 (n=1)}. */
    public String percent() {
        String percent = String.format(Locale.ROOT, "%.1f", 100 * mean);
        return margin.isPresent()
                ? percent + String.format(Locale.ROOT, " ± %.1f", 100 * margin.getAsDouble())
                : percent + " (n=1)";
    }

    /** A difference of shares with its sign, such as {@code +1.7 ± 3.2}; of a single value, {@code +1.7 (n=1)}. */
    public String percentagePoints(int decimals) {
        String number = "." + decimals + "f";
        String points = String.format(Locale.ROOT, "%+" + number, 100 * mean);
        return margin.isPresent()
                ? points + String.format(Locale.ROOT, " ± %" + number, 100 * margin.getAsDouble())
                : points + " (n=1)";
    }
}
