package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.math.SingleMath.EXPONENT_BIAS;
import static org.rlvr4j.tensor.math.SingleMath.FRACTION_BITS;
import static org.rlvr4j.tensor.math.SingleMath.LN2_HIGH;
import static org.rlvr4j.tensor.math.SingleMath.LN2_LOW;
import static org.rlvr4j.tensor.math.SingleMath.LOG2_E;
import static org.rlvr4j.tensor.math.SingleMath.MAX_EXPONENT;
import static org.rlvr4j.tensor.math.SingleMath.MIN_EXPONENT;
import static org.rlvr4j.tensor.math.SingleMath.ROOT_OF_HALF;
import static org.rlvr4j.tensor.math.SingleMath.ROUND;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;
import org.rlvr4j.tensor.math.Lanes;
import org.rlvr4j.tensor.math.SingleMath;

/**
 * Operations shared by the vector kernels: one species, loads and stores, exp and log, and sums in the order of
 * {@link Lanes}.
 */
final class VectorMath {

    static final VectorSpecies<Float> S = FloatVector.SPECIES_PREFERRED;
    static final int LANES = S.length();
    static final VectorSpecies<Integer> INTS = IntVector.SPECIES_PREFERRED;
    static final int UPPER_HALF = 0xffff0000; // of a word: the bits of a bfloat16 in single precision
    static final ByteOrder ORDER = ByteOrder.nativeOrder();
    static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ORDER);

    private static final VectorShuffle<Float> BY_8 = rotation(8);
    private static final VectorShuffle<Float> BY_4 = rotation(4);
    private static final VectorShuffle<Float> BY_2 = rotation(2);
    private static final VectorShuffle<Float> BY_1 = rotation(1);

    private VectorMath() {}

    private static VectorShuffle<Float> rotation(int lanes) {
        return VectorShuffle.iota(S, lanes % LANES, 1, true);
    }

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

    /** {@link SingleMath#exp} of each lane. */
    static FloatVector exp(FloatVector x) {
        FloatVector limited = x.max(MIN_EXPONENT).min(MAX_EXPONENT);
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
                .lanewise(VectorOperators.LSHL, FRACTION_BITS);
        return y.mul(exponent.reinterpretAsFloats());
    }

    /** {@link SingleMath#log} of each lane. */
    static FloatVector log(FloatVector x) {
        IntVector bits = x.reinterpretAsInts();
        IntVector exponent = bits.sub(ROOT_OF_HALF).lanewise(VectorOperators.ASHR, FRACTION_BITS);
        FloatVector e = exponent.add(Float.floatToRawIntBits(ROUND))
                .reinterpretAsFloats()
                .sub(ROUND);
        FloatVector f = bits.sub(exponent.lanewise(VectorOperators.LSHL, FRACTION_BITS))
                .reinterpretAsFloats()
                .sub(1f);
        FloatVector square = f.mul(f);
        FloatVector y = FloatVector.broadcast(S, 0.070376836f);
        y = y.fma(f, FloatVector.broadcast(S, -0.1151461f));
        y = y.fma(f, FloatVector.broadcast(S, 0.116769984f));
        y = y.fma(f, FloatVector.broadcast(S, -0.12420141f));
        y = y.fma(f, FloatVector.broadcast(S, 0.14249323f));
        y = y.fma(f, FloatVector.broadcast(S, -0.16668057f));
        y = y.fma(f, FloatVector.broadcast(S, 0.20000714f));
        y = y.fma(f, FloatVector.broadcast(S, -0.24999994f));
        y = y.fma(f, FloatVector.broadcast(S, 0.3333333f));
        y = e.fma(FloatVector.broadcast(S, LN2_LOW), y.mul(f.mul(square)));
        y = square.fma(FloatVector.broadcast(S, -0.5f), y);
        return e.fma(FloatVector.broadcast(S, LN2_HIGH), f.add(y));
    }

    /** Sum of the lanes of one vector, the last steps of the order of {@link Lanes}. */
    static float sum(FloatVector lanes) {
        FloatVector x = lanes;
        if (LANES >= 16) {
            x = x.add(x.rearrange(BY_8));
        }
        if (LANES >= 8) {
            x = x.add(x.rearrange(BY_4));
        }
        x = x.add(x.rearrange(BY_2));
        return x.add(x.rearrange(BY_1)).lane(0);
    }

    /** Sum of 8 lanes: the last steps of the order of {@link Lanes}. */
    static float sumOfQuarter(float[] lanes) {
        FloatVector x = FloatVector.fromArray(S, lanes, 0);
        return sum(LANES == 8 ? x : x.add(FloatVector.fromArray(S, lanes, lanes.length - LANES)));
    }

    /** Sum of {@link Lanes#COUNT} lanes, which are overwritten. */
    static float sum(float[] lanes) {
        for (int half = Lanes.COUNT / 2; half >= LANES; half /= 2) {
            for (int lane = 0; lane < half; lane += LANES) {
                FloatVector.fromArray(S, lanes, lane)
                        .add(FloatVector.fromArray(S, lanes, lane + half))
                        .intoArray(lanes, lane);
            }
        }
        return sum(FloatVector.fromArray(S, lanes, 0));
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

    /** Replaces each score by e^(score * scale - shift). */
    static void expInPlace(MemorySegment x, long start, int n, float scale, float shift) {
        FloatVector factor = FloatVector.broadcast(S, scale);
        FloatVector offset = FloatVector.broadcast(S, -shift);
        int i = 0;
        for (; i <= n - LANES; i += LANES) {
            store(exp(load(x, start + i).fma(factor, offset)), x, start + i);
        }
        if (i < n) {
            VectorMask<Float> tail = S.indexInRange(i, n);
            store(exp(load(x, start + i, tail).fma(factor, offset)), x, start + i, tail);
        }
    }

    /** {@code x = x * keep + y * share} over n numbers of one memory. */
    static void merge(MemorySegment memory, long x, float keep, long y, float share, int n) {
        FloatVector factor = FloatVector.broadcast(S, keep);
        for (int i = 0; i < n; i += LANES) {
            FloatVector part = load(memory, y + i, n - i).mul(share);
            store(load(memory, x + i, n - i).fma(factor, part), memory, x + i, n - i);
        }
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
