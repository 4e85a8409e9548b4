package org.rlvr4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.offset;

import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.function.IntToDoubleFunction;
import java.util.stream.IntStream;
import org.apache.commons.math3.distribution.TDistribution;
import org.apache.commons.math3.stat.StatUtils;
import org.junit.jupiter.api.Test;
import org.rlvr4j.eval.Estimate.Interval;

class EstimateTest {

    @Test
    void intervalIsStudentsForTheGivenNumberOfValues() {
        Estimate estimate = Estimate.of(1, 2, 3);

        // The standard deviation is 1; the table's t for 2 degrees of freedom and 95 % is 4.303.
        assertThat(estimate.mean()).isEqualTo(2);
        assertThat(estimate.interval().orElseThrow().low()).isCloseTo(2 - 4.303 / Math.sqrt(3), offset(1e-3));
        assertThat(estimate.interval().orElseThrow().high()).isCloseTo(2 + 4.303 / Math.sqrt(3), offset(1e-3));
    }

    @Test
    void singleValueHasNoInterval() {
        assertThat(Estimate.of(0.5).interval()).isEmpty();
        assertThat(Estimate.of(0.5).percent()).isEqualTo("50.0 (n=1)");
    }

    @Test
    void equalValuesHaveAnIntervalOfNoWidth() {
        assertThat(Estimate.of(1, 1, 1).percent()).isEqualTo("100.0 ± 0.0");
    }

    @Test
    void percentagesHaveOneDecimal() {
        assertThat(Estimate.of(0, 1, 1, 1).percent()).isEqualTo("75.0 ± 79.6"); // 3.182 * 0.5 / 2
    }

    @Test
    void differencesHaveTheirSign() {
        assertThat(Estimate.of(0, -0.5).percentagePoints(1)).isEqualTo("-25.0 ± 317.7"); // 12.706 * 0.25
        assertThat(Estimate.of(0.00125).percentagePoints(3)).isEqualTo("+0.125 (n=1)");
    }

    @Test
    void shareOfZerosAndOnesHasWilsonsIntervalWithStudentsQuantile() {
        Interval interval = shares(range(30, i -> i < 9 ? 1 : 0));

        // Zeros and ones among 30 problems vary as 29 independent ones would: (p + t²/2n ± ...) / (1 + t²/n), t = 2.045
        double weight = 2.0452 * 2.0452 / 29;
        double margin = Math.sqrt(0.3 * 0.7 * weight + weight * weight / 4);
        assertThat(interval.low()).isCloseTo((0.3 + weight / 2 - margin) / (1 + weight), offset(1e-4));
        assertThat(interval.high()).isCloseTo((0.3 + weight / 2 + margin) / (1 + weight), offset(1e-4));
    }

    @Test
    void sharesThatAreAllRightOrAllWrongAreNotCertain() {
        double quantile = 2.0452; // Student's t for 29 degrees of freedom

        Interval right = shares(range(30, _ -> 1));
        Interval wrong = shares(range(30, _ -> 0));

        assertThat(right.low())
                .isCloseTo(30 / (30 + quantile * quantile), offset(1e-4))
                .isLessThan(0.88);
        assertThat(right.high()).isCloseTo(1, offset(1e-12));
        assertThat(wrong.low()).isCloseTo(0, offset(1e-12));
        assertThat(wrong.high()).isCloseTo(1 - right.low(), offset(1e-12));
        assertThat(Estimate.ofShares(List.of(range(30, _ -> 1))).percent()).isEqualTo("100.0 (87.8 to 100.0)");
    }

    @Test
    void intervalsHoldTheTruthAboutAsOftenAsTheySay() {
        // 30 problems of very different difficulty, 8 samples of each: what counts is the choice of the problems.
        var random = new SplittableRandom(11);
        int held = 0;
        for (int trial = 0; trial < 2000; trial++) {
            Interval interval = shares(range(30, _ -> {
                double difficulty = Math.pow(random.nextDouble(), 4); // its mean is .2
                int right = 0;
                for (int sample = 0; sample < 8; sample++) {
                    right += random.nextDouble() < difficulty ? 1 : 0;
                }
                return right / 8.0;
            }));
            held += interval.low() <= 0.2 && 0.2 <= interval.high() ? 1 : 0;
        }

        assertThat(held / 2000.0).isBetween(0.93, 0.97);
    }

    @Test
    void intervalAgreesWithABootstrapOverProblems() {
        var random = new SplittableRandom(12);
        double[] values = range(200, _ -> random.nextInt(33) / 32.0);
        double[] means = new double[4000];
        for (int i = 0; i < means.length; i++) {
            means[i] = StatUtils.mean(range(values.length, _ -> values[random.nextInt(values.length)]));
        }
        Arrays.sort(means);

        Interval interval = shares(values);

        assertThat(interval.low()).isCloseTo(means[100], offset(4e-3)); // 2.5 % of 4000 are below, within noise
        assertThat(interval.high()).isCloseTo(means[3900], offset(4e-3));
    }

    @Test
    void averageOfSuitesWeighsThemEquallyAndAddsTheirVariances() {
        double[] few = {0, 1, 1, 0, 1};
        double[] many = range(50, i -> i % 2);

        Interval interval =
                Estimate.ofDifferences(List.of(few, many)).interval().orElseThrow();

        double variance = (0.3 / 5 + 25 / 98.0 / 50) / 4; // of 0.6 and 0.5, each with n - 1
        double degrees = variance * variance / (Math.pow(0.3 / 5 / 4, 2) / 4 + Math.pow(25 / 98.0 / 50 / 4, 2) / 49);
        double quantile = new TDistribution(degrees).inverseCumulativeProbability(0.975);
        assertThat(interval.low()).isCloseTo(0.55 - quantile * Math.sqrt(variance), offset(1e-9));
        assertThat(interval.high()).isCloseTo(0.55 + quantile * Math.sqrt(variance), offset(1e-9));
    }

    @Test
    void differencesThatAreAllAlikeAreSureOnlyIfThereAreEnough() {
        assertThat(Estimate.ofDifferences(List.of(range(3, _ -> 1))).excludesZero())
                .isFalse(); // one of 8 by chance
        assertThat(Estimate.ofDifferences(List.of(range(8, _ -> 1))).excludesZero())
                .isTrue();
        assertThat(Estimate.ofDifferences(List.of(range(8, _ -> -1))).excludesZero())
                .isTrue();
        assertThat(Estimate.ofDifferences(List.of(range(500, _ -> 0))).excludesZero())
                .isFalse();
    }

    @Test
    void differenceExcludesZeroIfItsIntervalDoes() {
        Estimate sure = Estimate.ofDifferences(List.of(new double[] {0.1, 0.2, 0.3, 0.2}));
        Estimate open = Estimate.ofDifferences(List.of(new double[] {0.1, -0.2, 0.3, 0.2}));

        assertThat(sure.excludesZero()).isTrue(); // 3.182 * 0.0816 / 2 = 0.13 is less than 0.2
        assertThat(open.excludesZero()).isFalse();
        assertThat(Estimate.ofDifferences(List.of(new double[] {1})).excludesZero())
                .isFalse();
    }

    @Test
    void intervalOfOneOfSeveralComparisonsIsBonferronis() {
        List<double[]> differences = List.of(new double[] {0.01, 0.02, 0.03});

        // The table's t for 2 degrees of freedom: 4.303 at 97.5 %, 6.205 at 98.75 %, 9.925 at 99.5 %; the standard
        // error is
        // 0.01 / sqrt(3).
        assertThat(margin(Estimate.ofDifferences(differences, 1))).isCloseTo(0.04303 / Math.sqrt(3), offset(1e-5));
        assertThat(margin(Estimate.ofDifferences(differences, 2))).isCloseTo(0.06205 / Math.sqrt(3), offset(1e-5));
        assertThat(margin(Estimate.ofDifferences(differences, 5))).isCloseTo(0.09925 / Math.sqrt(3), offset(1e-5));
        assertThat(Estimate.ofDifferences(differences, 1)).isEqualTo(Estimate.ofDifferences(differences));
    }

    @Test
    void fiveIntervalsTogetherHoldAllTruthsAboutAsOftenAsTheySay() {
        // Five differences of independent runs, whose truth is 0, with eight seeds each.
        var random = new SplittableRandom(13);
        int held = 0;
        int heldAlone = 0;
        for (int trial = 0; trial < 2000; trial++) {
            List<double[]> methods = IntStream.range(0, 5)
                    .mapToObj(_ -> range(8, _ -> random.nextGaussian() / 10))
                    .toList();
            held += methods.stream().noneMatch(values -> Estimate.ofDifferences(List.of(values), 5)
                            .excludesZero())
                    ? 1
                    : 0;
            heldAlone += methods.stream().noneMatch(values -> Estimate.ofDifferences(List.of(values))
                            .excludesZero())
                    ? 1
                    : 0;
        }

        assertThat(held / 2000.0).isBetween(0.935, 0.967); // 0.99^5 = 0.951
        assertThat(heldAlone / 2000.0).isBetween(0.74, 0.81); // 0.95^5 = 0.774
    }

    @Test
    void numberOfComparisonsMustBePositive() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Estimate.ofDifferences(List.of(new double[] {0.1, 0.2}), 0))
                .withMessage("comparisons must be positive, not 0");
    }

    private static double margin(Estimate estimate) {
        return estimate.interval().orElseThrow().high() - estimate.mean();
    }

    private static Interval shares(double[] values) {
        return Estimate.ofShares(List.of(values)).interval().orElseThrow();
    }

    private static double[] range(int count, IntToDoubleFunction value) {
        return IntStream.range(0, count).mapToDouble(value).toArray();
    }

    @Test
    void noValuesAndValuesThatAreNotFiniteAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(Estimate::of)
                .withMessage("there are no values to take the mean of");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Estimate.of(0, Double.NaN))
                .withMessage("there is no mean of a value that is NaN");
    }
}
