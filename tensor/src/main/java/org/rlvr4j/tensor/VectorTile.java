package org.rlvr4j.tensor;

import static org.rlvr4j.tensor.VectorMath.LANES;
import static org.rlvr4j.tensor.VectorMath.S;
import static org.rlvr4j.tensor.VectorMath.load;
import static org.rlvr4j.tensor.VectorMath.store;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jdk.incubator.vector.FloatVector;

/**
 * The innermost kernel of every matrix product: a tile of {@link #ROWS} rows and 32 columns,
 * {@code c[r, j] += sum over k of a[r, k] * b[k, j]}.
 *
 * <p>Each element is one chain of fused multiply-adds over k that starts from what c holds, so the bits depend neither
 * on the tile it falls into nor on where k was cut. Twelve accumulators in registers hide the latency of the chain.
 */
final class VectorTile {

    /** Rows of a tile. */
    static final int ROWS = 6;

    private VectorTile() {}

    /**
     * @param a    where a[0, 0] is
     * @param aRow distance of a's rows
     * @param aCol distance of a's columns
     * @param rows valid rows, 1 to 6; the tile's other rows are computed as copies of the last and c must hold them
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
            long b,
            MemorySegment cData,
            long c,
            long cRow,
            int depth) {
        long a0 = a;
        long a1 = a + Math.min(1, rows - 1) * aRow;
        long a2 = a + Math.min(2, rows - 1) * aRow;
        long a3 = a + Math.min(3, rows - 1) * aRow;
        long a4 = a + Math.min(4, rows - 1) * aRow;
        long a5 = a + Math.min(5, rows - 1) * aRow;
        FloatVector c00 = load(cData, c);
        FloatVector c01 = load(cData, c + LANES);
        FloatVector c10 = load(cData, c + 1 * cRow);
        FloatVector c11 = load(cData, c + 1 * cRow + LANES);
        FloatVector c20 = load(cData, c + 2 * cRow);
        FloatVector c21 = load(cData, c + 2 * cRow + LANES);
        FloatVector c30 = load(cData, c + 3 * cRow);
        FloatVector c31 = load(cData, c + 3 * cRow + LANES);
        FloatVector c40 = load(cData, c + 4 * cRow);
        FloatVector c41 = load(cData, c + 4 * cRow + LANES);
        FloatVector c50 = load(cData, c + 5 * cRow);
        FloatVector c51 = load(cData, c + 5 * cRow + LANES);
        for (int k = 0; k < depth; k++) {
            FloatVector b0 = load(bData, b);
            FloatVector b1 = load(bData, b + LANES);
            FloatVector x0 = broadcast(aData, a0);
            c00 = x0.fma(b0, c00);
            c01 = x0.fma(b1, c01);
            FloatVector x1 = broadcast(aData, a1);
            c10 = x1.fma(b0, c10);
            c11 = x1.fma(b1, c11);
            FloatVector x2 = broadcast(aData, a2);
            c20 = x2.fma(b0, c20);
            c21 = x2.fma(b1, c21);
            FloatVector x3 = broadcast(aData, a3);
            c30 = x3.fma(b0, c30);
            c31 = x3.fma(b1, c31);
            FloatVector x4 = broadcast(aData, a4);
            c40 = x4.fma(b0, c40);
            c41 = x4.fma(b1, c41);
            FloatVector x5 = broadcast(aData, a5);
            c50 = x5.fma(b0, c50);
            c51 = x5.fma(b1, c51);
            a0 += aCol;
            a1 += aCol;
            a2 += aCol;
            a3 += aCol;
            a4 += aCol;
            a5 += aCol;
            b += Panels.WIDTH;
        }
        store(c00, cData, c);
        store(c01, cData, c + LANES);
        store(c10, cData, c + 1 * cRow);
        store(c11, cData, c + 1 * cRow + LANES);
        store(c20, cData, c + 2 * cRow);
        store(c21, cData, c + 2 * cRow + LANES);
        store(c30, cData, c + 3 * cRow);
        store(c31, cData, c + 3 * cRow + LANES);
        store(c40, cData, c + 4 * cRow);
        store(c41, cData, c + 4 * cRow + LANES);
        store(c50, cData, c + 5 * cRow);
        store(c51, cData, c + 5 * cRow + LANES);
    }

    private static FloatVector broadcast(MemorySegment data, long index) {
        return FloatVector.broadcast(S, data.get(ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES));
    }
}
