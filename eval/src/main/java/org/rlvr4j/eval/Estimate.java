package org.rlvr4j.eval;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.StatUtils;

/**
 * A mean and how sure of it one may be.
 *
 * <p>What is independent of one another is a problem, or a seed, so each gives one value: the mean of its samples. With as
 * many samples of each problem this is the interval clustered by problem of Miller, "Adding Error Bars to Evals" (2024,
 * arXiv:2411.00640), with Student's t for few problems. A mean over several suites weighs each the same; its variance is
 * the sum of theirs, and its degrees of freedom are by Welch and Satterthwaite.
 *
 * @param mean     of the values; of several suites, the mean of their means
 * @param interval of 95 % confidence; nothing if a suite has a single value
 */
public record Estimate(double mean, Optional<Interval> interval) {

    private static final double UPPER_QUANTILE = 0.975; // 2.5 % on either side

    /** From the least to the greatest mean that the values speak for. */
    public record Interval(double low, double high) {}

    /**
     * What the values say.
     *
     * @param variance of the mean
     * @param quantile of Student's t
     * @param size     values; of several suites, those of one suite that would tell as much
     */
    private record Spread(double mean, double variance, double quantile, double size) {

        private static final double ROUNDING = 1e-20; // what the variance of equal values may come to

        static Spread of(double mean, List<double[]> suites) {
            double variance = 0;
            double squares = 0;
            double degrees = 0;
            double inverse = 0;
            for (double[] values : suites) {
                double weight = 1.0 / values.length / suites.size() / suites.size();
                double part = StatUtils.variance(values) * weight;
                variance += part;
                squares += part * part / (values.length - 1);
                degrees += values.length - 1;
                inverse += weight;
            }
            boolean varies = variance > ROUNDING;
            var t = new TDistribution(varies ? variance * variance / squares : degrees);
            return new Spread(mean, varies ? variance : 0, t.inverseCumulativeProbability(UPPER_QUANTILE), 1 / inverse);
        }

        Interval student() {
            double margin = quantile * Math.sqrt(variance);
            return new Interval(mean - margin, mean + margin);
        }

        Interval ofShare() {
            return wilson(mean, variance > 0 ? mean * (1 - mean) / variance : size);
        }

        Interval ofDifference() {
            if (variance > 0) {
                return student();
            }
            Interval share = wilson((mean + 1) / 2, size);
            return new Interval(2 * share.low - 1, 2 * share.high - 1);
        }

        /** Wilson's interval (1927) for a share seen in so many independent zeros and ones. */
        private Interval wilson(double share, double values) {
            double weight = quantile * quantile / values;
            double centre = (share + weight / 2) / (1 + weight);
            double margin = Math.sqrt(share * (1 - share) * weight + weight * weight / 4) / (1 + weight);
            return new Interval(Math.max(0, centre - margin), Math.min(1, centre + margin));
        }
    }

    /** Of any values, one of each seed: Student's interval. */
    public static Estimate of(double... values) {
        return estimate(List.of(values), Spread::student);
    }

    /**
     * Of values from 0 to 1, one of each problem of a suite: Wilson's interval for the effective number of problems
     * (Franco et al., "Comparative study of confidence intervals for proportions in complex sample surveys", 2019), which
     * is that at which a share of zeros and ones would vary as the values do. It stays between 0 and 1 and has a width
     * also where all values are the same: then it is that of as many zeros and ones as there are problems.
     */
    public static Estimate ofShares(List<double[]> suites) {
        return estimate(suites, Spread::ofShare);
    }

    /**
     * Of differences of such values, paired by problem or by seed: Student's interval. Where all are the same, it is
     * Wilson's for as many differences of -1 and 1, so that a few that are alike do not pass for certainty.
     */
    public static Estimate ofDifferences(List<double[]> suites) {
        return estimate(suites, Spread::ofDifference);
    }

    /** @throws IllegalArgumentException if there is no value, or one is not finite */
    private static Estimate estimate(List<double[]> suites, Function<Spread, Interval> interval) {
        double mean = 0;
        boolean single = false;
        for (double[] values : suites) {
            if (values.length == 0) {
                throw new IllegalArgumentException("there are no values to take the mean of");
            }
            for (double value : values) {
                if (!Double.isFinite(value)) {
                    throw new IllegalArgumentException("there is no mean of a value that is " + value);
                }
            }
            mean += StatUtils.mean(values) / suites.size();
            single |= values.length == 1;
        }
        return new Estimate(mean, single ? Optional.empty() : Optional.of(interval.apply(Spread.of(mean, suites))));
    }

    /** Whether the interval has 0 on neither side, so that what is estimated is not 0. */
    public boolean excludesZero() {
        return interval.filter(range -> range.low > 0 || range.high < 0).isPresent();
    }

    /** In per cent, such as {@code 41.7 ± 3.2}, or {@code 3.3 (0.6 to 16.7)}; of a single value, {@code 41.7 (n=1)}. */
    public String percent() {
        return format("%.1f");
    }

    /** A difference in percentage points with its sign, such as {@code +1.7 ± 3.2}. */
    public String percentagePoints(int decimals) {
        return format("%+." + decimals + "f");
    }

    private String format(String number) {
        String middle = String.format(Locale.ROOT, number, 100 * mean);
        if (interval.isEmpty()) {
            return middle + " (n=1)";
        }
        double above = interval.get().high - mean;
        double below = mean - interval.get().low;
        return Math.abs(above - below) < 1e-9
                ? middle + String.format(Locale.ROOT, " ± " + number.replace("+", ""), 100 * above)
                : middle
                        + String.format(
                                Locale.ROOT,
                                " (" + number + " to " + number + ")",
                                100 * interval.get().low,
                                100 * interval.get().high);
    }
}
