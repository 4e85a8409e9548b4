package org.rlvr4j.tensor.vector;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** Operations shared by the vector kernels: one species, loads and stores, exp, and sums in a defined order. */
final class VectorMath {

    static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    static final int LANES = S.length();
    static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    static final int UPPER_HALF = 0xffff0000; // of a word: the bits of a bfloat16 in single precision
    static final ByteOrder ORDER = ByteOrder.nativeOrder();
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ORDER);

    private static final float LOG2_E = 1.442695f;
    private static final float LN2_HIGH = 0.6933594f; // few bits, so that n * LN2_HIGH is exact
    private static final float LN2_LOW = -0.00021219444f;
    private static final float ROUND = 12582912f; // 1.5 * 2^23: adding it rounds to an integer in the low bits
    private static final int EXPONENT_BIAS = 127;

    private VectorMath() {}

    static FloatVector load(MemorySegment segment, long index) {
        return FloatVector.fromMemorySegment(S, segment, index * Float.BYTES, ORDER);
    }

    static FloatVector load(MemorySegment segment, long index, VectorMask<Float> mask) {
        return FloatVector.fromMemorySegment(S, segment, index * Float.BYTES, ORDER, mask);
    }

    /**
     * Loads the next {@code n} numbers, or a whole vector if {@code n} is larger; a mask costs more than the
     * arithmetic.
     */
    static FloatVector load(MemorySegment segment, long index, int n) {
        return n >= LANES ? load(segment, index) : load(segment, index, S.indexInRange(0, n));
    }

    static FloatVector load(float[] array, int index, int n) {
        return n >= LANES
                ? FloatVector.fromArray(S, array, index)
                : FloatVector.fromArray(S, array, index, S.indexInRange(0, n));
    }

    static void store(FloatVector x, MemorySegment segment, long index) {
        x.intoMemorySegment(segment, index * Float.BYTES, ORDER);
    }

    static void store(FloatVector x, MemorySegment segment, long index, VectorMask<Float> mask) {
        x.intoMemorySegment(segment, index * Float.BYTES, ORDER, mask);
    }

    static void store(FloatVector x, MemorySegment segment, long index, int n) {
        if (n >= LANES) {
            store(x, segment, index);
        } else {
            store(x, segment, index, S.indexInRange(0, n));
        }
    }

    /**
     * e^x to about one unit in the last place, the same bits on every machine; arguments are clamped to [-87.3, 88.3].
     *
     * <p>x = n ln 2 + r with |r| at most ln 2 / 2; e^r is the polynomial of Cephes, 2^n is set in the exponent.
     */
    static FloatVector exp(FloatVector x) {
        FloatVector limited = x.max(-87.3f).min(88.3f);
        FloatVector shifted = limited.fma(FloatVector.broadcast(S, LOG2_E), FloatVector.broadcast(S, ROUND));
        FloatVector n = shifted.sub(ROUND);
        FloatVector r = n.fma(FloatVector.broadcast(S, -LN2_HIGH), limited);
        r = n.fma(FloatVector.broadcast(S, -LN2_LOW), r);
        FloatVector y = FloatVector.broadcast(S, 0.00019875691f);
        y = y.fma(r, FloatVector.broadcast(S, 0.0013981999f));
        y = y.fma(r, FloatVector.broadcast(S, 0.008333452f));
        y = y.fma(r, FloatVector.broadcast(S, 0.041665796f));
        y = y.fma(r, FloatVector.broadcast(S, 0.16666666f));
        y = y.fma(r, FloatVector.broadcast(S, 0.5f));
        y = y.fma(r.mul(r), r).add(1f);
        IntVector exponent = shifted.reinterpretAsInts()
                .add(EXPONENT_BIAS - Float.floatToRawIntBits(ROUND))
                .lanewise(VectorOperators.LSHL, 23);
        return y.mul(exponent.reinterpretAsFloats());
    }

    /**
     * Sum of the lanes from the first to the last: {@code reduceLanes} leaves the order, and with it the last bits,
     * open.
     */
    static float sum(FloatVector x) {
        float sum = 0;
        for (float lane : x.toArray()) { // lane(i) is far slower if i is not a constant
            sum += lane;
        }
        return sum;
    }

    static float max(MemorySegment x, long start, int n) {
        FloatVector max = FloatVector.broadcast(S, Float.NEGATIVE_INFINITY);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            max = max.max(load(x, start + i));
        }
        if (i < n) {
            VectorMask<Float> tail = S.indexInRange(i, n);
            max = max.lanewise(VectorOperators.MAX, load(x, start + i, tail), tail);
        }
        return max.reduceLanes(VectorOperators.MAX);
    }

    static float dot(MemorySegment a, long aStart, MemorySegment b, long bStart, int n) {
        FloatVector sum = FloatVector.zero(S);
        for (int i = 0; i < n; i += LANES) {
            sum = load(a, aStart + i, n - i).fma(load(b, bStart + i, n - i), sum);
        }
        return sum(sum);
    }

    /** Replaces each score by e^(score - shift); returns their sum. */
    static float expInPlace(MemorySegment x, long start, int n, float shift) {
        FloatVector sum = FloatVector.zero(S);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            FloatVector e = exp(load(x, start + i).sub(shift));
            store(e, x, start + i);
            sum = sum.add(e);
        }
        if (i < n) {
            VectorMask<Float> tail = S.indexInRange(i, n);
            FloatVector e = exp(load(x, start + i, tail).sub(shift));
            store(e, x, start + i, tail);
            sum = sum.add(e, tail);
        }
        return sum(sum);
    }

    static void scale(MemorySegment x, long start, int n, float factor) {
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            store(load(x, start + i).mul(factor), x, start + i);
        }
        if (i < n) {
            VectorMask<Float> tail = S.indexInRange(i, n);
            store(load(x, start + i, tail).mul(factor), x, start + i, tail);
        }
    }
}
