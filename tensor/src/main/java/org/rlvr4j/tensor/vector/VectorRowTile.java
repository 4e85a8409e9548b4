package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorMath.FLOAT;
import static org.rlvr4j.tensor.vector.VectorMath.LANES;
import static org.rlvr4j.tensor.vector.VectorMath.ORDER;
import static org.rlvr4j.tensor.vector.VectorMath.S;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;
import org.rlvr4j.tensor.Panels;

/**
 * Innermost kernel of products of rows with weights in single precision: a tile like {@link VectorTile}, with the same
 * chains, that reads copies of whole rows of A.
 *
 * <p>Copying rows takes an eighth of the time that transposing them does. They lie at a distance that is a constant, so
 * that one address serves all of them. It is no power of two: rows would meet in the same few places of the cache.
 */
final class VectorRowTile {

    /**
     * Largest number of terms of a sum, and so of elements of a row that are copied at a time. With 16 registers a strip
     * of B is read for every six rows instead of twelve.
     */
    static final int DEPTH = VectorTile.HAS_32_REGISTERS ? 5120 : 1664;

    private static final int WIDTH = Panels.WIDTH;
    private static final int GROUP = VectorTile.GROUP;
    private static final int HALF_GROUP = 6;
    private static final int SMALL_GROUP = 4;
    private static final int DISTANCE = DEPTH + 16; // between rows of a group
    private static final int CACHE_LINE = 64;
    private static final long NEXT = (long) LANES * Float.BYTES;
    private static final long B_ROW = (long) WIDTH * Float.BYTES;

    private VectorRowTile() {}

    /** Number of elements that copies of rows take. */
    static int size(int rows, int depth) {
        int side = DISTANCE / depth;
        return Math.multiplyExact(Math.ceilDiv(Math.ceilDiv(rows, GROUP), side), GROUP * DISTANCE);
    }

    /** Index of a row: short rows of several groups lie in line, so that their distance is that of long ones. */
    private static int index(int row, int depth) {
        int side = DISTANCE / depth;
        int group = row / GROUP;
        return (group / side * GROUP + row % GROUP) * DISTANCE + group % side * depth;
    }

    /**
     * Copies parts of rows.
     *
     * @param start     index of the first element
     * @param distance  number of elements from row to row
     * @param rows      number of rows
     * @param depth     number of elements of each row, at most {@link #DEPTH}
     * @param at        index in {@code to} at which copies of rows begin
     * @param packedRow number of the first row among the copies
     */
    static void pack(
            MemorySegment from, long start, long distance, int rows, int depth, float[] to, int at, int packedRow) {
        for (int r = 0; r < rows; r++) {
            long row = (start + r * distance) * Float.BYTES;
            MemorySegment.copy(from, FLOAT, row, to, at + index(packedRow + r, depth), depth);
        }
    }

    /**
     * Reads a strip of B once, in order, which brings it into the second-level cache at the speed of memory; a tile
     * reads half of each line, which no prefetching keeps up with.
     *
     * @param start index of the first element
     * @return a number without a meaning, to be stored, or else nothing would be read
     */
    static int touch(MemorySegment strip, long start, int depth) {
        int sum = 0;
        long from = start * Float.BYTES;
        for (long i = 0; i < depth * B_ROW; i += CACHE_LINE) {
            sum += strip.get(ValueLayout.JAVA_INT_UNALIGNED, from + i);
        }
        return sum;
    }

    /**
     * {@code c[r, j] += sum over k of a[r, k] * b[k, j]}, for up to {@link VectorTile#ROWS} rows; up to five more may be
     * computed.
     *
     * @param a     index in {@code aData} at which copies of rows begin
     * @param row   number of the first row among the copies, a multiple of {@link VectorTile#GROUP}
     * @param b     index in {@code bData}, in elements, at which B (depth, 32) begins
     * @param cData C (ROWS, 32)
     */
    static void multiply(
            float[] aData, int a, int row, MemorySegment bData, long b, float[] cData, int depth, int rows) {
        for (int j = 0; j < WIDTH; j += 2 * LANES) {
            long from = (b + j) * Float.BYTES;
            for (int r = 0; r < rows; r += GROUP) {
                int start = a + index(row + r, depth);
                int to = r * WIDTH + j;
                if (rows - r <= SMALL_GROUP) {
                    fourRows(aData, start, bData, from, cData, to, depth);
                } else if (rows - r <= HALF_GROUP || !VectorTile.HAS_32_REGISTERS) {
                    sixRows(aData, start, bData, from, cData, to, depth);
                } else {
                    twelveRows(aData, start, bData, from, cData, to, depth);
                }
            }
        }
    }

    private static void fourRows(
            float[] aData, int aStart, MemorySegment bData, long bStart, float[] cData, int c, int depth) {
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
        for (int k = 0; k < depth; k++) {
            FloatVector b0 = FloatVector.fromMemorySegment(S, bData, b, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(S, bData, b + NEXT, ORDER);
            FloatVector x0 = FloatVector.broadcast(S, aData[a]);
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
            FloatVector x1 = FloatVector.broadcast(S, aData[a + DISTANCE]);
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
            FloatVector x2 = FloatVector.broadcast(S, aData[a + 2 * DISTANCE]);
            c20 = x2.fma(b0, c20);
            c21 = x2.fma(b1, c21);
            FloatVector x3 = FloatVector.broadcast(S, aData[a + 3 * DISTANCE]);
            c30 = x3.fma(b0, c30);
            c31 = x3.fma(b1, c31);
            a++;
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
    }

    /** Divides the body of the loop as {@link VectorTile} does. */
    private static void sixRows(
            float[] aData, int aStart, MemorySegment bData, long bStart, float[] cData, int c, int depth) {
        int a = aStart;
        long b = bStart;
        int never = VectorTile.NEVER[0];
        int neverEither = VectorTile.NEVER[1];
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
            FloatVector x1 = FloatVector.broadcast(S, aData[a + DISTANCE]);
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
            if (k == never) {
                break;
            }
            FloatVector x2 = FloatVector.broadcast(S, aData[a + 2 * DISTANCE]);
            c20 = x2.fma(b0, c20);
            c21 = x2.fma(b1, c21);
            FloatVector x3 = FloatVector.broadcast(S, aData[a + 3 * DISTANCE]);
            c30 = x3.fma(b0, c30);
            c31 = x3.fma(b1, c31);
            if (k == neverEither) {
                break;
            }
            FloatVector x4 = FloatVector.broadcast(S, aData[a + 4 * DISTANCE]);
            c40 = x4.fma(b0, c40);
            c41 = x4.fma(b1, c41);
            FloatVector x5 = FloatVector.broadcast(S, aData[a + 5 * DISTANCE]);
            c50 = x5.fma(b0, c50);
            c51 = x5.fma(b1, c51);
            a++;
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
            float[] aData, int aStart, MemorySegment bData, long bStart, float[] cData, int c, int depth) {
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
            FloatVector x1 = FloatVector.broadcast(S, aData[a + DISTANCE]);
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
            FloatVector x2 = FloatVector.broadcast(S, aData[a + 2 * DISTANCE]);
            c20 = x2.fma(b0, c20);
            c21 = x2.fma(b1, c21);
            FloatVector x3 = FloatVector.broadcast(S, aData[a + 3 * DISTANCE]);
            c30 = x3.fma(b0, c30);
            c31 = x3.fma(b1, c31);
            FloatVector x4 = FloatVector.broadcast(S, aData[a + 4 * DISTANCE]);
            c40 = x4.fma(b0, c40);
            c41 = x4.fma(b1, c41);
            FloatVector x5 = FloatVector.broadcast(S, aData[a + 5 * DISTANCE]);
            c50 = x5.fma(b0, c50);
            c51 = x5.fma(b1, c51);
            FloatVector x6 = FloatVector.broadcast(S, aData[a + 6 * DISTANCE]);
            c60 = x6.fma(b0, c60);
            c61 = x6.fma(b1, c61);
            FloatVector x7 = FloatVector.broadcast(S, aData[a + 7 * DISTANCE]);
            c70 = x7.fma(b0, c70);
            c71 = x7.fma(b1, c71);
            FloatVector x8 = FloatVector.broadcast(S, aData[a + 8 * DISTANCE]);
            c80 = x8.fma(b0, c80);
            c81 = x8.fma(b1, c81);
            FloatVector x9 = FloatVector.broadcast(S, aData[a + 9 * DISTANCE]);
            c90 = x9.fma(b0, c90);
            c91 = x9.fma(b1, c91);
            FloatVector xa = FloatVector.broadcast(S, aData[a + 10 * DISTANCE]);
            ca0 = xa.fma(b0, ca0);
            ca1 = xa.fma(b1, ca1);
            FloatVector xb = FloatVector.broadcast(S, aData[a + 11 * DISTANCE]);
            cb0 = xb.fma(b0, cb0);
            cb1 = xb.fma(b1, cb1);
            a++;
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
}
