package org.rlvr4j.run.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.math.BigDecimal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AxisTest {

    @ParameterizedTest
    @CsvSource({
        "0.15, 0.92, 0 0.2 0.4 0.6 0.8 1.0",
        "0.81, 0.97, 0.80 0.85 0.90 0.95 1.00",
        "15.2, 25.4, 14 16 18 20 22 24 26",
        "-1, 1, -1.0 -0.5 0 0.5 1.0",
        "0, 0.3, 0 0.05 0.10 0.15 0.20 0.25 0.30",
        "5, 5, 5.0 5.1",
        "0, 0, 0 0.02",
        "0, 123456, 0 50k 100k 150k",
        "0, 3200000, 0 1M 2M 3M 4M",
        "0.00001, 0.00042, 0 1e-4 2e-4 3e-4 4e-4 5e-4",
        "0.00031, 0.00042, 3e-4 3.2e-4 3.4e-4 3.6e-4 3.8e-4 4e-4 4.2e-4"
    })
    void linearTicksAreRoundAndEncloseTheValues(double min, double max, String ticks) {
        assertThat(labels(Axis.linear(min, max))).isEqualTo(ticks);
    }

    @ParameterizedTest
    @CsvSource({
        "1e-4, 0.3, 1e-4 0.001 0.01 0.1 1",
        "0.0009, 0.011, 5e-4 0.001 0.002 0.005 0.01 0.02",
        "0.001, 0.001, 0.001 0.002",
        "1, 1e12, 1 100 10k 1M 100M 10000M 1000000M",
        "2e-9, 5, 1e-9 1e-7 1e-5 0.001 0.1 10"
    })
    void logarithmicTicksAreRoundAndEncloseTheValues(double min, double max, String ticks) {
        assertThat(labels(Axis.logarithmic(min, max))).isEqualTo(ticks);
    }

    @ParameterizedTest
    @CsvSource({
        "1, 20, 5 10 15 20",
        "0, 3, 0 1 2 3",
        "7, 7, 7",
        "41, 100, 50 60 70 80 90 100",
        "0, 12000, 0 2000 4000 6000 8000 10k 12k"
    })
    void stepsHaveTicksAtWholeNumbersWithinTheRun(long first, long last, String ticks) {
        assertThat(labels(Axis.ofSteps(first, last))).isEqualTo(ticks);
    }

    @Test
    void positionIsTheShareOfTheLength() {
        assertThat(Axis.linear(0, 1).position(0.25)).isEqualTo(0.25);
        assertThat(Axis.logarithmic(1e-4, 1).position(0.01)).isCloseTo(0.5, within(1e-12));
        assertThat(Axis.ofSteps(5, 5).position(5)).isEqualTo(0.5);
    }

    @Test
    void zeroLiesOnTheLowerEndOfALogarithmicAxis() {
        assertThat(Axis.logarithmic(1e-4, 1).position(0)).isZero();
    }

    private static String labels(Axis axis) {
        return String.join(
                " ",
                axis.ticks().stream().map((BigDecimal tick) -> Axis.label(tick)).toList());
    }
}
