package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorMath.LANES;
import static org.rlvr4j.tensor.vector.VectorMath.ORDER;
import static org.rlvr4j.tensor.vector.VectorMath.S;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import org.rlvr4j.tensor.Panels;

/**
 * Tile of rows of A that are not packed side by side but lie one after another: the compiler knows the distance between
 * them, so that one address serves all of them, too. It has the chains, and so the bits, of {@link VectorTile}.
 */
final class VectorOuterTile {

    /** Rows that are computed at a time, at least. */
    static final int ROWS = 6;

    /** Distance between rows of A, in elements, and their largest depth. */
    static final int DISTANCE = 128;

    private static final int WIDTH = Panels.WIDTH;
    private static final long NEXT = (long) LANES * Float.BYTES;
    private static final long B_ROW = (long) WIDTH * Float.BYTES;

    private VectorOuterTile() {}

    /**
     * {@code c[r, j] += sum over k of a[r, k] * b[k, j]}.
     *
     * @param a index in {@code aData} at which the first row of A begins
     * @param b index in {@code bData}, in elements, at which B (depth, 32) begins
     * @param c index in {@code cData} at which C (ROWS, 32) begins
     */
    static void multiply(float[] aData, int a, MemorySegment bData, long b, float[] cData, int c, int depth) {
        for (int j = 0; j < WIDTH; j += 2 * LANES) {
            columns(aData, a, bData, (b + j) * Float.BYTES, cData, c + j, depth);
        }
    }

    /**
     * {@code c[r, j] += sum over k of a[r, k] * b[k, j]} for the rows of a {@link VectorTile}.
     *
     * @param a     index in {@code aData} at which A (depth / DISTANCE, VectorTile.ROWS, DISTANCE) begins
     * @param b     index in {@code bData}, in elements, at which B (depth, 32) begins
     * @param c     index in {@code cData} at which C (VectorTile.ROWS, 32) begins
     * @param depth number of terms of each sum
     * @param rows  number of rows that are needed; some others may be computed, too
     */
    static void multiply(float[] aData, int a, MemorySegment bData, long b, float[] cData, int c, int depth, int rows) {
        for (int k = 0; k < depth; k += DISTANCE) {
            int piece = Math.min(DISTANCE, depth - k);
            int from = a + k * VectorTile.ROWS;
            long at = b + (long) k * WIDTH;
            if (VectorTile.HAS_32_REGISTERS && rows > ROWS) {
                for (int j = 0; j < WIDTH; j += 2 * LANES) {
                    twelveRows(aData, from, bData, (at + j) * Float.BYTES, cData, c + j, piece);
                }
            } else {
                for (int r = 0; r < rows; r += ROWS) {
                    multiply(aData, from + r * DISTANCE, bData, at, cData, c + r * WIDTH, piece);
                }
            }
        }
    }

    private static void twelveRows(
            float[] aData, int a, MemorySegment bData, long bStart, float[] cData, int c, int depth) {
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
            FloatVector x0 = FloatVector.broadcast(S, aData[a + k]);
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
            FloatVector x1 = FloatVector.broadcast(S, aData[a + DISTANCE + k]);
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
            FloatVector x2 = FloatVector.broadcast(S, aData[a + 2 * DISTANCE + k]);
            c20 = x2.fma(b0, c20);
            c21 = x2.fma(b1, c21);
            FloatVector x3 = FloatVector.broadcast(S, aData[a + 3 * DISTANCE + k]);
            c30 = x3.fma(b0, c30);
            c31 = x3.fma(b1, c31);
            FloatVector x4 = FloatVector.broadcast(S, aData[a + 4 * DISTANCE + k]);
            c40 = x4.fma(b0, c40);
            c41 = x4.fma(b1, c41);
            FloatVector x5 = FloatVector.broadcast(S, aData[a + 5 * DISTANCE + k]);
            c50 = x5.fma(b0, c50);
            c51 = x5.fma(b1, c51);
            FloatVector x6 = FloatVector.broadcast(S, aData[a + 6 * DISTANCE + k]);
            c60 = x6.fma(b0, c60);
            c61 = x6.fma(b1, c61);
            FloatVector x7 = FloatVector.broadcast(S, aData[a + 7 * DISTANCE + k]);
            c70 = x7.fma(b0, c70);
            c71 = x7.fma(b1, c71);
            FloatVector x8 = FloatVector.broadcast(S, aData[a + 8 * DISTANCE + k]);
            c80 = x8.fma(b0, c80);
            c81 = x8.fma(b1, c81);
            FloatVector x9 = FloatVector.broadcast(S, aData[a + 9 * DISTANCE + k]);
            c90 = x9.fma(b0, c90);
            c91 = x9.fma(b1, c91);
            FloatVector xa = FloatVector.broadcast(S, aData[a + 10 * DISTANCE + k]);
            ca0 = xa.fma(b0, ca0);
            ca1 = xa.fma(b1, ca1);
            FloatVector xb = FloatVector.broadcast(S, aData[a + 11 * DISTANCE + k]);
            cb0 = xb.fma(b0, cb0);
            cb1 = xb.fma(b1, cb1);
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

    private static void columns(
            float[] aData, int a, MemorySegment bData, long bStart, float[] cData, int c, int depth) {
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
            FloatVector x0 = FloatVector.broadcast(S, aData[a + k]);
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
            FloatVector x1 = FloatVector.broadcast(S, aData[a + DISTANCE + k]);
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
            if (k == never) {
                break;
            }
            FloatVector x2 = FloatVector.broadcast(S, aData[a + 2 * DISTANCE + k]);
            c20 = x2.fma(b0, c20);
            c21 = x2.fma(b1, c21);
            FloatVector x3 = FloatVector.broadcast(S, aData[a + 3 * DISTANCE + k]);
            c30 = x3.fma(b0, c30);
            c31 = x3.fma(b1, c31);
            if (k == neverEither) {
                break;
            }
            FloatVector x4 = FloatVector.broadcast(S, aData[a + 4 * DISTANCE + k]);
            c40 = x4.fma(b0, c40);
            c41 = x4.fma(b1, c41);
            FloatVector x5 = FloatVector.broadcast(S, aData[a + 5 * DISTANCE + k]);
            c50 = x5.fma(b0, c50);
            c51 = x5.fma(b1, c51);
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
}
