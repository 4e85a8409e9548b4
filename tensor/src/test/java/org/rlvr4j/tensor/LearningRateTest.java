package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class LearningRateTest {

    @Test
    void riseStartsAtZeroOrAtOneShareOfThePeak() {
        assertThat(rates(LearningRate.constant(1, 4, true), 6)).containsExactly(0, 0.25, 0.5, 0.75, 1, 1);
        assertThat(rates(LearningRate.constant(1, 4, false), 6)).containsExactly(0.25, 0.5, 0.75, 1, 1, 1);
    }

    @Test
    void withoutWarmUpTheFirstStepHasThePeak() {
        assertThat(rates(LearningRate.constant(3e-5, 0, true), 2)).containsExactly(3e-5, 3e-5);
    }

    @Test
    void rateFallsInAStraightLineToItsFloorAndStaysThere() {
        var rate = new LearningRate(10, 0, false, 4, 0.2);

        assertThat(rates(rate, 6)).containsExactly(new double[] {10, 8, 6, 4, 2, 2}, within(1e-12));
    }

    @Test
    void whatIsNoScheduleIsRefused() {
        assertThatThrownBy(() -> LearningRate.constant(0, 0, false)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LearningRate.constant(Double.NaN, 0, false))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> LearningRate.constant(1, -1, false))
                .hasMessage("warmupSteps must be 0 or more, not -1");
        assertThatThrownBy(() -> new LearningRate(1, 0, false, 5, 1.5)).hasMessageContaining("floor 1.5");
    }

    private static double[] rates(LearningRate rate, int steps) {
        return IntStream.range(0, steps).mapToDouble(rate::at).toArray();
    }
}
