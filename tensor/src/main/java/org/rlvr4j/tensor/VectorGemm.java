package org.rlvr4j.tensor;

import static org.rlvr4j.tensor.VectorMath.FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Matrix products {@code C += A B}, or {@code C = A B + bias}, by tiles.
 *
 * <p>A is packed once, rows of a tile side by side. B is a run of strips 32 columns wide: a weight's panels as they are,
 * or strips that each worker copies out of rows or transposes out of panels, a piece of {@link #DEPTH} at a time, while
 * they are in cache.
 */
final class VectorGemm {

    /** Deeper strips come from the second-level cache, which is fast enough, and C is read and written less often. */
    private static final int DEPTH = 1024;

    /** Rows that reuse a strip; their part of A stays in the second level, or is too large for it anyway. */
    private static final int ROW_BLOCK = VectorTile.HAS_32_REGISTERS ? 384 : 768;

    private static final int TRANSPOSED_ROW_BLOCK = 1536; // transposing is dearer than reading A again
    private static final long SERIAL_WORK =
            1L << 19; // multiply-adds, about 10 microseconds: below it threads do not pay
    private static final int SCRATCH = DEPTH * Panels.WIDTH;
    private static final int MAX_GROUP = 4; // strips of one chunk, which share what of A is in cache

    /** Where strips of B come from. */
    enum Strips {
        /** B's strips are panels: {@code b[k, n]} is element (n, k) of a weight. */
        PANELS,
        /** The same in bfloat16. */
        BF16_PANELS,
        /** B is row by row. */
        ROWS,
        /** B is the transpose of a weight in panels: {@code b[n, k]} is element (n, k) of it. */
        TRANSPOSED_PANELS,
        /** The same in bfloat16. */
        TRANSPOSED_BF16_PANELS;

        private boolean isTransposed() {
            return this == TRANSPOSED_PANELS || this == TRANSPOSED_BF16_PANELS;
        }
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
     * @param adds        whether C has been there before
     * @param bias        otherwise, what its rows start from, if not from zero
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
            int depth,
            boolean adds,
            @Nullable MemorySegment bias) {

        /** Where a chain starts: columns of a strip. */
        void start(int strip, float[] tile, int rows) {
            Arrays.fill(tile, 0, rows * Panels.WIDTH, 0);
            for (int r = 0; bias != null && r < rows; r++) {
                long from = (long) strip * Panels.WIDTH * Float.BYTES;
                MemorySegment.copy(bias, FLOAT, from, tile, r * Panels.WIDTH, width(strip));
            }
        }

        /** Whether tiles widen bfloat16 in registers, for which 16 of them are too few. */
        boolean readsBfloat16() {
            return strips == Strips.BF16_PANELS && VectorTile.HAS_32_REGISTERS;
        }

        int width(int strip) {
            return Math.min(Panels.WIDTH, cols - strip * Panels.WIDTH);
        }
    }

    private final ThreadTeam team;
    private final Buffer scratch;
    private final float[][] own;
    private float[] packed = {};

    VectorGemm(ThreadTeam team, TensorArena arena) {
        this.team = team;
        this.scratch = arena.zeros((long) team.size() * SCRATCH);
        this.own = new float[team.size()][2 * Panels.WIDTH * Panels.WIDTH];
    }

    void run(Product p) {
        int strips = Panels.count(p.cols);
        int height = height(p);
        int tiles = Math.ceilDiv(p.rows, height);
        boolean serial = (long) p.rows * p.cols * p.depth < SERIAL_WORK;
        int size = Math.multiplyExact(tiles * height, p.depth);
        packed = packed.length < size ? new float[size] : packed;
        team.forEach(tiles, serial, (tile, worker) -> pack(p, tile, height, own[worker]));
        int group = Math.clamp(strips / (8 * team.size()), 1, MAX_GROUP);
        int groups = Math.ceilDiv(strips, group);
        int most = p.strips.isTransposed() ? TRANSPOSED_ROW_BLOCK : ROW_BLOCK;
        // where there are few strips, so many rows that each thread has two chunks
        int rowBlock = height * Math.clamp(Math.ceilDiv((long) tiles * groups, 2 * team.size()), 1, most / height);
        team.forEach(Math.ceilDiv(p.rows, rowBlock) * groups, serial, (chunk, worker) -> {
            int row = chunk / groups * rowBlock;
            int strip = chunk % groups * group;
            strips(p, row, Math.min(p.rows, row + rowBlock), strip, Math.min(strips, strip + group), worker);
        });
    }

    /** Rows of a tile. */
    private static int height(Product p) {
        return p.readsBfloat16() ? VectorBfloat16Tile.ROWS : VectorTile.ROWS;
    }

    /** Rows of a tile that are packed side by side. */
    private static int group(Product p, int rows) {
        return p.readsBfloat16() ? VectorBfloat16Tile.ROWS : VectorTile.group(rows);
    }

    /** A tile's rows of A, all of its depth; what is missing of the last ones stays as it was, and is not used. */
    private void pack(Product p, int tile, int height, float[] own) {
        int row = tile * height;
        int rows = Math.min(height, p.rows - row);
        for (int k = 0; k < p.depth; k += DEPTH) {
            int depth = Math.min(DEPTH, p.depth - k);
            int to = row * p.depth + k * height;
            VectorPacking.tile(
                    p.a, row * p.aRow + k * p.aCol, p.aRow, p.aCol, rows, group(p, rows), depth, own, packed, to);
        }
    }

    /** Rows {@code from} to {@code to} of some strips of C. */
    private void strips(Product p, int from, int to, int firstStrip, int endStrip, int worker) {
        long workspace = (long) worker * SCRATCH;
        int height = height(p);
        boolean inPlace = p.strips == Strips.PANELS || p.readsBfloat16();
        for (int k = 0; k < p.depth; k += DEPTH) {
            int depth = Math.min(DEPTH, p.depth - k);
            for (int strip = firstStrip; strip < endStrip; strip++) {
                MemorySegment b = inPlace ? p.b : scratch.segment();
                long bStart = inPlace ? Panels.index(strip * Panels.WIDTH, k, p.depth) : workspace;
                if (!inPlace) {
                    prepare(p, k, depth, strip, own[worker], workspace);
                }
                for (int row = from; row < to; row += height) {
                    tile(p, row, Math.min(height, to - row), strip, b, bStart, k, depth, own[worker]);
                }
            }
        }
    }

    /** Copies a piece of a strip of B to where a tile can read it. */
    private void prepare(Product p, int k, int depth, int strip, float[] own, long to) {
        switch (p.strips) {
            case PANELS -> throw new IllegalArgumentException("panels are read where they are");
            case BF16_PANELS -> {
                long from = Panels.index(strip * Panels.WIDTH, k, p.depth, DType.BF16) * Short.BYTES;
                VectorPacking.widen(p.b, from, depth * Panels.WIDTH, scratch.segment(), to * Float.BYTES);
            }
            case ROWS -> copyRows(p, k, depth, strip, scratch.segment(), to);
            case TRANSPOSED_PANELS, TRANSPOSED_BF16_PANELS -> transpose(p, k, depth, strip, own, to);
        }
    }

    private void transpose(Product p, int n, int depth, int strip, float[] own, long workspace) {
        int k = strip * Panels.WIDTH;
        int cols = Math.min(Panels.WIDTH, p.bCols - k);
        DType type = p.strips == Strips.TRANSPOSED_BF16_PANELS ? DType.BF16 : DType.F32;
        VectorPacking.transposed(new Buffer(p.b, type), n, k, p.bCols, depth, cols, own, scratch.segment(), workspace);
    }

    private void tile(
            Product p, int row, int rows, int strip, MemorySegment b, long bStart, int k, int depth, float[] tile) {
        long c = row * p.cRow + strip * p.cStrip;
        int cols = p.width(strip);
        if (k == 0 && !p.adds) {
            p.start(strip, tile, rows);
        } else {
            VectorTile.load(p.c, c, p.cRow, rows, cols, tile);
        }
        int a = row * p.depth + k * height(p);
        if (p.readsBfloat16()) {
            VectorBfloat16Tile.multiply(packed, a, b, bStart * Short.BYTES, tile, depth);
        } else {
            VectorTile.multiply(packed, a, depth, group(p, rows), b, bStart, tile, 0, depth, rows);
        }
        VectorTile.store(tile, rows, cols, p.c, c, p.cRow);
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

    static void copy(
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
}
