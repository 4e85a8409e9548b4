package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorMath.FLOAT;
import static org.rlvr4j.tensor.vector.VectorMath.INTS;
import static org.rlvr4j.tensor.vector.VectorMath.LANES;
import static org.rlvr4j.tensor.vector.VectorMath.ORDER;
import static org.rlvr4j.tensor.vector.VectorMath.S;
import static org.rlvr4j.tensor.vector.VectorMath.UPPER_HALF;
import static org.rlvr4j.tensor.vector.VectorMath.load;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Panels;

/** Packing of matrices: copies of their parts in the order in which a tile reads them. */
final class VectorPacking {

    /** Elements of the scratch memory that {@link #rows} needs. */
    static final int SQUARE = LANES * Panels.WIDTH;

    private static final int WIDTH = Panels.WIDTH;

    private static final VectorShuffle<Float> BY_1 = swap(1);
    private static final VectorShuffle<Float> BY_2 = swap(2);
    private static final VectorShuffle<Float> BY_4 = swap(4);
    private static final VectorShuffle<Float> BY_8 = swap(8);
    private static final VectorMask<Float> ALL = S.maskAll(true); // creating one allocates memory
    private static final VectorMask<Float> RIGHT_1 = right(1);
    private static final VectorMask<Float> RIGHT_2 = right(2);
    private static final VectorMask<Float> RIGHT_4 = right(4);
    private static final VectorMask<Float> RIGHT_8 = right(8);

    private VectorPacking() {}

    private static VectorShuffle<Float> swap(int size) {
        return VectorShuffle.fromOp(S, lane -> (lane ^ size) & (LANES - 1));
    }

    private static VectorMask<Float> right(int size) {
        long lanes = 0;
        for (int lane = 0; lane < LANES; lane++) {
            lanes |= (lane & size) == 0 ? 0 : 1L << lane;
        }
        return VectorMask.fromLong(S, lanes);
    }

    /**
     * Packs a part of A for a tile: groups of rows, each (depth, group), one after another. Missing rows of the last
     * group are unspecified, and not used.
     *
     * @param aRow    distance between rows of A, in elements
     * @param aCol    distance between columns of A, in elements: one of the two distances is 1
     * @param group   number of rows that lie side by side
     * @param scratch {@link #SQUARE} elements or more
     */
    static void tile(
            MemorySegment from,
            long start,
            long aRow,
            long aCol,
            int rows,
            int group,
            int depth,
            float[] scratch,
            float[] to,
            int at) {
        for (int r = 0; r < rows; r += group) {
            int groupRows = Math.min(group, rows - r);
            long first = start + r * aRow;
            if (LANES == 8) {
                group(from, first, aRow, aCol, groupRows, group, depth, scratch, to, at + r * depth);
            } else if (aCol == 1) {
                rows(from, first, aRow, groupRows, group, depth, scratch, to, at + r * depth);
            } else {
                columns(from, first, aCol, groupRows, group, depth, to, at + r * depth);
            }
        }
    }

    /** Copies rows of A for a {@link VectorOuterTile}: pieces of them, (height, DISTANCE), one after another. */
    static void copyRows(
            MemorySegment from, long start, long rowSize, int rows, int height, int depth, float[] to, int at) {
        for (int k = 0; k < depth; k += VectorOuterTile.DISTANCE) {
            int piece = Math.min(VectorOuterTile.DISTANCE, depth - k);
            int whole = piece - piece % LANES;
            for (int r = 0; r < rows; r++) {
                long row = start + r * rowSize + k;
                int place = at + k * height + r * VectorOuterTile.DISTANCE;
                for (int i = 0; i < whole; i += LANES) {
                    load(from, row + i).intoArray(to, place + i);
                }
                for (int i = whole; i < piece; i++) {
                    to[place + i] = from.get(FLOAT, (row + i) * Float.BYTES);
                }
            }
        }
    }

    /**
     * Packs a group of rows with vectors of 8 lanes, which are read and stored whole. What is written beyond a group's
     * elements is written again after that, and the last depths, where there may be nothing beyond, are copied one
     * element at a time.
     */
    private static void group(
            MemorySegment from,
            long start,
            long aRow,
            long aCol,
            int rows,
            int group,
            int depth,
            float[] scratch,
            float[] to,
            int at) {
        int whole = Math.max(0, depth - LANES) / LANES * LANES;
        for (int k = 0; k < whole; k += LANES) {
            if (aCol == 1) {
                for (int r = 0; r < 4; r++) {
                    FloatVector x = load(from, start + Math.min(r, rows - 1) * aRow + k);
                    FloatVector y = load(from, start + Math.min(r + 4, rows - 1) * aRow + k);
                    x.blend(y.rearrange(BY_4), RIGHT_4).intoArray(scratch, r * WIDTH);
                    x.rearrange(BY_4).blend(y, RIGHT_4).intoArray(scratch, (r + 4) * WIDTH);
                }
                innerSwap(scratch, 0, to, at + k * group, group, ALL);
                innerSwap(scratch, 4 * WIDTH, to, at + (k + 4) * group, group, ALL);
            } else {
                for (int i = k; i < k + LANES; i++) {
                    load(from, start + i * aCol).intoArray(to, at + i * group);
                }
            }
        }
        for (int r = 0; r < rows; r++) {
            for (int k = whole; k < depth; k++) {
                to[at + k * group + r] = from.get(FLOAT, (start + r * aRow + k * aCol) * Float.BYTES);
            }
        }
    }

    /** Packs rows of A that are contiguous, {@code height} side by side; with four lanes, one number at a time. */
    private static void rows(
            MemorySegment from,
            long start,
            long rowSize,
            int rows,
            int height,
            int depth,
            float[] scratch,
            float[] to,
            int at) {
        int squares = LANES == 16 ? depth - depth % LANES : 0;
        VectorMask<Float> mask = S.indexInRange(0, height);
        for (int k = 0; k < squares; k += LANES) {
            for (int r = 0; r < 4; r++) { // of at most 12
                FloatVector a = load(from, start + Math.min(r, rows - 1) * rowSize + k);
                FloatVector b = load(from, start + Math.min(r + 4, rows - 1) * rowSize + k);
                FloatVector c = load(from, start + Math.min(r + 8, rows - 1) * rowSize + k);
                outerSwap(a, b, c, c, scratch, r * WIDTH);
            }
            for (int r = 0; r < LANES; r += 4) {
                innerSwap(scratch, r * WIDTH, to, at + (k + r) * height, height, mask);
            }
        }
        for (int r = 0; r < rows; r++) {
            for (int k = squares; k < depth; k++) {
                to[at + k * height + r] = from.get(FLOAT, (start + r * rowSize + k) * Float.BYTES);
            }
        }
    }

    /** Swaps blocks of 8 and of 4 lanes in every fourth of the sixteen rows of a square. */
    private static void outerSwap(FloatVector a, FloatVector b, FloatVector c, FloatVector d, float[] square, int at) {
        FloatVector ac = a.blend(c.rearrange(BY_8), RIGHT_8);
        FloatVector ca = a.rearrange(BY_8).blend(c, RIGHT_8);
        FloatVector bd = b.blend(d.rearrange(BY_8), RIGHT_8);
        FloatVector db = b.rearrange(BY_8).blend(d, RIGHT_8);
        ac.blend(bd.rearrange(BY_4), RIGHT_4).intoArray(square, at);
        ac.rearrange(BY_4).blend(bd, RIGHT_4).intoArray(square, at + 4 * WIDTH);
        ca.blend(db.rearrange(BY_4), RIGHT_4).intoArray(square, at + 8 * WIDTH);
        ca.rearrange(BY_4).blend(db, RIGHT_4).intoArray(square, at + 12 * WIDTH);
    }

    /** Swaps blocks of 2 lanes and of 1 in four neighbouring rows of a square, which completes its transposition. */
    private static void innerSwap(float[] square, int first, float[] to, int at, int distance, VectorMask<Float> mask) {
        FloatVector a = FloatVector.fromArray(S, square, first);
        FloatVector b = FloatVector.fromArray(S, square, first + WIDTH);
        FloatVector c = FloatVector.fromArray(S, square, first + 2 * WIDTH);
        FloatVector d = FloatVector.fromArray(S, square, first + 3 * WIDTH);
        FloatVector ac = a.blend(c.rearrange(BY_2), RIGHT_2);
        FloatVector ca = a.rearrange(BY_2).blend(c, RIGHT_2);
        FloatVector bd = b.blend(d.rearrange(BY_2), RIGHT_2);
        FloatVector db = b.rearrange(BY_2).blend(d, RIGHT_2);
        store(ac.blend(bd.rearrange(BY_1), RIGHT_1), to, at, mask);
        store(ac.rearrange(BY_1).blend(bd, RIGHT_1), to, at + distance, mask);
        store(ca.blend(db.rearrange(BY_1), RIGHT_1), to, at + 2 * distance, mask);
        store(ca.rearrange(BY_1).blend(db, RIGHT_1), to, at + 3 * distance, mask);
    }

    /** Stores some lanes. With 8 lanes it stores all, since a mask is slow there: later stores restore what follows. */
    private static void store(FloatVector x, float[] to, int at, VectorMask<Float> mask) {
        if (LANES == 8) {
            x.intoArray(to, at);
        } else {
            x.intoArray(to, at, mask);
        }
    }

    /** Packs columns of A (depth, columns), whose rows are contiguous: element (r, k) is in row k. */
    private static void columns(
            MemorySegment from, long start, long rowSize, int columns, int height, int depth, float[] to, int at) {
        for (int j = 0; j < columns; j += LANES) {
            VectorMask<Float> mask = S.indexInRange(j, columns);
            for (int k = 0; k < depth; k++) {
                load(from, start + k * rowSize + j, mask).intoArray(to, at + k * height + j, mask);
            }
        }
    }

    /**
     * Copies elements (n + i, k + j) of a weight in panels, where n is a multiple of 32, row by row: i up to
     * {@code depth}, j up to 32, of which {@code cols} exist. Blocks of 32 rows are written whole, including the last
     * one.
     */
    static void copyTransposed(
            Buffer weight, int n, int k, int K, int depth, int cols, float[] scratch, MemorySegment to, long at) {
        for (int i = 0; i < depth; i += WIDTH) {
            long from = Panels.index(n + i, k, K) * weight.type().bytes();
            long piece = at + (long) i * WIDTH;
            if (weight.type() == DType.BF16) {
                widen(weight.segment(), from, cols * WIDTH, to, piece * Float.BYTES);
                MemorySegment.copy(to, FLOAT, piece * Float.BYTES, scratch, 0, cols * WIDTH);
            } else {
                MemorySegment.copy(weight.segment(), FLOAT, from, scratch, 0, cols * WIDTH);
            }
            squares(scratch, 0);
            store(scratch, to, piece, Math.min(WIDTH, depth - i));
        }
    }

    /** Stores a block whose squares are each transposed, and swaps the squares on the way. */
    private static void store(float[] block, MemorySegment to, long at, int rows) {
        for (int i = 0; i < rows; i++) {
            for (int j = 0; j < WIDTH; j += LANES) {
                int from = (j + i % LANES) * WIDTH + i / LANES * LANES;
                VectorMath.store(FloatVector.fromArray(S, block, from), to, at + (long) i * WIDTH + j);
            }
        }
    }

    /** Transposes 32 rows of 32 columns in place. */
    static void transpose(float[] block, int start) {
        squares(block, start);
        for (int row = 0; row < WIDTH; row += LANES) {
            for (int col = 0; col < row; col += LANES) {
                swap(block, start + row * WIDTH + col, start + col * WIDTH + row);
            }
        }
    }

    private static void squares(float[] block, int start) {
        for (int row = 0; row < WIDTH; row += LANES) {
            for (int col = 0; col < WIDTH; col += LANES) {
                square(block, start + row * WIDTH + col);
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
     * Widens bfloat16 panels to single precision.
     *
     * @param from  offset in {@code panels}, in bytes
     * @param count number of elements, a multiple of 32
     * @param to    offset in {@code out}, in bytes
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

    /**
     * Transposes a square in place, with as many rows as a vector has lanes: swaps ever smaller blocks, of two sizes
     * while four rows are in registers.
     */
    private static void square(float[] square, int start) {
        if (LANES == 16) {
            for (int at = start; at < start + 4 * WIDTH; at += WIDTH) {
                FloatVector a = FloatVector.fromArray(S, square, at);
                FloatVector b = FloatVector.fromArray(S, square, at + 4 * WIDTH);
                FloatVector c = FloatVector.fromArray(S, square, at + 8 * WIDTH);
                outerSwap(a, b, c, FloatVector.fromArray(S, square, at + 12 * WIDTH), square, at);
            }
        } else if (LANES == 8) {
            for (int r = 0; r < 4; r++) {
                swapPair(square, start + r * WIDTH, start + (r + 4) * WIDTH);
            }
        }
        for (int at = start; at < start + LANES * WIDTH; at += 4 * WIDTH) {
            innerSwap(square, at, square, at, WIDTH, ALL);
        }
    }

    /** Swaps the right lanes of the upper row with the left lanes of the lower row, in blocks of 4. */
    private static void swapPair(float[] square, int upper, int lower) {
        FloatVector x = FloatVector.fromArray(S, square, upper);
        FloatVector y = FloatVector.fromArray(S, square, lower);
        x.blend(y.rearrange(BY_4), RIGHT_4).intoArray(square, upper);
        x.rearrange(BY_4).blend(y, RIGHT_4).intoArray(square, lower);
    }
}
