package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorMath.LANES;
import static org.rlvr4j.tensor.vector.VectorMath.S;
import static org.rlvr4j.tensor.vector.VectorMath.load;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.rlvr4j.tensor.math.Lanes;

/**
 * Sums in the order of {@link Lanes}: two vectors of 16 lanes are under way at a time, or four of 8; with vectors of 4
 * lanes the numbers are passed over twice.
 */
final class VectorSums {

    private static final int QUARTER = Lanes.COUNT / 4;

    private VectorSums() {}

    /** Sum of n numbers. */
    static float sum(MemorySegment x, long start, int n) {
        if (LANES == Lanes.COUNT / 2) {
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = FloatVector.zero(S);
            int i = 0;
            for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
                s0 = s0.add(load(x, start + i));
                s1 = s1.add(load(x, start + i + LANES));
            }
            if (i < n) {
                s0 = s0.add(load(x, start + i, n - i));
                s1 = s1.add(load(x, start + i + LANES, n - i - LANES));
            }
            return VectorMath.sum(s0.add(s1));
        }
        var folded = new float[QUARTER];
        for (int first = 0; first < QUARTER; first += LANES) {
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = FloatVector.zero(S);
            FloatVector s2 = FloatVector.zero(S);
            FloatVector s3 = FloatVector.zero(S);
            int i = first;
            for (; i <= n + first - Lanes.COUNT; i += Lanes.COUNT) {
                s0 = s0.add(load(x, start + i));
                s1 = s1.add(load(x, start + i + QUARTER));
                s2 = s2.add(load(x, start + i + 2 * QUARTER));
                s3 = s3.add(load(x, start + i + 3 * QUARTER));
            }
            if (i < n) {
                s0 = s0.add(load(x, start + i, n - i));
                s1 = s1.add(load(x, start + i + QUARTER, n - i - QUARTER));
                s2 = s2.add(load(x, start + i + 2 * QUARTER, n - i - 2 * QUARTER));
                s3 = s3.add(load(x, start + i + 3 * QUARTER, n - i - 3 * QUARTER));
            }
            s0.add(s2).add(s1.add(s3)).intoArray(folded, first);
        }
        return VectorMath.sumOfQuarter(folded);
    }

    /** Sum of n products. */
    static float dot(MemorySegment a, long aStart, MemorySegment b, long bStart, int n) {
        if (LANES == Lanes.COUNT / 2) {
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = FloatVector.zero(S);
            int i = 0;
            for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
                s0 = load(a, aStart + i).fma(load(b, bStart + i), s0);
                s1 = load(a, aStart + i + LANES).fma(load(b, bStart + i + LANES), s1);
            }
            if (i < n) {
                s0 = load(a, aStart + i, n - i).fma(load(b, bStart + i, n - i), s0);
                s1 = load(a, aStart + i + LANES, n - i - LANES).fma(load(b, bStart + i + LANES, n - i - LANES), s1);
            }
            return VectorMath.sum(s0.add(s1));
        }
        var folded = new float[QUARTER];
        for (int first = 0; first < QUARTER; first += LANES) {
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = FloatVector.zero(S);
            FloatVector s2 = FloatVector.zero(S);
            FloatVector s3 = FloatVector.zero(S);
            int i = first;
            for (; i <= n + first - Lanes.COUNT; i += Lanes.COUNT) {
                s0 = load(a, aStart + i).fma(load(b, bStart + i), s0);
                s1 = load(a, aStart + i + QUARTER).fma(load(b, bStart + i + QUARTER), s1);
                s2 = load(a, aStart + i + 2 * QUARTER).fma(load(b, bStart + i + 2 * QUARTER), s2);
                s3 = load(a, aStart + i + 3 * QUARTER).fma(load(b, bStart + i + 3 * QUARTER), s3);
            }
            if (i < n) {
                s0 = load(a, aStart + i, n - i).fma(load(b, bStart + i, n - i), s0);
                s1 = load(a, aStart + i + QUARTER, n - i - QUARTER)
                        .fma(load(b, bStart + i + QUARTER, n - i - QUARTER), s1);
                s2 = load(a, aStart + i + 2 * QUARTER, n - i - 2 * QUARTER)
                        .fma(load(b, bStart + i + 2 * QUARTER, n - i - 2 * QUARTER), s2);
                s3 = load(a, aStart + i + 3 * QUARTER, n - i - 3 * QUARTER)
                        .fma(load(b, bStart + i + 3 * QUARTER, n - i - 3 * QUARTER), s3);
            }
            s0.add(s2).add(s1.add(s3)).intoArray(folded, first);
        }
        return VectorMath.sumOfQuarter(folded);
    }

    /** Sum of n products {@code (a * b) * c}, of which the first is rounded. */
    static float dot(MemorySegment a, long aStart, MemorySegment b, long bStart, MemorySegment c, long cStart, int n) {
        if (LANES == Lanes.COUNT / 2) {
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = FloatVector.zero(S);
            int i = 0;
            for (; i <= n - Lanes.COUNT; i += Lanes.COUNT) {
                s0 = load(a, aStart + i).mul(load(b, bStart + i)).fma(load(c, cStart + i), s0);
                s1 = load(a, aStart + i + LANES)
                        .mul(load(b, bStart + i + LANES))
                        .fma(load(c, cStart + i + LANES), s1);
            }
            if (i < n) {
                s0 = load(a, aStart + i, n - i).mul(load(b, bStart + i, n - i)).fma(load(c, cStart + i, n - i), s0);
                s1 = load(a, aStart + i + LANES, n - i - LANES)
                        .mul(load(b, bStart + i + LANES, n - i - LANES))
                        .fma(load(c, cStart + i + LANES, n - i - LANES), s1);
            }
            return VectorMath.sum(s0.add(s1));
        }
        var folded = new float[QUARTER];
        for (int first = 0; first < QUARTER; first += LANES) {
            FloatVector s0 = FloatVector.zero(S);
            FloatVector s1 = FloatVector.zero(S);
            FloatVector s2 = FloatVector.zero(S);
            FloatVector s3 = FloatVector.zero(S);
            int i = first;
            for (; i <= n + first - Lanes.COUNT; i += Lanes.COUNT) {
                s0 = load(a, aStart + i).mul(load(b, bStart + i)).fma(load(c, cStart + i), s0);
                s1 = load(a, aStart + i + QUARTER)
                        .mul(load(b, bStart + i + QUARTER))
                        .fma(load(c, cStart + i + QUARTER), s1);
                s2 = load(a, aStart + i + 2 * QUARTER)
                        .mul(load(b, bStart + i + 2 * QUARTER))
                        .fma(load(c, cStart + i + 2 * QUARTER), s2);
                s3 = load(a, aStart + i + 3 * QUARTER)
                        .mul(load(b, bStart + i + 3 * QUARTER))
                        .fma(load(c, cStart + i + 3 * QUARTER), s3);
            }
            if (i < n) {
                s0 = load(a, aStart + i, n - i).mul(load(b, bStart + i, n - i)).fma(load(c, cStart + i, n - i), s0);
                s1 = load(a, aStart + i + QUARTER, n - i - QUARTER)
                        .mul(load(b, bStart + i + QUARTER, n - i - QUARTER))
                        .fma(load(c, cStart + i + QUARTER, n - i - QUARTER), s1);
                s2 = load(a, aStart + i + 2 * QUARTER, n - i - 2 * QUARTER)
                        .mul(load(b, bStart + i + 2 * QUARTER, n - i - 2 * QUARTER))
                        .fma(load(c, cStart + i + 2 * QUARTER, n - i - 2 * QUARTER), s2);
                s3 = load(a, aStart + i + 3 * QUARTER, n - i - 3 * QUARTER)
                        .mul(load(b, bStart + i + 3 * QUARTER, n - i - 3 * QUARTER))
                        .fma(load(c, cStart + i + 3 * QUARTER, n - i - 3 * QUARTER), s3);
            }
            s0.add(s2).add(s1.add(s3)).intoArray(folded, first);
        }
        return VectorMath.sumOfQuarter(folded);
    }
}
