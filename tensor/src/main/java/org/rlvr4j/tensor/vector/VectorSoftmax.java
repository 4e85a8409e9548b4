package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorMath.LANES;
import static org.rlvr4j.tensor.vector.VectorMath.S;
import static org.rlvr4j.tensor.vector.VectorMath.load;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Softmax of a row of logits, a part at a time: one pass over the logits is enough, wherever they come from, and long
 * rows lose no digits, since sums are in single precision within a part, and in double across parts.
 */
final class VectorSoftmax {

    /** Logits per part; the last part of a row may have fewer. */
    static final int PART = 1024;

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
        FloatVector sum = FloatVector.zero(S);
        FloatVector surprise = FloatVector.zero(S);
        int whole = n - n % LANES;
        for (int i = 0; i < whole; i += LANES) {
            FloatVector below = load(z, start + i).sub(max);
            FloatVector e = VectorMath.exp(below);
            sum = sum.add(e);
            surprise = surprise.sub(e.mul(below));
        }
        if (whole < n) {
            VectorMask<Float> tail = S.indexInRange(whole, n);
            FloatVector below = load(z, start + whole, tail).sub(max);
            FloatVector e = VectorMath.exp(below);
            sum = sum.add(e, tail);
            surprise = surprise.sub(e.mul(below), tail);
        }
        sums.setAtIndex(ValueLayout.JAVA_FLOAT, part * SUMS, max);
        sums.setAtIndex(ValueLayout.JAVA_FLOAT, part * SUMS + 1, VectorMath.sum(sum));
        sums.setAtIndex(ValueLayout.JAVA_FLOAT, part * SUMS + 2, VectorMath.sum(surprise));
    }

    /** Logarithm of the sum of exponentials of {@code parts} parts, from {@code first} on. */
    static double logSumExp(MemorySegment sums, long first, int parts) {
        double max = Double.NEGATIVE_INFINITY;
        for (long part = first; part < first + parts; part++) {
            max = Math.max(max, number(sums, part, 0));
        }
        double sum = 0;
        for (long part = first; part < first + parts; part++) {
            sum += Math.exp(number(sums, part, 0) - max) * number(sums, part, 1);
        }
        return max + Math.log(sum);
    }

    /** {@code sum of softmax(z) * (lse - z)}: all terms are positive, so nothing cancels. */
    static double entropy(MemorySegment sums, long first, int parts, double lse) {
        double entropy = 0;
        for (long part = first; part < first + parts; part++) {
            double max = number(sums, part, 0);
            entropy += Math.exp(max - lse) * (number(sums, part, 2) + (lse - max) * number(sums, part, 1));
        }
        return entropy;
    }

    private static double number(MemorySegment sums, long part, int i) {
        return sums.getAtIndex(ValueLayout.JAVA_FLOAT, part * SUMS + i);
    }

    /** Sum of the probabilities of a whole part. */
    static float mass(MemorySegment z, long start, float lse) {
        FloatVector sum = FloatVector.zero(S);
        for (int i = 0; i < PART; i += LANES) {
            sum = sum.add(VectorMath.exp(load(z, start + i).sub(lse)));
        }
        return VectorMath.sum(sum);
    }
}
