package org.rlvr4j.tensor.scalar;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.tensor.math.SingleMath;

class ArithmeticTest {

    @Test
    void exponentialsAndLogarithmsAreWithinTwoUnitsInTheLastPlace() {
        for (float x = SingleMath.MIN_EXPONENT; x < SingleMath.MAX_EXPONENT; x += 0.0137f) {
            double e = StrictMath.exp(x);
            assertThat((double) SingleMath.exp(x)).isCloseTo(e, within(2.0 * Math.ulp((float) e)));
            double log = StrictMath.log((float) e);
            assertThat((double) SingleMath.log((float) e)).isCloseTo(log, within(2.0 * Math.ulp((float) log)));
        }
        assertThat(SingleMath.exp(0)).isEqualTo(1);
        assertThat(SingleMath.log(1)).isZero();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 31, 33, 64, 1000})
    void lanesAreChainsThatAreAddedByHalves(int n) {
        var sum = new LaneSum(Arithmetic.SINGLE);
        var lanes = new float[32];
        for (int i = 0; i < n; i++) {
            float x = 1 / (1f + i);
            sum.add(i, x);
            lanes[i % 32] += x;
        }
        float[] x = lanes.clone();
        for (int l = 0; l < 16; l++) {
            x[l] = lanes[l] + lanes[l + 16];
        }
        float[] quarter = new float[4];
        for (int l = 0; l < 4; l++) {
            quarter[l] = (x[l] + x[l + 8]) + (x[l + 4] + x[l + 12]);
        }
        float total = (quarter[0] + quarter[2]) + (quarter[1] + quarter[3]);

        assertThat(sum.total()).isEqualTo(total);
    }
}
