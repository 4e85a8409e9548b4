package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorMath.INTS;
import static org.rlvr4j.tensor.vector.VectorMath.LANES;
import static org.rlvr4j.tensor.vector.VectorMath.ORDER;
import static org.rlvr4j.tensor.vector.VectorMath.S;
import static org.rlvr4j.tensor.vector.VectorMath.UPPER_HALF;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;
import org.rlvr4j.tensor.Panels;

/**
 * Tile of eight rows over bfloat16 weights, which are widened in registers: memory delivers them at half the cost,
 * while the processor multiplies. With 16 registers it has five rows. It has the chains, and so the bits, of
 * {@link VectorTile}.
 */
final class VectorBfloat16Tile {

    /** Rows per tile. */
    static final int ROWS = VectorTile.HAS_32_REGISTERS ? 8 : 5;

    /**
     * Rows of A for which this tile is used. With 16 registers more rows reuse a strip that is widened in memory often
     * enough, for tiles of six rows.
     */
    static final int MOST_ROWS = VectorTile.HAS_32_REGISTERS ? Integer.MAX_VALUE : 96;

    private static final int WIDTH = Panels.WIDTH;
    private static final int HALF = WIDTH / 2;
    private static final long B_ROW = (long) WIDTH * Short.BYTES;

    private VectorBfloat16Tile() {}

    /**
     * {@code c[r, j] += sum over k of a[r, k] * b[k, j]}.
     *
     * @param a index in {@code aData} at which A (depth, ROWS) begins
     * @param b offset in {@code bData}, in bytes, at which B (depth, 32) begins
     * @param c (ROWS, 32) tile
     */
    static void multiply(float[] aData, int a, MemorySegment bData, long b, float[] c, int depth) {
        for (int j = 0; j < HALF; j += LANES) {
            long from = b + (long) j * Float.BYTES;
            if (VectorTile.HAS_32_REGISTERS) {
                eightRows(aData, a, bData, from, c, j, depth);
            } else {
                fiveRows(aData, a, bData, from, c, j, depth);
            }
        }
    }

    private static void eightRows(
            float[] aData, int aStart, MemorySegment bData, long bStart, float[] cData, int c, int depth) {
        int a = aStart;
        long b = bStart;
        FloatVector c00 = FloatVector.fromArray(S, cData, c);
        FloatVector c01 = FloatVector.fromArray(S, cData, c + HALF);
        FloatVector c10 = FloatVector.fromArray(S, cData, c + WIDTH);
        FloatVector c11 = FloatVector.fromArray(S, cData, c + WIDTH + HALF);
        FloatVector c20 = FloatVector.fromArray(S, cData, c + 2 * WIDTH);
        FloatVector c21 = FloatVector.fromArray(S, cData, c + 2 * WIDTH + HALF);
        FloatVector c30 = FloatVector.fromArray(S, cData, c + 3 * WIDTH);
        FloatVector c31 = FloatVector.fromArray(S, cData, c + 3 * WIDTH + HALF);
        FloatVector c40 = FloatVector.fromArray(S, cData, c + 4 * WIDTH);
        FloatVector c41 = FloatVector.fromArray(S, cData, c + 4 * WIDTH + HALF);
        FloatVector c50 = FloatVector.fromArray(S, cData, c + 5 * WIDTH);
        FloatVector c51 = FloatVector.fromArray(S, cData, c + 5 * WIDTH + HALF);
        FloatVector c60 = FloatVector.fromArray(S, cData, c + 6 * WIDTH);
        FloatVector c61 = FloatVector.fromArray(S, cData, c + 6 * WIDTH + HALF);
        FloatVector c70 = FloatVector.fromArray(S, cData, c + 7 * WIDTH);
        FloatVector c71 = FloatVector.fromArray(S, cData, c + 7 * WIDTH + HALF);
        for (int k = 0; k < depth; k++) {
            IntVector pairs = IntVector.fromMemorySegment(INTS, bData, b, ORDER);
            FloatVector b0 = pairs.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats();
            FloatVector b1 = pairs.and(UPPER_HALF).reinterpretAsFloats();
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
            a += ROWS;
            b += B_ROW;
        }
        c00.intoArray(cData, c);
        c01.intoArray(cData, c + HALF);
        c10.intoArray(cData, c + WIDTH);
        c11.intoArray(cData, c + WIDTH + HALF);
        c20.intoArray(cData, c + 2 * WIDTH);
        c21.intoArray(cData, c + 2 * WIDTH + HALF);
        c30.intoArray(cData, c + 3 * WIDTH);
        c31.intoArray(cData, c + 3 * WIDTH + HALF);
        c40.intoArray(cData, c + 4 * WIDTH);
        c41.intoArray(cData, c + 4 * WIDTH + HALF);
        c50.intoArray(cData, c + 5 * WIDTH);
        c51.intoArray(cData, c + 5 * WIDTH + HALF);
        c60.intoArray(cData, c + 6 * WIDTH);
        c61.intoArray(cData, c + 6 * WIDTH + HALF);
        c70.intoArray(cData, c + 7 * WIDTH);
        c71.intoArray(cData, c + 7 * WIDTH + HALF);
    }

    /** Branches that are never taken divide the loop's body, as in {@link VectorTile}. */
    private static void fiveRows(
            float[] aData, int aStart, MemorySegment bData, long bStart, float[] cData, int c, int depth) {
        int a = aStart;
        long b = bStart;
        int never = VectorTile.NEVER[0];
        int neverEither = VectorTile.NEVER[1];
        FloatVector c00 = FloatVector.fromArray(S, cData, c);
        FloatVector c01 = FloatVector.fromArray(S, cData, c + HALF);
        FloatVector c10 = FloatVector.fromArray(S, cData, c + WIDTH);
        FloatVector c11 = FloatVector.fromArray(S, cData, c + WIDTH + HALF);
        FloatVector c20 = FloatVector.fromArray(S, cData, c + 2 * WIDTH);
        FloatVector c21 = FloatVector.fromArray(S, cData, c + 2 * WIDTH + HALF);
        FloatVector c30 = FloatVector.fromArray(S, cData, c + 3 * WIDTH);
        FloatVector c31 = FloatVector.fromArray(S, cData, c + 3 * WIDTH + HALF);
        FloatVector c40 = FloatVector.fromArray(S, cData, c + 4 * WIDTH);
        FloatVector c41 = FloatVector.fromArray(S, cData, c + 4 * WIDTH + HALF);
        for (int k = 0; k < depth; k++) {
            IntVector pairs = IntVector.fromMemorySegment(INTS, bData, b, ORDER);
            FloatVector b0 = pairs.lanewise(VectorOperators.LSHL, Short.SIZE).reinterpretAsFloats();
            FloatVector b1 = pairs.and(UPPER_HALF).reinterpretAsFloats();
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
            a += ROWS;
            b += B_ROW;
        }
        c00.intoArray(cData, c);
        c01.intoArray(cData, c + HALF);
        c10.intoArray(cData, c + WIDTH);
        c11.intoArray(cData, c + WIDTH + HALF);
        c20.intoArray(cData, c + 2 * WIDTH);
        c21.intoArray(cData, c + 2 * WIDTH + HALF);
        c30.intoArray(cData, c + 3 * WIDTH);
        c31.intoArray(cData, c + 3 * WIDTH + HALF);
        c40.intoArray(cData, c + 4 * WIDTH);
        c41.intoArray(cData, c + 4 * WIDTH + HALF);
    }
}
