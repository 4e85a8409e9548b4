package org.rlvr4j.eval;

import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.StatUtils;

/**
 * Estimate of a mean, with its confidence interval.
 *
 * <p>Problems, or seeds, are independent of one another, so each gives one value: the mean of its samples. With equally
 * many samples per problem this is the interval clustered by problem of Miller, "Adding Error Bars to Evals" (2024,
 * arXiv:2411.00640), with Student's t for few problems. A mean over several suites weighs each suite the same; its variance
 * is the sum of their weighted variances, and its degrees of freedom follow Welch and Satterthwaite.
 *
 * @param mean     mean of the values; for several suites, the mean of their means
 * @param interval interval of 95 % confidence, alone or together with others; empty if a suite has a single value
 */
public record Estimate(double mean, Optional<Interval> interval) {

    private static final double ERROR = 0.05; // share of intervals that miss the truth, on both sides together

    /**
     * Confidence interval: from the least to the greatest mean that the values support.
     *
     * @param low  lower end
     * @param high upper end
     */
    public record Interval(double low, double high) {}

    /**
     * Spread of the values around their mean.
     *
     * @param mean     mean of the values
     * @param variance variance of the mean
     * @param quantile quantile of Student's t: 97.5 % for one interval, higher for one of several
     * @param size     number of values; for several suites, the number in a single suite that would tell as much
     */
    private record Spread(double mean, double variance, double quantile, double size) {

        private static final double ROUNDING = 1e-20; // largest variance that rounding gives equal values

        static Spread of(double mean, List<double[]> suites, int comparisons) {
            double variance = 0;
            double squares = 0;
            double degreesOfFreedom = 0;
            double inverseSize = 0;
            for (double[] values : suites) {
                double weight = 1.0 / values.length / suites.size() / suites.size();
                double contribution = StatUtils.variance(values) * weight;
                variance += contribution;
                squares += contribution * contribution / (values.length - 1);
                degreesOfFreedom += values.length - 1;
                inverseSize += weight;
            }
            boolean varies = variance > ROUNDING;
            var t = new TDistribution(varies ? variance * variance / squares : degreesOfFreedom);
            double upper = 1 - ERROR / 2 / comparisons;
            return new Spread(mean, varies ? variance : 0, t.inverseCumulativeProbability(upper), 1 / inverseSize);
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

        /** Wilson's interval (1927) for a share of ones among independent zeros and ones. */
        private Interval wilson(double share, double count) {
            double weight = quantile * quantile / count;
            double centre = (share + weight / 2) / (1 + weight);
            double margin = Math.sqrt(share * (1 - share) * weight + weight * weight / 4) / (1 + weight);
            return new Interval(Math.max(0, centre - margin), Math.min(1, centre + margin));
        }
    }

    /**
     * Estimate from any values, one per seed: Student's interval.
     *
     * @param values the values, at least one
     */
    public static Estimate of(double... values) {
        return estimate(List.of(values), 1, Spread::student);
    }

    /**
     * Estimate from values between 0 and 1, one per problem of a suite: Wilson's interval for the effective number of
     * problems (Franco et al., "Comparative study of confidence intervals for proportions in complex sample surveys",
     * 2019), at which a share of zeros and ones would vary as the values do. It stays between 0 and 1, and has a width even
     * if all values are equal: then it is the interval of as many zeros and ones as there are problems.
     *
     * @param suites values of each suite's problems
     */
    public static Estimate ofShares(List<double[]> suites) {
        return estimate(suites, 1, Spread::ofShare);
    }

    /**
     * Estimate from differences of values between 0 and 1, paired by problem or by seed: Student's interval. If all are
     * equal, it is Wilson's for as many differences of -1 and 1, so that a few equal ones do not pass for certainty.
     *
     * @param suites differences of each suite's problems
     */
    public static Estimate ofDifferences(List<double[]> suites) {
        return ofDifferences(suites, 1);
    }

    /**
     * Estimate from differences, as one of several that are looked at together: with Bonferroni's correction, by which
     * intervals of all of them hold the truth at the same time in 95 % of cases.
     *
     * @param suites      differences of each suite's problems
     * @param comparisons number of estimates that are looked at together, this one included; 1 for no correction
     * @throws IllegalArgumentException if {@code comparisons} is not positive
     */
    public static Estimate ofDifferences(List<double[]> suites, int comparisons) {
        if (comparisons < 1) {
            throw new IllegalArgumentException("comparisons must be positive, not " + comparisons);
        }
        return estimate(suites, comparisons, Spread::ofDifference);
    }

    /** @throws IllegalArgumentException if there is no value, or one is not finite */
    private static Estimate estimate(List<double[]> suites, int comparisons, Function<Spread, Interval> interval) {
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
        return new Estimate(
                mean, single ? Optional.empty() : Optional.of(interval.apply(Spread.of(mean, suites, comparisons))));
    }

    /** Whether 0 lies outside the interval, so that the estimated mean differs from 0. */
    public boolean excludesZero() {
        return interval.filter(range -> range.low > 0 || range.high < 0).isPresent();
    }

    /** Text in per cent: {@code 41.7 ± 3.2}, or {@code 3.3 (0.6 to 16.7)}, or {@code 41.7 (n=1)} for a single value. */
    public String percent() {
        return format("%.1f");
    }

    /**
     * Text of a difference in percentage points with its sign, such as {@code +1.7 ± 3.2}.
     *
     * @param decimals number of decimals
     */
    public String percentagePoints(int decimals) {
        return format("%+." + decimals + "f");
    }

    private String format(String number) {
        String centre = String.format(Locale.ROOT, number, 100 * mean);
        if (interval.isEmpty()) {
            return centre + " (n=1)";
        }
        double above = interval.get().high - mean;
        double below = mean - interval.get().low;
        return Math.abs(above - below) < 1e-9
                ? centre + String.format(Locale.ROOT, " ± " + number.replace("+", ""), 100 * above)
                : centre
                        + String.format(
                                Locale.ROOT,
                                " (" + number + " to " + number + ")",
                                100 * interval.get().low,
                                100 * interval.get().high);
    }
}
