package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorMath.FLOAT;
import static org.rlvr4j.tensor.vector.VectorMath.LANES;
import static org.rlvr4j.tensor.vector.VectorMath.ORDER;
import static org.rlvr4j.tensor.vector.VectorMath.S;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.rlvr4j.tensor.Panels;

/**
 * Innermost kernel of every matrix product: a tile of some rows and 32 columns,
 * {@code c[r, j] += sum over k of a[r, k] * b[k, j]}, at the processor's peak.
 *
 * <p>Each element is one chain of fused multiply-adds over k that starts from the content of c, so the bits depend
 * neither on the tile nor on where k is split. With 32 vector registers 24 accumulate, for twelve rows. With 16, twelve
 * accumulate, for six rows, four times per tile. Groups of five rows serve the last few rows of a matrix.
 *
 * <p>A is packed, rows side by side, so that one address serves all rows: with several, or with a helper that
 * multiplies an index, the compiler loses much of the speed. A and C are Java arrays because loads and stores of a
 * {@link MemorySegment} are so much more code that some of these 24 would not be inlined.
 */
final class VectorTile {

    /** Whether there are 32 vector registers, as in AVX-512 and NEON; AVX2 has 16. */
    static final boolean HAS_32_REGISTERS = LANES != 8;

    /** Rows per tile. */
    static final int ROWS = HAS_32_REGISTERS ? 12 : 24;

    /** Elements per tile. */
    static final int SIZE = ROWS * Panels.WIDTH;

    private static final int WIDTH = Panels.WIDTH;

    /** Rows that lie side by side in a tile that has no more. */
    static final int SMALL_GROUP = 5;

    /** Rows that lie side by side in a larger tile. */
    static final int GROUP = HAS_32_REGISTERS ? ROWS : 6;

    /**
     * Values that no index of a loop has. Branches on them divide the body of a loop with 16 registers: within a piece
     * the compiler orders instructions as if it had registers for all factors, and with more than two it spills.
     */
    static final int[] NEVER = {-1, -2};

    private static final long NEXT = (long) LANES * Float.BYTES;
    private static final long B_ROW = (long) WIDTH * Float.BYTES;

    private VectorTile() {}

    /**
     * Number of rows that lie side by side in a tile of {@code rows} rows: as many as its fastest kernel computes at a
     * time.
     */
    static int group(int rows) {
        return rows <= SMALL_GROUP ? SMALL_GROUP : GROUP;
    }

    /**
     * {@code c[r, j] += sum over k of a[r, k] * b[k, j]}.
     *
     * @param a           index in {@code aData} at which A (rows / group, packedDepth, group) begins
     * @param packedDepth depth of the packed A
     * @param group       number of rows side by side, of {@link #group}
     * @param b           index in {@code bData}, in elements, at which B (depth, 32) begins
     * @param bRow        distance between rows of B, in elements: 32 unless there are 32 registers; with 16 none is
     *                    free for another distance
     * @param c           index in {@code cData} at which C (ROWS, 32) begins
     * @param depth       number of terms of each sum
     * @param rows        number of rows that are needed; the other rows of a group may be computed, too
     */
    static void multiply(
            float[] aData,
            int a,
            int packedDepth,
            int group,
            MemorySegment bData,
            long b,
            long bRow,
            float[] cData,
            int c,
            int depth,
            int rows) {
        for (int j = 0; j < WIDTH; j += 2 * LANES) {
            long from = (b + j) * Float.BYTES;
            for (int r = 0; r < rows; r += group) {
                int packed = a + r * packedDepth;
                int to = c + r * WIDTH + j;
                if (group == SMALL_GROUP) {
                    fiveRows(aData, packed, bData, from, bRow * Float.BYTES, cData, to, depth);
                } else if (HAS_32_REGISTERS) {
                    twelveRows(aData, packed, bData, from, bRow * Float.BYTES, cData, to, depth);
                } else {
                    sixRows(aData, packed, bData, from, cData, to, depth);
                }
            }
        }
    }

    private static void fiveRows(
            float[] aData, int aStart, MemorySegment bData, long bStart, long bRow, float[] cData, int c, int depth) {
        int a = aStart;
        long b = bStart;
        FloatVector c00 = FloatVector.fromArray(S, cData, c);
        FloatVector c01 = FloatVector.fromArray(S, cData, c + LANES);
        FloatVector c10 = FloatVector.fromArray(S, cData, c + WIDTH);
        FloatVector c11 = FloatVector.fromArray(S, cData, c + WIDTH + LANES);
        FloatVector c20 = FloatVector.fromArray(S, cData, c + 2 * WIDTH);
        FloatVector c21 = FloatVector.fromArray(S, cData, c + 2 * WIDTH + LANES);
        FloatVector c30 = FloatVector.fromArray(S, cData, c + 3 * WIDTH);
        FloatVector c31 = FloatVector.fromArray(S, cData, c + 3 * WIDTH + LANES);
        FloatVector c40 = FloatVector.fromArray(S, cData, c + 4 * WIDTH);
        FloatVector c41 = FloatVector.fromArray(S, cData, c + 4 * WIDTH + LANES);
        for (int k = 0; k < depth; k++) {
            FloatVector b0 = FloatVector.fromMemorySegment(S, bData, b, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(S, bData, b + NEXT, ORDER);
            FloatVector x0 = FloatVector.broadcast(S, aData[a]);
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
            FloatVector x1 = FloatVector.broadcast(S, aData[a + 1]);
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
            FloatVector x2 = FloatVector.broadcast(S, aData[a + 2]);
            c20 = x2.fma(b0, c20);
            c21 = x2.fma(b1, c21);
            FloatVector x3 = FloatVector.broadcast(S, aData[a + 3]);
            c30 = x3.fma(b0, c30);
            c31 = x3.fma(b1, c31);
            FloatVector x4 = FloatVector.broadcast(S, aData[a + 4]);
            c40 = x4.fma(b0, c40);
            c41 = x4.fma(b1, c41);
            a += SMALL_GROUP;
            b += HAS_32_REGISTERS ? bRow : B_ROW;
        }
        c00.intoArray(cData, c);
        c01.intoArray(cData, c + LANES);
        c10.intoArray(cData, c + WIDTH);
        c11.intoArray(cData, c + WIDTH + LANES);
        c20.intoArray(cData, c + 2 * WIDTH);
        c21.intoArray(cData, c + 2 * WIDTH + LANES);
        c30.intoArray(cData, c + 3 * WIDTH);
        c31.intoArray(cData, c + 3 * WIDTH + LANES);
        c40.intoArray(cData, c + 4 * WIDTH);
        c41.intoArray(cData, c + 4 * WIDTH + LANES);
    }

    private static void sixRows(
            float[] aData, int aStart, MemorySegment bData, long bStart, float[] cData, int c, int depth) {
        int a = aStart;
        long b = bStart;
        int never = NEVER[0];
        int neverEither = NEVER[1];
        FloatVector c00 = FloatVector.fromArray(S, cData, c);
        FloatVector c01 = FloatVector.fromArray(S, cData, c + LANES);
        FloatVector c10 = FloatVector.fromArray(S, cData, c + WIDTH);
        FloatVector c11 = FloatVector.fromArray(S, cData, c + WIDTH + LANES);
        FloatVector c20 = FloatVector.fromArray(S, cData, c + 2 * WIDTH);
        FloatVector c21 = FloatVector.fromArray(S, cData, c + 2 * WIDTH + LANES);
        FloatVector c30 = FloatVector.fromArray(S, cData, c + 3 * WIDTH);
        FloatVector c31 = FloatVector.fromArray(S, cData, c + 3 * WIDTH + LANES);
        FloatVector c40 = FloatVector.fromArray(S, cData, c + 4 * WIDTH);
        FloatVector c41 = FloatVector.fromArray(S, cData, c + 4 * WIDTH + LANES);
        FloatVector c50 = FloatVector.fromArray(S, cData, c + 5 * WIDTH);
        FloatVector c51 = FloatVector.fromArray(S, cData, c + 5 * WIDTH + LANES);
        for (int k = 0; k < depth; k++) {
            FloatVector b0 = FloatVector.fromMemorySegment(S, bData, b, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(S, bData, b + NEXT, ORDER);
            FloatVector x0 = FloatVector.broadcast(S, aData[a]);
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
            FloatVector x1 = FloatVector.broadcast(S, aData[a + 1]);
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
            if (k == never) {
                break;
            }
            FloatVector x2 = FloatVector.broadcast(S, aData[a + 2]);
            c20 = x2.fma(b0, c20);
            c21 = x2.fma(b1, c21);
            FloatVector x3 = FloatVector.broadcast(S, aData[a + 3]);
            c30 = x3.fma(b0, c30);
            c31 = x3.fma(b1, c31);
            if (k == neverEither) {
                break;
            }
            FloatVector x4 = FloatVector.broadcast(S, aData[a + 4]);
            c40 = x4.fma(b0, c40);
            c41 = x4.fma(b1, c41);
            FloatVector x5 = FloatVector.broadcast(S, aData[a + 5]);
            c50 = x5.fma(b0, c50);
            c51 = x5.fma(b1, c51);
            a += GROUP;
            b += B_ROW;
        }
        c00.intoArray(cData, c);
        c01.intoArray(cData, c + LANES);
        c10.intoArray(cData, c + WIDTH);
        c11.intoArray(cData, c + WIDTH + LANES);
        c20.intoArray(cData, c + 2 * WIDTH);
        c21.intoArray(cData, c + 2 * WIDTH + LANES);
        c30.intoArray(cData, c + 3 * WIDTH);
        c31.intoArray(cData, c + 3 * WIDTH + LANES);
        c40.intoArray(cData, c + 4 * WIDTH);
        c41.intoArray(cData, c + 4 * WIDTH + LANES);
        c50.intoArray(cData, c + 5 * WIDTH);
        c51.intoArray(cData, c + 5 * WIDTH + LANES);
    }

    private static void twelveRows(
            float[] aData, int aStart, MemorySegment bData, long bStart, long bRow, float[] cData, int c, int depth) {
        int a = aStart;
        long b = bStart;
        FloatVector c00 = FloatVector.fromArray(S, cData, c);
        FloatVector c01 = FloatVector.fromArray(S, cData, c + LANES);
        FloatVector c10 = FloatVector.fromArray(S, cData, c + WIDTH);
        FloatVector c11 = FloatVector.fromArray(S, cData, c + WIDTH + LANES);
        FloatVector c20 = FloatVector.fromArray(S, cData, c + 2 * WIDTH);
        FloatVector c21 = FloatVector.fromArray(S, cData, c + 2 * WIDTH + LANES);
        FloatVector c30 = FloatVector.fromArray(S, cData, c + 3 * WIDTH);
        FloatVector c31 = FloatVector.fromArray(S, cData, c + 3 * WIDTH + LANES);
        FloatVector c40 = FloatVector.fromArray(S, cData, c + 4 * WIDTH);
        FloatVector c41 = FloatVector.fromArray(S, cData, c + 4 * WIDTH + LANES);
        FloatVector c50 = FloatVector.fromArray(S, cData, c + 5 * WIDTH);
        FloatVector c51 = FloatVector.fromArray(S, cData, c + 5 * WIDTH + LANES);
        FloatVector c60 = FloatVector.fromArray(S, cData, c + 6 * WIDTH);
        FloatVector c61 = FloatVector.fromArray(S, cData, c + 6 * WIDTH + LANES);
        FloatVector c70 = FloatVector.fromArray(S, cData, c + 7 * WIDTH);
        FloatVector c71 = FloatVector.fromArray(S, cData, c + 7 * WIDTH + LANES);
        FloatVector c80 = FloatVector.fromArray(S, cData, c + 8 * WIDTH);
        FloatVector c81 = FloatVector.fromArray(S, cData, c + 8 * WIDTH + LANES);
        FloatVector c90 = FloatVector.fromArray(S, cData, c + 9 * WIDTH);
        FloatVector c91 = FloatVector.fromArray(S, cData, c + 9 * WIDTH + LANES);
        FloatVector ca0 = FloatVector.fromArray(S, cData, c + 10 * WIDTH);
        FloatVector ca1 = FloatVector.fromArray(S, cData, c + 10 * WIDTH + LANES);
        FloatVector cb0 = FloatVector.fromArray(S, cData, c + 11 * WIDTH);
        FloatVector cb1 = FloatVector.fromArray(S, cData, c + 11 * WIDTH + LANES);
        for (int k = 0; k < depth; k++) {
            FloatVector b0 = FloatVector.fromMemorySegment(S, bData, b, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(S, bData, b + NEXT, ORDER);
            FloatVector x0 = FloatVector.broadcast(S, aData[a]);
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
            FloatVector x1 = FloatVector.broadcast(S, aData[a + 1]);
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
            FloatVector x2 = FloatVector.broadcast(S, aData[a + 2]);
            c20 = x2.fma(b0, c20);
            c21 = x2.fma(b1, c21);
            FloatVector x3 = FloatVector.broadcast(S, aData[a + 3]);
            c30 = x3.fma(b0, c30);
            c31 = x3.fma(b1, c31);
            FloatVector x4 = FloatVector.broadcast(S, aData[a + 4]);
            c40 = x4.fma(b0, c40);
            c41 = x4.fma(b1, c41);
            FloatVector x5 = FloatVector.broadcast(S, aData[a + 5]);
            c50 = x5.fma(b0, c50);
            c51 = x5.fma(b1, c51);
            FloatVector x6 = FloatVector.broadcast(S, aData[a + 6]);
            c60 = x6.fma(b0, c60);
            c61 = x6.fma(b1, c61);
            FloatVector x7 = FloatVector.broadcast(S, aData[a + 7]);
            c70 = x7.fma(b0, c70);
            c71 = x7.fma(b1, c71);
            FloatVector x8 = FloatVector.broadcast(S, aData[a + 8]);
            c80 = x8.fma(b0, c80);
            c81 = x8.fma(b1, c81);
            FloatVector x9 = FloatVector.broadcast(S, aData[a + 9]);
            c90 = x9.fma(b0, c90);
            c91 = x9.fma(b1, c91);
            FloatVector xa = FloatVector.broadcast(S, aData[a + 10]);
            ca0 = xa.fma(b0, ca0);
            ca1 = xa.fma(b1, ca1);
            FloatVector xb = FloatVector.broadcast(S, aData[a + 11]);
            cb0 = xb.fma(b0, cb0);
            cb1 = xb.fma(b1, cb1);
            a += ROWS;
            b += bRow;
        }
        c00.intoArray(cData, c);
        c01.intoArray(cData, c + LANES);
        c10.intoArray(cData, c + WIDTH);
        c11.intoArray(cData, c + WIDTH + LANES);
        c20.intoArray(cData, c + 2 * WIDTH);
        c21.intoArray(cData, c + 2 * WIDTH + LANES);
        c30.intoArray(cData, c + 3 * WIDTH);
        c31.intoArray(cData, c + 3 * WIDTH + LANES);
        c40.intoArray(cData, c + 4 * WIDTH);
        c41.intoArray(cData, c + 4 * WIDTH + LANES);
        c50.intoArray(cData, c + 5 * WIDTH);
        c51.intoArray(cData, c + 5 * WIDTH + LANES);
        c60.intoArray(cData, c + 6 * WIDTH);
        c61.intoArray(cData, c + 6 * WIDTH + LANES);
        c70.intoArray(cData, c + 7 * WIDTH);
        c71.intoArray(cData, c + 7 * WIDTH + LANES);
        c80.intoArray(cData, c + 8 * WIDTH);
        c81.intoArray(cData, c + 8 * WIDTH + LANES);
        c90.intoArray(cData, c + 9 * WIDTH);
        c91.intoArray(cData, c + 9 * WIDTH + LANES);
        ca0.intoArray(cData, c + 10 * WIDTH);
        ca1.intoArray(cData, c + 10 * WIDTH + LANES);
        cb0.intoArray(cData, c + 11 * WIDTH);
        cb1.intoArray(cData, c + 11 * WIDTH + LANES);
    }

    /** Sets rows of a tile to zero. */
    static void zero(float[] tile, int rows) {
        for (int i = 0; i < rows * WIDTH; i += LANES) {
            FloatVector.zero(S).intoArray(tile, i);
        }
    }

    /** Copies rows of C into a tile. */
    static void load(MemorySegment from, long start, long rowSize, int rows, int cols, float[] tile) {
        for (int r = 0; r < rows; r++) {
            long at = (start + r * rowSize) * Float.BYTES;
            for (int j = 0; cols == WIDTH && j < WIDTH; j += LANES) {
                FloatVector.fromMemorySegment(S, from, at + (long) j * Float.BYTES, ORDER)
                        .intoArray(tile, r * WIDTH + j);
            }
            if (cols < WIDTH) {
                MemorySegment.copy(from, FLOAT, at, tile, r * WIDTH, cols);
            }
        }
    }

    /** Copies a tile's rows back. */
    static void store(float[] tile, int rows, int cols, MemorySegment to, long start, long rowSize) {
        for (int r = 0; r < rows; r++) {
            long at = (start + r * rowSize) * Float.BYTES;
            for (int j = 0; cols == WIDTH && j < WIDTH; j += LANES) {
                FloatVector.fromArray(S, tile, r * WIDTH + j).intoMemorySegment(to, at + (long) j * Float.BYTES, ORDER);
            }
            if (cols < WIDTH) {
                MemorySegment.copy(tile, r * WIDTH, to, FLOAT, at, cols);
            }
        }
    }
}
