package org.rlvr4j.tensor.scalar;

import org.rlvr4j.tensor.math.Lanes;

/** Sum of numbers in the order of {@link Lanes}. */
final class LaneSum {

    private final Arithmetic math;
    private final double[] lanes = new double[Lanes.COUNT];

    LaneSum(Arithmetic math) {
        this.math = math;
    }

    /** Adds {@code a * b}, number i of the sum. */
    void add(long i, double a, double b) {
        int lane = (int) (i % Lanes.COUNT);
        lanes[lane] = math.fma(a, b, lanes[lane]);
    }

    /** Adds number i of the sum. */
    void add(long i, double x) {
        int lane = (int) (i % Lanes.COUNT);
        lanes[lane] = math.round(lanes[lane] + x);
    }

    double total() {
        for (int half = Lanes.COUNT / 2; half > 0; half /= 2) {
            for (int lane = 0; lane < half; lane++) {
                lanes[lane] = math.round(lanes[lane] + lanes[lane + half]);
            }
        }
        return lanes[0];
    }
}
