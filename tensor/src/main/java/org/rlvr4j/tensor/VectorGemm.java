package org.rlvr4j.tensor;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Matrix products {@code C += A B} by tiles.
 *
 * <p>A is read where it lies. B is a run of strips 32 columns wide: a weight's panels as they are, or strips that each
 * worker copies out of rows or transposes out of panels, a piece of {@link #DEPTH} at a time, while they are in cache.
 */
final class VectorGemm {

    private static final int DEPTH = 256; // a strip of this depth fills the first-level cache
    private static final int ROW_BLOCK = 384; // rows that reuse a strip, and whose part of A stays in the second level
    private static final int TRANSPOSED_ROW_BLOCK = 1536; // transposing is dearer than reading A again
    private static final long SERIAL_WORK =
            1L << 19; // multiply-adds, about 10 microseconds: below it threads do not pay
    private static final int SCRATCH = (DEPTH + VectorTile.ROWS) * Panels.WIDTH;

    /** Where strips of B come from. */
    enum Strips {
        /** B's strips are panels: {@code b[k, n]} is element (n, k) of a weight. */
        PANELS,
        /** B is row by row. */
        ROWS,
        /** B is the transpose of a weight in panels: {@code b[n, k]} is element (n, k) of it. */
        TRANSPOSED_PANELS
    }

    /**
     * One product.
     *
     * @param a           A(0, 0) is its first element
     * @param aRow        distance of A's rows
     * @param aCol        distance of A's columns
     * @param bCols       B's columns, where it is row by row
     * @param c           C
     * @param cRow        distance of C's rows
     * @param cStrip      distance of C's strips of 32 columns
     * @param rows        rows of A and C
     * @param cols        columns that may be written
     * @param depth       columns of A
     */
    record Product(
            MemorySegment a,
            long aRow,
            long aCol,
            MemorySegment b,
            Strips strips,
            int bCols,
            MemorySegment c,
            long cRow,
            long cStrip,
            int rows,
            int cols,
            int depth) {}

    private final ThreadTeam team;
    private final Buffer scratch;

    VectorGemm(ThreadTeam team, TensorArena arena) {
        this.team = team;
        this.scratch = arena.zeros((long) team.size() * SCRATCH);
    }

    void run(Product p) {
        int rowBlock = p.strips == Strips.TRANSPOSED_PANELS ? TRANSPOSED_ROW_BLOCK : ROW_BLOCK;
        int rowBlocks = (p.rows + rowBlock - 1) / rowBlock;
        int strips = Panels.count(p.cols);
        ThreadTeam.Work task = (chunk, worker) -> {
            int row = chunk / strips * rowBlock;
            strip(p, row, Math.min(p.rows, row + rowBlock), chunk % strips, (long) worker * SCRATCH);
        };
        if ((long) p.rows * p.cols * p.depth < SERIAL_WORK) {
            for (int chunk = 0; chunk < rowBlocks * strips; chunk++) {
                task.run(chunk, 0);
            }
        } else {
            team.forEach(rowBlocks * strips, task);
        }
    }

    /** Rows {@code from} to {@code to} of one strip of C. */
    private void strip(Product p, int from, int to, int strip, long workspace) {
        MemorySegment own = scratch.segment();
        for (int k = 0; k < p.depth; k += DEPTH) {
            int depth = Math.min(DEPTH, p.depth - k);
            MemorySegment b = own;
            long bStart = workspace;
            switch (p.strips) {
                case PANELS -> {
                    b = p.b;
                    bStart = Panels.index(strip * Panels.WIDTH, k, p.depth);
                }
                case ROWS -> copyRows(p, k, depth, strip, own, workspace);
                case TRANSPOSED_PANELS -> transpose(p, k, depth, strip, own, workspace);
            }
            long edge = workspace + (long) DEPTH * Panels.WIDTH;
            boolean allColumns = (strip + 1) * Panels.WIDTH <= p.cols;
            for (int row = from; row < to; row += VectorTile.ROWS) {
                int rows = Math.min(VectorTile.ROWS, to - row);
                long a = row * p.aRow + k * p.aCol;
                long c = row * p.cRow + strip * p.cStrip;
                if (allColumns && rows == VectorTile.ROWS) {
                    VectorTile.multiply(p.a, a, p.aRow, p.aCol, rows, b, bStart, p.c, c, p.cRow, depth);
                } else {
                    int cols = Math.min(Panels.WIDTH, p.cols - strip * Panels.WIDTH);
                    copy(p.c, c, p.cRow, own, edge, Panels.WIDTH, rows, cols);
                    VectorTile.multiply(p.a, a, p.aRow, p.aCol, rows, b, bStart, own, edge, Panels.WIDTH, depth);
                    copy(own, edge, Panels.WIDTH, p.c, c, p.cRow, rows, cols);
                }
            }
        }
    }

    /** Rows k.. of 32 columns of B, filled up with zeros to the right. */
    private static void copyRows(Product p, int k, int depth, int strip, MemorySegment to, long at) {
        int cols = Math.min(Panels.WIDTH, p.bCols - strip * Panels.WIDTH);
        if (cols < Panels.WIDTH) {
            to.asSlice(at * Float.BYTES, (long) depth * Panels.WIDTH * Float.BYTES)
                    .fill((byte) 0);
        }
        copy(p.b, (long) k * p.bCols + (long) strip * Panels.WIDTH, p.bCols, to, at, Panels.WIDTH, depth, cols);
    }

    /** Elements (n + i, 32 * strip + j) of a weight (depth, bCols) in panels, row by row. */
    private static void transpose(Product p, int n, int depth, int strip, MemorySegment to, long at) {
        int cols = Math.min(Panels.WIDTH, p.bCols - strip * Panels.WIDTH);
        for (int i = 0; i < depth; i++) {
            long from = Panels.index(n + i, strip * Panels.WIDTH, p.bCols);
            long row = at + (long) i * Panels.WIDTH;
            for (int j = 0; j < cols; j++) {
                set(to, row + j, get(p.b, from + (long) j * Panels.WIDTH));
            }
        }
    }

    private static void copy(
            MemorySegment from, long start, long row, MemorySegment to, long at, long toRow, int rows, int cols) {
        for (int r = 0; r < rows; r++) {
            MemorySegment.copy(
                    from,
                    (start + r * row) * Float.BYTES,
                    to,
                    (at + r * toRow) * Float.BYTES,
                    (long) cols * Float.BYTES);
        }
    }

    private static float get(MemorySegment segment, long index) {
        return segment.get(ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES);
    }

    private static void set(MemorySegment segment, long index, float value) {
        segment.set(ValueLayout.JAVA_FLOAT_UNALIGNED, index * Float.BYTES, value);
    }
}
