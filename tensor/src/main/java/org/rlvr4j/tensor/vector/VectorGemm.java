package org.rlvr4j.tensor.vector;

import static org.rlvr4j.tensor.vector.VectorMath.FLOAT;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.TensorArena;

/**
 * Matrix products {@code C += A B}, or {@code C = A B + bias}, by tiles.
 *
 * <p>A is packed once, rows of a tile side by side. B is a run of strips 32 columns wide: a weight's panels or columns of
 * rows as they are, or strips that each worker transposes out of panels, a piece of {@link #DEPTH} at a time, while they
 * are in cache.
 */
final class VectorGemm {

    /**
     * Deep strips come from the second-level cache, which is fast enough, and C is read and written less often. Of 16
     * registers a strip is read for every five rows instead of twelve; deeper ones have not been timed there.
     */
    private static final int DEPTH = VectorTile.HAS_32_REGISTERS ? 5120 : 1024;

    /** Rows that reuse a strip; their part of A stays in the second level, or is too large for it anyway. */
    private static final int ROW_BLOCK = VectorTile.HAS_32_REGISTERS ? 384 : 768;

    private static final int TRANSPOSED_ROW_BLOCK = 1536; // transposing is dearer than reading A again
    private static final long SERIAL_WORK =
            1L << 19; // multiply-adds, about 10 microseconds: below it threads do not pay
    private static final int SCRATCH = DEPTH * Panels.WIDTH;
    private static final int SMALL = 1 << 17; // elements of all of B that the second level holds
    private static final int MAX_GROUP = 4; // strips of one chunk, which share what of A is in cache
    private static final int MAX_TILES = 8; // likewise, where a chunk has all strips

    /** The products of a linear layer. */
    enum Kind {
        /** {@code y = x W' + bias}: B is the weight's panels, {@code b[k, n]} its element (n, k). */
        FORWARD,
        /** {@code dx += dy W}: B is the transpose of the weight in panels, {@code b[n, k]} its element (n, k). */
        INPUT_GRADIENT,
        /** {@code dW += dy' x}, in panels: A is x by columns, and B is dy row by row. */
        WEIGHT_GRADIENT
    }

    /**
     * One product.
     *
     * @param add   whether C is added to
     * @param rows  of A and C
     * @param cols  of B and C
     * @param depth columns of A
     * @param bias  what rows of C start from, if neither from zero nor from what is there
     */
    record Product(
            Kind kind,
            Buffer a,
            Buffer b,
            Buffer c,
            boolean add,
            int rows,
            int cols,
            int depth,
            @Nullable Buffer bias) {

        /** Distance of A's rows. */
        private long aRow() {
            return kind == Kind.WEIGHT_GRADIENT ? 1 : depth;
        }

        /** Distance of A's columns. */
        private long aCol() {
            return kind == Kind.WEIGHT_GRADIENT ? rows : 1;
        }

        /** Distance of C's rows. */
        private long cRow() {
            return kind == Kind.WEIGHT_GRADIENT ? Panels.WIDTH : cols;
        }

        /** Where a tile of C begins. */
        private long c(int row, int strip) {
            long distance = kind == Kind.WEIGHT_GRADIENT ? (long) rows * Panels.WIDTH : Panels.WIDTH;
            return row * cRow() + strip * distance;
        }

        /** Where a chain starts: columns of a strip. */
        private void start(int strip, float[] tile, int rows) {
            Arrays.fill(tile, 0, rows * Panels.WIDTH, 0);
            for (int r = 0; bias != null && r < rows; r++) {
                long from = (long) strip * Panels.WIDTH * Float.BYTES;
                MemorySegment.copy(bias.segment(), FLOAT, from, tile, r * Panels.WIDTH, width(strip));
            }
        }

        /** Whether tiles widen bfloat16 in registers, for which 16 of them are too few. */
        private boolean readsBfloat16() {
            return kind == Kind.FORWARD && b.type() == DType.BF16 && VectorTile.HAS_32_REGISTERS;
        }

        /** Whether tiles read whole strips of B where they are; of 16 registers none is left for a distance of rows. */
        private boolean readsInPlace() {
            return kind == Kind.FORWARD
                    ? b.type() == DType.F32 || readsBfloat16()
                    : kind == Kind.WEIGHT_GRADIENT && VectorTile.HAS_32_REGISTERS;
        }

        /** Elements of a copied strip of B: whole squares, as they are transposed. */
        private long stripSize() {
            return (long) Panels.count(depth) * Panels.WIDTH * Panels.WIDTH;
        }

        private int width(int strip) {
            return Math.min(Panels.WIDTH, cols - strip * Panels.WIDTH);
        }
    }

    private final ThreadTeam team;
    private final Buffer scratch;
    private final float[][] own;
    private float[] packed = {};

    VectorGemm(ThreadTeam team, TensorArena arena) {
        this.team = team;
        this.scratch = arena.zeros(Math.max(SMALL, (long) team.size() * SCRATCH));
        this.own = new float[team.size()][2 * Panels.WIDTH * Panels.WIDTH];
    }

    void run(Product p) {
        int height = height(p);
        int tiles = Math.ceilDiv(p.rows, height);
        boolean serial = (long) p.rows * p.cols * p.depth < SERIAL_WORK;
        int strips = Panels.count(p.cols);
        boolean byRows = strips * p.stripSize() <= SMALL && p.depth <= DEPTH && tiles >= 2 * team.size();
        int size = Math.multiplyExact(byRows ? team.size() : tiles, height * p.depth);
        packed = packed.length < size ? new float[size] : packed;
        if (byRows) {
            byRows(p, tiles, strips, serial);
        } else {
            byStrips(p, tiles, strips, serial);
        }
    }

    /** All strips of B in each chunk: they stay in cache, a tile's rows are packed just before, and C is written in order. */
    private void byRows(Product p, int tiles, int strips, boolean serial) {
        var pieces = new Piece[strips];
        team.forEach(strips, serial || p.readsInPlace(), (strip, worker) -> {
            pieces[strip] = piece(p, 0, p.depth, strip, own[worker], strip * p.stripSize());
        });
        int some = Math.clamp(tiles / (8 * team.size()), 1, MAX_TILES);
        team.forEach(Math.ceilDiv(tiles, some), serial, (chunk, worker) -> {
            int a = worker * height(p) * p.depth;
            for (int tile = chunk * some; tile < Math.min(tiles, (chunk + 1) * some); tile++) {
                pack(p, tile, own[worker], a);
                for (int strip = 0; strip < strips; strip++) {
                    tile(p, tile * height(p), p.rows, strip, pieces[strip], 0, p.depth, a, own[worker]);
                }
            }
        });
    }

    /** A is packed once, and chunks have some strips of B each, and as many rows as are worth it. */
    private void byStrips(Product p, int tiles, int strips, boolean serial) {
        int height = height(p);
        team.forEach(tiles, serial, (tile, worker) -> pack(p, tile, own[worker], tile * height * p.depth));
        int group = Math.clamp(strips / (8 * team.size()), 1, MAX_GROUP);
        int groups = Math.ceilDiv(strips, group);
        int most = p.kind == Kind.INPUT_GRADIENT ? TRANSPOSED_ROW_BLOCK : ROW_BLOCK;
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
    private void pack(Product p, int tile, float[] own, int to) {
        int height = height(p);
        int row = tile * height;
        int rows = Math.min(height, p.rows - row);
        for (int k = 0; k < p.depth; k += DEPTH) {
            int depth = Math.min(DEPTH, p.depth - k);
            long from = row * p.aRow() + k * p.aCol();
            VectorPacking.tile(
                    p.a.segment(), from, p.aRow(), p.aCol(), rows, group(p, rows), depth, own, packed, to + k * height);
        }
    }

    /** Rows {@code from} to {@code to} of some strips of C. */
    private void strips(Product p, int from, int to, int firstStrip, int endStrip, int worker) {
        int height = height(p);
        for (int k = 0; k < p.depth; k += DEPTH) {
            int depth = Math.min(DEPTH, p.depth - k);
            for (int strip = firstStrip; strip < endStrip; strip++) {
                Piece piece = piece(p, k, depth, strip, own[worker], (long) worker * SCRATCH);
                for (int row = from; row < to; row += height) {
                    tile(p, row, to, strip, piece, k, depth, row * p.depth + k * height, own[worker]);
                }
            }
        }
    }

    /** Where a piece of a strip of B is, in elements, and the distance of its rows. */
    private record Piece(MemorySegment data, long start, long row) {}

    /** A piece of a strip of B where a tile can read it: where it is, or else in a copy. */
    private Piece piece(Product p, int k, int depth, int strip, float[] own, long copy) {
        int from = strip * Panels.WIDTH;
        int cols = p.width(strip);
        MemorySegment to = scratch.segment();
        switch (p.kind) {
            case FORWARD -> {
                long start = Panels.index(from, k, p.depth, p.b.type());
                if (p.readsInPlace()) {
                    return new Piece(p.b.segment(), start, Panels.WIDTH);
                }
                VectorPacking.widen(p.b.segment(), start * Short.BYTES, depth * Panels.WIDTH, to, copy * Float.BYTES);
            }
            case WEIGHT_GRADIENT -> {
                long start = (long) k * p.cols + from;
                if (p.readsInPlace() && cols == Panels.WIDTH) {
                    return new Piece(p.b.segment(), start, p.cols);
                }
                copy(p.b.segment(), start, p.cols, to, copy, Panels.WIDTH, depth, cols);
            }
            case INPUT_GRADIENT -> VectorPacking.transposed(p.b, k, from, p.cols, depth, cols, own, to, copy);
        }
        return new Piece(to, copy, Panels.WIDTH);
    }

    /** @param end of the rows that may be written */
    private void tile(Product p, int row, int end, int strip, Piece b, int k, int depth, int a, float[] tile) {
        int rows = Math.min(height(p), end - row);
        MemorySegment c = p.c.segment();
        long start = p.c(row, strip);
        int cols = p.width(strip);
        if (k == 0 && !p.add) {
            p.start(strip, tile, rows);
        } else {
            VectorTile.load(c, start, p.cRow(), rows, cols, tile);
        }
        if (p.readsBfloat16()) {
            VectorBfloat16Tile.multiply(packed, a, b.data, b.start * Short.BYTES, tile, depth);
        } else {
            VectorTile.multiply(packed, a, depth, group(p, rows), b.data, b.start, b.row, tile, 0, depth, rows);
        }
        VectorTile.store(tile, rows, cols, c, start, p.cRow());
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
