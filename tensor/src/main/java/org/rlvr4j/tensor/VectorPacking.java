package org.rlvr4j.tensor;

import static org.rlvr4j.tensor.VectorMath.FLOAT;
import static org.rlvr4j.tensor.VectorMath.INTS;
import static org.rlvr4j.tensor.VectorMath.LANES;
import static org.rlvr4j.tensor.VectorMath.ORDER;
import static org.rlvr4j.tensor.VectorMath.S;
import static org.rlvr4j.tensor.VectorMath.UPPER_HALF;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;

/** Copies parts of matrices into the order in which a tile reads them. */
final class VectorPacking {

    private static final int WIDTH = Panels.WIDTH;
    private static final int ROWS = VectorTallTile.ROWS;

    private static final int STAGES = Integer.numberOfTrailingZeros(LANES);

    @SuppressWarnings({"unchecked", "rawtypes"}) // there are no generic arrays
    private static final VectorShuffle<Float>[] SWAPS = new VectorShuffle[STAGES];

    @SuppressWarnings({"unchecked", "rawtypes"})
    private static final VectorMask<Float>[] MASKS = new VectorMask[STAGES];

    static {
        for (int i = 0; i < STAGES; i++) {
            int size = 1 << i;
            SWAPS[i] = VectorShuffle.fromOp(S, lane -> lane ^ size);
            long right = 0;
            for (int lane = 0; lane < LANES; lane++) {
                right |= (lane & size) == 0 ? 0 : 1L << lane;
            }
            MASKS[i] = VectorMask.fromLong(S, right);
        }
    }

    private VectorPacking() {}

    /** Rows of A (rows, depth), each contiguous, side by side: element (r, k) to {@code at + 12 k + r}. */
    static void rows(
            MemorySegment from, long start, long rowSize, int rows, int depth, float[] own, float[] to, int at) {
        for (int r = 0; r < rows; r++) {
            MemorySegment.copy(from, FLOAT, (start + r * rowSize) * Float.BYTES, own, r * depth, depth);
        }
        for (int r = 0; r < rows; r++) {
            for (int k = 0; k < depth; k++) {
                to[at + k * ROWS + r] = own[r * depth + k];
            }
        }
    }

    /** Columns of A (depth, columns), whose rows are contiguous: element (r, k), in row k, to {@code at + 12 k + r}. */
    static void columns(MemorySegment from, long start, long rowSize, int columns, int depth, float[] to, int at) {
        for (int k = 0; k < depth; k++) {
            MemorySegment.copy(from, FLOAT, (start + k * rowSize) * Float.BYTES, to, at + k * ROWS, columns);
        }
    }

    /**
     * Elements (n + i, k + j) of a weight in panels, where n is a multiple of 32, row by row: i to {@code depth},
     * j to 32 of which {@code cols} exist.
     */
    static void transposed(
            Buffer weight, int n, int k, int K, int depth, int cols, float[] own, MemorySegment to, long at) {
        for (int i = 0; i < depth; i += WIDTH) {
            long from = Panels.index(n + i, k, K) * weight.type().bytes();
            long piece = at + (long) i * WIDTH;
            if (weight.type() == DType.BF16) {
                widen(weight.segment(), from, cols * WIDTH, to, piece * Float.BYTES);
                MemorySegment.copy(to, FLOAT, piece * Float.BYTES, own, 0, cols * WIDTH);
            } else {
                MemorySegment.copy(weight.segment(), FLOAT, from, own, 0, cols * WIDTH);
            }
            transpose(own, 0);
            store(own, to, piece, Math.min(WIDTH, depth - i));
        }
    }

    private static void store(float[] block, MemorySegment to, long at, int rows) {
        for (int i = 0; i < rows * WIDTH; i += LANES) {
            FloatVector.fromArray(S, block, i).intoMemorySegment(to, (at + i) * Float.BYTES, ORDER);
        }
    }

    /** Transposes 32 rows of 32 columns, in place. */
    static void transpose(float[] block, int start) {
        for (int row = 0; row < WIDTH; row += LANES) {
            for (int col = 0; col < WIDTH; col += LANES) {
                square(block, start + row * WIDTH + col);
            }
            for (int col = 0; col < row; col += LANES) {
                swap(block, start + row * WIDTH + col, start + col * WIDTH + row);
            }
        }
    }

    private static void swap(float[] block, int a, int b) {
        for (int r = 0; r < LANES * WIDTH; r += WIDTH) {
            FloatVector x = FloatVector.fromArray(S, block, a + r);
            FloatVector.fromArray(S, block, b + r).intoArray(block, a + r);
            x.intoArray(block, b + r);
        }
    }

    /**
     * Single-precision panels out of bfloat16 ones.
     *
     * @param from  where in bytes they begin, as {@code to}
     * @param count elements, whole rows of panels
     */
    static void widen(MemorySegment panels, long from, int count, MemorySegment out, long to) {
        int half = WIDTH / 2 * Float.BYTES;
        int vector = LANES * Float.BYTES;
        for (long row = 0; row < (long) count * Short.BYTES; row += half) {
            for (int i = 0; i < half; i += vector) {
                IntVector pairs = IntVector.fromMemorySegment(INTS, panels, from + row + i, ORDER);
                pairs.lanewise(VectorOperators.LSHL, Short.SIZE).intoMemorySegment(out, to + 2 * row + i, ORDER);
                pairs.and(UPPER_HALF).intoMemorySegment(out, to + 2 * row + half + i, ORDER);
            }
        }
    }

    /** Transposes a square of so many rows as a vector has lanes, in place: ever smaller corners change places. */
    private static void square(float[] square, int start) {
        for (int size = LANES / 2; size > 0; size /= 2) {
            exchange(
                    square,
                    start,
                    size,
                    SWAPS[Integer.numberOfTrailingZeros(size)],
                    MASKS[Integer.numberOfTrailingZeros(size)]);
        }
    }

    /** The corners of one size: what of a row lies to the right changes places with what of its partner lies to the left. */
    private static void exchange(
            float[] square, int start, int size, VectorShuffle<Float> swap, VectorMask<Float> right) {
        for (int r = 0; r < LANES; r++) {
            if ((r & size) == 0) {
                int upper = start + r * WIDTH;
                int lower = upper + size * WIDTH;
                FloatVector x = FloatVector.fromArray(S, square, upper);
                FloatVector y = FloatVector.fromArray(S, square, lower);
                x.blend(y.rearrange(swap), right).intoArray(square, upper);
                x.rearrange(swap).blend(y, right).intoArray(square, lower);
            }
        }
    }
}
