package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorMath.LANES;
import static org.rlvr4j.tensor.vector.VectorMath.S;
import static org.rlvr4j.tensor.vector.VectorMath.load;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.rlvr4j.tensor.math.Lanes;

/**
 * Softmax of a row of logits, a part at a time: one pass over the logits is enough, wherever they come from, and long
 * rows lose no digits, since sums are in single precision within a part, and in double across parts.
 */
final class VectorSoftmax {

    /** Logits per part; the last part of a row may have fewer. */
    static final int PART = Lanes.PART;

    /** Numbers that summarise a part: its largest logit m, the sum of e^(z - m), and the sum of e^(z - m) * (m - z). */
    static final int SUMS = 3;

    private VectorSoftmax() {}

    static int parts(int V) {
        return Math.ceilDiv(V, PART);
    }

    /** Multiplies the {@code n} logits of a part by {@code factor}, and stores its {@link #SUMS} numbers. */
    static void sum(MemorySegment z, long start, int n, float factor, MemorySegment sums, long part) {
        if (factor != 1) {
            VectorMath.scale(z, start, n, factor);
        }
        float max = VectorMath.max(z, start, n);
        var exponentials = new float[Lanes.COUNT];
        var surprises = new float[Lanes.COUNT];
        for (int lane = 0; lane < Math.min(n, Lanes.COUNT); lane += LANES) {
            FloatVector sum = FloatVector.zero(S);
            FloatVector surprise = FloatVector.zero(S);
            int i = lane;
            for (; i <= n - LANES; i += Lanes.COUNT) {
                FloatVector below = load(z, start + i).sub(max);
                FloatVector e = VectorMath.exp(below);
                sum = sum.add(e);
                surprise = e.fma(below.neg(), surprise);
            }
            if (i < n) {
                VectorMask<Float> tail = S.indexInRange(i, n);
                FloatVector below = load(z, start + i, tail).sub(max);
                FloatVector e = VectorMath.exp(below);
                sum = sum.add(e, tail);
                surprise = surprise.blend(e.fma(below.neg(), surprise), tail);
            }
            sum.intoArray(exponentials, lane);
            surprise.intoArray(surprises, lane);
        }
        sums.setAtIndex(ValueLayout.JAVA_FLOAT, part * SUMS, max);
        sums.setAtIndex(ValueLayout.JAVA_FLOAT, part * SUMS + 1, VectorMath.sum(exponentials));
        sums.setAtIndex(ValueLayout.JAVA_FLOAT, part * SUMS + 2, VectorMath.sum(surprises));
    }

    /** Logarithm of the sum of exponentials of {@code parts} parts, from {@code first} on. */
    static double logSumExp(MemorySegment sums, long first, int parts) {
        double max = Double.NEGATIVE_INFINITY;
        for (long part = first; part < first + parts; part++) {
            max = Math.max(max, number(sums, part, 0));
        }
        double sum = 0;
        for (long part = first; part < first + parts; part++) {
            sum += StrictMath.exp(number(sums, part, 0) - max) * number(sums, part, 1);
        }
        return max + StrictMath.log(sum);
    }

    /** {@code sum of softmax(z) * (lse - z)}: all terms are positive, so nothing cancels. */
    static double entropy(MemorySegment sums, long first, int parts, double lse) {
        double entropy = 0;
        for (long part = first; part < first + parts; part++) {
            double max = number(sums, part, 0);
            entropy += StrictMath.exp(max - lse) * (number(sums, part, 2) + (lse - max) * number(sums, part, 1));
        }
        return entropy;
    }

    private static double number(MemorySegment sums, long part, int i) {
        return sums.getAtIndex(ValueLayout.JAVA_FLOAT, part * SUMS + i);
    }

    /** Sum of the probabilities of a whole part. */
    static float mass(MemorySegment z, long start, float lse) {
        var lanes = new float[Lanes.COUNT];
        for (int lane = 0; lane < Lanes.COUNT; lane += LANES) {
            FloatVector sum = FloatVector.zero(S);
            for (int i = lane; i < PART; i += Lanes.COUNT) {
                sum = sum.add(VectorMath.exp(load(z, start + i).sub(lse)));
            }
            sum.intoArray(lanes, lane);
        }
        return VectorMath.sum(lanes);
    }
}
