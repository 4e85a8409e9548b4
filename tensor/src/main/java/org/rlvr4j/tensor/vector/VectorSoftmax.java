package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorMath.LANES;
import static org.rlvr4j.tensor.vector.VectorMath.S;
import static org.rlvr4j.tensor.vector.VectorMath.load;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;

/**
 * Probabilities of a row of logits, a part at a time: so one pass over the logits serves, wherever they come from, and
 * long rows lose no digits: it is single precision within a part, and double across.
 */
final class VectorSoftmax {

    /** Logits of a part; a row's last may have fewer. */
    static final int PART = 1024;

    /** Numbers that sum up a part: its largest logit, and of what lies below that, exponentials and surprises. */
    static final int SUMS = 3;

    private VectorSoftmax() {}

    static int parts(int V) {
        return Math.ceilDiv(V, PART);
    }

    /** Multiplies logits, at most a part, by {@code factor} and sums them up. */
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

    /** Logarithm of the sum of exponentials of so many parts. */
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

    /** {@code sum of softmax(z) * (lse - z)}: all of its terms are positive, so that no cancellation spoils it. */
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

    /** The sum of probabilities of a whole part. */
    static float mass(MemorySegment z, long start, float lse) {
        FloatVector sum = FloatVector.zero(S);
        for (int i = 0; i < PART; i += LANES) {
            sum = sum.add(VectorMath.exp(load(z, start + i).sub(lse)));
        }
        return VectorMath.sum(sum);
    }
}
