package org.rlvr4j.tensor;

import static org.rlvr4j.tensor.VectorMath.FLOAT;
import static org.rlvr4j.tensor.VectorMath.LANES;
import static org.rlvr4j.tensor.VectorMath.ORDER;
import static org.rlvr4j.tensor.VectorMath.S;

import java.lang.foreign.MemorySegment;
import jdk.incubator.vector.FloatVector;

/**
 * The innermost kernel of every matrix product: a tile of {@link #ROWS} rows and 32 columns,
 * {@code c[r, j] += sum over k of a[r, k] * b[k, j]}.
 *
 * <p>Each element is one chain of fused multiply-adds over k that starts from what c holds, so the bits depend neither
 * on the tile it falls into nor on where k was cut. Eight accumulators in registers hide the latency of the chain.
 *
 * <p>Addresses are in bytes, and loads are written out: behind a helper that multiplies an index, the compiler gives up
 * a quarter of the speed.
 */
final class VectorTile {

    /** Rows of a tile. */
    static final int ROWS = 4;

    private static final long NEXT = (long) LANES * Float.BYTES;
    private static final long B_ROW = (long) Panels.WIDTH * Float.BYTES;

    private VectorTile() {}

    /**
     * Positions and distances are in elements.
     *
     * @param a    where a[0, 0] is
     * @param aRow distance of a's rows
     * @param aCol distance of a's columns
     * @param rows valid rows, 1 to 4; the tile's other rows are computed as copies of the last and c must hold them
     * @param b    (depth, 32), contiguous
     * @param cRow distance of c's rows
     */
    static void multiply(
            MemorySegment aData,
            long a,
            long aRow,
            long aCol,
            int rows,
            MemorySegment bData,
            long b,
            MemorySegment cData,
            long c,
            long cRow,
            int depth) {
        for (int j = 0; j < Panels.WIDTH; j += 2 * LANES) {
            columns(aData, a, aRow, aCol, rows, bData, b + j, cData, c + j, cRow, depth);
        }
    }

    private static void columns(
            MemorySegment aData,
            long a,
            long aRow,
            long aCol,
            int rows,
            MemorySegment bData,
            long bStart,
            MemorySegment cData,
            long cStart,
            long cDistance,
            int depth) {
        long a0 = a * Float.BYTES;
        long a1 = a0 + Math.min(1, rows - 1) * aRow * Float.BYTES;
        long a2 = a0 + Math.min(2, rows - 1) * aRow * Float.BYTES;
        long a3 = a0 + Math.min(3, rows - 1) * aRow * Float.BYTES;
        long aNext = aCol * Float.BYTES;
        long b = bStart * Float.BYTES;
        long c = cStart * Float.BYTES;
        long cRow = cDistance * Float.BYTES;
        FloatVector c00 = FloatVector.fromMemorySegment(S, cData, c, ORDER);
        FloatVector c01 = FloatVector.fromMemorySegment(S, cData, c + NEXT, ORDER);
        FloatVector c10 = FloatVector.fromMemorySegment(S, cData, c + cRow, ORDER);
        FloatVector c11 = FloatVector.fromMemorySegment(S, cData, c + cRow + NEXT, ORDER);
        FloatVector c20 = FloatVector.fromMemorySegment(S, cData, c + 2 * cRow, ORDER);
        FloatVector c21 = FloatVector.fromMemorySegment(S, cData, c + 2 * cRow + NEXT, ORDER);
        FloatVector c30 = FloatVector.fromMemorySegment(S, cData, c + 3 * cRow, ORDER);
        FloatVector c31 = FloatVector.fromMemorySegment(S, cData, c + 3 * cRow + NEXT, ORDER);
        for (int k = 0; k < depth; k++) {
            FloatVector b0 = FloatVector.fromMemorySegment(S, bData, b, ORDER);
            FloatVector b1 = FloatVector.fromMemorySegment(S, bData, b + NEXT, ORDER);
            FloatVector x0 = FloatVector.broadcast(S, aData.get(FLOAT, a0));
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
            FloatVector x1 = FloatVector.broadcast(S, aData.get(FLOAT, a1));
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
            FloatVector x2 = FloatVector.broadcast(S, aData.get(FLOAT, a2));
            c20 = x2.fma(b0, c20);
            c21 = x2.fma(b1, c21);
            FloatVector x3 = FloatVector.broadcast(S, aData.get(FLOAT, a3));
            c30 = x3.fma(b0, c30);
            c31 = x3.fma(b1, c31);
            a0 += aNext;
            a1 += aNext;
            a2 += aNext;
            a3 += aNext;
            b += B_ROW;
        }
        c00.intoMemorySegment(cData, c, ORDER);
        c01.intoMemorySegment(cData, c + NEXT, ORDER);
        c10.intoMemorySegment(cData, c + cRow, ORDER);
        c11.intoMemorySegment(cData, c + cRow + NEXT, ORDER);
        c20.intoMemorySegment(cData, c + 2 * cRow, ORDER);
        c21.intoMemorySegment(cData, c + 2 * cRow + NEXT, ORDER);
        c30.intoMemorySegment(cData, c + 3 * cRow, ORDER);
        c31.intoMemorySegment(cData, c + 3 * cRow + NEXT, ORDER);
    }
}
