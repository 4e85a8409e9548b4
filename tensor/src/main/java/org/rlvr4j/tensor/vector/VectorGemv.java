package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorMath.FLOAT;
import static org.rlvr4j.tensor.vector.VectorMath.INTS;
import static org.rlvr4j.tensor.vector.VectorMath.LANES;
import static org.rlvr4j.tensor.vector.VectorMath.ORDER;
import static org.rlvr4j.tensor.vector.VectorMath.S;
import static org.rlvr4j.tensor.vector.VectorMath.UPPER_HALF;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Panels;

/**
 * Product {@code y = x W' + b} for so few rows that reading W takes most of the time, as in a step of decoding.
 *
 * <p>Four panels far from each other are read side by side, as four long streams: a processor prefetches those, but not
 * many short ones. They also give eight chains of multiply-adds, which hide each other's latency. A chain has the
 * order, and so the bits, of {@link VectorTile}.
 */
final class VectorGemv {

    /** Largest number of rows for which this kernel is faster than {@link VectorGemm}. */
    static final int ROWS = 6;

    private static final int STREAMS = 4;
    private static final int WIDTH = Panels.WIDTH;
    private static final int HALF = WIDTH / 2;
    private static final int TILE = STREAMS * WIDTH;
    private static final long PIECE = 4096; // bytes of each panel, which stay in the first-level cache for all rows
    private static final long SERIAL_WEIGHTS =
            1L << 17; // about 10 microseconds of reading: below it threads do not pay
    private static final long CHUNK = 1L << 17; // weights per chunk

    private final ThreadTeam team;
    private final float[][] tiles;

    VectorGemv(ThreadTeam team) {
        this.team = team;
        this.tiles = new float[team.size()][ROWS * TILE];
    }

    void run(Buffer x, Buffer w, @Nullable Buffer bias, Buffer y, int T, int K, int N) {
        int distance = (Panels.count(N) + STREAMS - 1) / STREAMS;
        int size = Math.clamp(CHUNK / ((long) TILE * K), 1, distance);
        int chunks = (distance + size - 1) / size;
        team.forEach(chunks, (long) N * K < SERIAL_WEIGHTS, (chunk, worker) -> {
            for (int panel = chunk * size; panel < Math.min(distance, (chunk + 1) * size); panel++) {
                panels(x, w, bias, y, T, K, N, panel, distance, tiles[worker]);
            }
        });
    }

    /**
     * Computes all rows of panels {@code first}, {@code first + distance}, ...; in place of a panel beyond the last,
     * the last is computed again.
     */
    private static void panels(
            Buffer x,
            Buffer w,
            @Nullable Buffer bias,
            Buffer y,
            int T,
            int K,
            int N,
            int first,
            int distance,
            float[] tile) {
        initializeTile(bias, T, N, first, distance, tile);
        int last = Panels.count(N) - 1;
        long row = (long) WIDTH * w.type().bytes();
        long size = K * row;
        var starts = new long[STREAMS];
        Arrays.setAll(starts, s -> Math.min(first + s * distance, last) * size);
        for (long at = 0; at < size; at += PIECE) {
            long end = Math.min(size, at + PIECE);
            for (int t = 0; t < T; t++) {
                long in = (long) t * K * Float.BYTES + at / row * Float.BYTES;
                for (int i = 0; i < HALF; i += LANES) {
                    long lane = (long) i * Float.BYTES;
                    if (w.type() == DType.BF16) {
                        bfloat16(x.segment(), in, w.segment(), starts, at + lane, end - at, tile, t * TILE + i);
                    } else {
                        float32(x.segment(), in, w.segment(), starts, at + lane, end - at, tile, t * TILE + i);
                    }
                }
            }
        }
        storeTile(y, T, N, first, distance, tile);
    }

    private static void initializeTile(@Nullable Buffer bias, int T, int N, int first, int distance, float[] tile) {
        if (bias == null) {
            Arrays.fill(tile, 0, T * TILE, 0);
            return;
        }
        for (int s = 0; s < STREAMS; s++) {
            int n = (first + s * distance) * WIDTH;
            for (int t = 0; t < T && n < N; t++) {
                int at = t * TILE + s * WIDTH;
                MemorySegment.copy(bias.segment(), FLOAT, (long) n * Float.BYTES, tile, at, Math.min(WIDTH, N - n));
            }
        }
    }

    private static void storeTile(Buffer y, int T, int N, int first, int distance, float[] tile) {
        for (int s = 0; s < STREAMS; s++) {
            int n = (first + s * distance) * WIDTH;
            for (int t = 0; t < T && n < N; t++) {
                long to = ((long) t * N + n) * Float.BYTES;
                MemorySegment.copy(tile, t * TILE + s * WIDTH, y.segment(), FLOAT, to, Math.min(WIDTH, N - n));
            }
        }
    }

    /** Continues the chains of a row over the next inputs, for 2 vectors of features of each of 4 panels. */
    private static void float32(
            MemorySegment x, long xStart, MemorySegment w, long[] starts, long from, long size, float[] y, int at) {
        long half = HALF * (long) Float.BYTES;
        long w0 = starts[0] + from;
        long w1 = starts[1] + from;
        long w2 = starts[2] + from;
        long w3 = starts[3] + from;
        FloatVector y0 = FloatVector.fromArray(S, y, at);
        FloatVector z0 = FloatVector.fromArray(S, y, at + HALF);
        FloatVector y1 = FloatVector.fromArray(S, y, at + WIDTH);
        FloatVector z1 = FloatVector.fromArray(S, y, at + WIDTH + HALF);
        FloatVector y2 = FloatVector.fromArray(S, y, at + 2 * WIDTH);
        FloatVector z2 = FloatVector.fromArray(S, y, at + 2 * WIDTH + HALF);
        FloatVector y3 = FloatVector.fromArray(S, y, at + 3 * WIDTH);
        FloatVector z3 = FloatVector.fromArray(S, y, at + 3 * WIDTH + HALF);
        long in = xStart;
        for (long k = 0; k < size; k += WIDTH * Float.BYTES) {
            FloatVector a = FloatVector.broadcast(S, x.get(FLOAT, in));
            y0 = a.fma(FloatVector.fromMemorySegment(S, w, w0 + k, ORDER), y0);
            z0 = a.fma(FloatVector.fromMemorySegment(S, w, w0 + k + half, ORDER), z0);
            y1 = a.fma(FloatVector.fromMemorySegment(S, w, w1 + k, ORDER), y1);
            z1 = a.fma(FloatVector.fromMemorySegment(S, w, w1 + k + half, ORDER), z1);
            y2 = a.fma(FloatVector.fromMemorySegment(S, w, w2 + k, ORDER), y2);
            z2 = a.fma(FloatVector.fromMemorySegment(S, w, w2 + k + half, ORDER), z2);
            y3 = a.fma(FloatVector.fromMemorySegment(S, w, w3 + k, ORDER), y3);
            z3 = a.fma(FloatVector.fromMemorySegment(S, w, w3 + k + half, ORDER), z3);
            in += Float.BYTES;
        }
        y0.intoArray(y, at);
        z0.intoArray(y, at + HALF);
        y1.intoArray(y, at + WIDTH);
        z1.intoArray(y, at + WIDTH + HALF);
        y2.intoArray(y, at + 2 * WIDTH);
        z2.intoArray(y, at + 2 * WIDTH + HALF);
        y3.intoArray(y, at + 3 * WIDTH);
        z3.intoArray(y, at + 3 * WIDTH + HALF);
    }

    /**
     * Does the same as {@link #float32} for bfloat16 weights: a word holds two features, each the upper half of a
     * single.
     */
    private static void bfloat16(
            MemorySegment x, long xStart, MemorySegment w, long[] starts, long from, long size, float[] y, int at) {
        long w0 = starts[0] + from;
        long w1 = starts[1] + from;
        long w2 = starts[2] + from;
        long w3 = starts[3] + from;
        FloatVector y0 = FloatVector.fromArray(S, y, at);
        FloatVector z0 = FloatVector.fromArray(S, y, at + HALF);
        FloatVector y1 = FloatVector.fromArray(S, y, at + WIDTH);
        FloatVector z1 = FloatVector.fromArray(S, y, at + WIDTH + HALF);
        FloatVector y2 = FloatVector.fromArray(S, y, at + 2 * WIDTH);
        FloatVector z2 = FloatVector.fromArray(S, y, at + 2 * WIDTH + HALF);
        FloatVector y3 = FloatVector.fromArray(S, y, at + 3 * WIDTH);
        FloatVector z3 = FloatVector.fromArray(S, y, at + 3 * WIDTH + HALF);
        long in = xStart;
        for (long k = 0; k < size; k += WIDTH * Short.BYTES) {
            FloatVector a = FloatVector.broadcast(S, x.get(FLOAT, in));
            IntVector v0 = IntVector.fromMemorySegment(INTS, w, w0 + k, ORDER);
            y0 = a.fma(v0.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats(), y0);
            z0 = a.fma(v0.and(UPPER_HALF).reinterpretAsFloats(), z0);
            IntVector v1 = IntVector.fromMemorySegment(INTS, w, w1 + k, ORDER);
            y1 = a.fma(v1.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats(), y1);
            z1 = a.fma(v1.and(UPPER_HALF).reinterpretAsFloats(), z1);
            IntVector v2 = IntVector.fromMemorySegment(INTS, w, w2 + k, ORDER);
            y2 = a.fma(v2.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats(), y2);
            z2 = a.fma(v2.and(UPPER_HALF).reinterpretAsFloats(), z2);
            IntVector v3 = IntVector.fromMemorySegment(INTS, w, w3 + k, ORDER);
            y3 = a.fma(v3.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats(), y3);
            z3 = a.fma(v3.and(UPPER_HALF).reinterpretAsFloats(), z3);
            in += Float.BYTES;
        }
        y0.intoArray(y, at);
        z0.intoArray(y, at + HALF);
        y1.intoArray(y, at + WIDTH);
        z1.intoArray(y, at + WIDTH + HALF);
        y2.intoArray(y, at + 2 * WIDTH);
        z2.intoArray(y, at + 2 * WIDTH + HALF);
        y3.intoArray(y, at + 3 * WIDTH);
        z3.intoArray(y, at + 3 * WIDTH + HALF);
    }
}
