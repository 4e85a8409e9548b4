package org.rlvr4j.tensor.vector;

import java.lang.foreign.MemorySegment;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.TensorArena;

/**
 * Matrix products {@code C += A B}, or {@code C = A B + bias}, by tiles.
 *
 * <p>A is packed, {@link #DEPTH} columns at a time: rows of a tile side by side, or one after another
 * ({@link VectorRowTile}). B is a sequence of strips 32 columns wide. A strip is read in place (panels of a weight, or
 * columns of a matrix stored row by row), or each worker transposes it out of panels to have it in cache.
 */
final class VectorGemm {

    /**
     * Largest depth of a strip. Deep strips come from the second-level cache, which is fast enough, and C is read and
     * written less often.
     */
    private static final int DEPTH = VectorRowTile.DEPTH;

    /** Rows that reuse a strip; their part of A stays in the second-level cache, or is too large for it anyway. */
    private static final int ROW_BLOCK = VectorTile.HAS_32_REGISTERS ? 384 : 768;

    private static final int TRANSPOSED_ROW_BLOCK = 1536; // transposing costs more than reading A again
    private static final long SERIAL_WORK =
            1L << 19; // multiply-adds, about 10 microseconds: below it threads do not pay
    private static final int STRIP_COPY = DEPTH * Panels.WIDTH;
    private static final int SMALL = 1 << 17; // elements of B that fit into the second-level cache
    private static final int MAX_STRIPS = 4; // strips per chunk, which share the part of A that is in cache
    private static final int MAX_TILES = 8; // tiles per chunk, if it has all strips
    private static final int CHUNKS = 32; // of tiles, for each thread: the last ones are waited for

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
     * Matrix product to be computed.
     *
     * @param kind  product of a linear layer, which determines the layout of A, B and C
     * @param add   whether the product is added to C
     * @param rows  number of rows of A and C
     * @param cols  number of columns of B and C
     * @param depth number of columns of A and of rows of B
     * @param bias  (cols) initial value of each row of C; null for zero, or for the content of C
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

        /** Distance between rows of A, in elements. */
        private long aRow() {
            return kind == Kind.WEIGHT_GRADIENT ? 1 : depth;
        }

        /** Distance between columns of A, in elements. */
        private long aCol() {
            return kind == Kind.WEIGHT_GRADIENT ? rows : 1;
        }

        /** Distance between rows of C, in elements. */
        private long cRow() {
            return kind == Kind.WEIGHT_GRADIENT ? Panels.WIDTH : cols;
        }

        /** Index in C at which a tile begins. */
        private long c(int row, int strip) {
            long distance = kind == Kind.WEIGHT_GRADIENT ? (long) rows * Panels.WIDTH : Panels.WIDTH;
            return row * cRow() + strip * distance;
        }

        /** Fills a tile with the initial values of its chains: the bias of the columns of a strip, or zeros. */
        private void initialize(int strip, float[] tile, int rows) {
            if (bias == null || width(strip) < Panels.WIDTH) {
                VectorTile.zero(tile, rows);
            }
            if (bias != null) {
                VectorTile.load(bias.segment(), (long) strip * Panels.WIDTH, 0, rows, width(strip), tile);
            }
        }

        /** Whether tiles widen bfloat16 in registers. */
        private boolean readsBfloat16() {
            return kind == Kind.FORWARD && b.type() == DType.BF16 && rows <= VectorBfloat16Tile.MOST_ROWS;
        }

        /**
         * Whether tiles read whole strips of B in place; with 16 registers none is free for a distance between rows.
         */
        private boolean readsInPlace() {
            return kind == Kind.FORWARD
                    ? b.type() == DType.F32 || readsBfloat16()
                    : kind == Kind.WEIGHT_GRADIENT && VectorTile.HAS_32_REGISTERS;
        }

        /** Whether tiles with 16 registers read whole strips of a weight in place. */
        private boolean touchesStrips() {
            return kind == Kind.FORWARD && readsInPlace() && !readsBfloat16() && !VectorTile.HAS_32_REGISTERS;
        }

        /** Whether A is packed as copies of whole rows, in the order of {@link VectorRowTile}. */
        private boolean copiesRows() {
            return kind != Kind.WEIGHT_GRADIENT && !readsBfloat16();
        }

        /** Elements of A, packed, for this many rows and columns. */
        private int packedSize(int rows, int depth) {
            return copiesRows() ? VectorRowTile.size(rows, depth) : Math.multiplyExact(rows, depth);
        }

        /** Elements of a copied strip of B, padded to whole squares, as they are transposed. */
        private long stripSize() {
            return (long) Panels.count(depth) * Panels.WIDTH * Panels.WIDTH;
        }

        private int width(int strip) {
            return Math.min(Panels.WIDTH, cols - strip * Panels.WIDTH);
        }
    }

    private final ThreadTeam team;
    private final Buffer stripCopies;
    private final float[][] workerScratch;
    private float[] packed = {};

    VectorGemm(ThreadTeam team, TensorArena arena) {
        this.team = team;
        this.stripCopies = arena.zeros(Math.max(SMALL, (long) team.size() * STRIP_COPY));
        this.workerScratch = new float[team.size()][2 * Panels.WIDTH * Panels.WIDTH];
    }

    void run(Product p) {
        int height = height(p);
        int tiles = Math.ceilDiv(p.rows, height);
        boolean serial = (long) p.rows * p.cols * p.depth < SERIAL_WORK;
        int strips = Panels.count(p.cols);
        boolean byRows = strips * p.stripSize() <= SMALL && p.depth <= DEPTH && tiles >= 2 * team.size();
        int depth = Math.min(DEPTH, p.depth);
        int size = byRows
                ? Math.multiplyExact(team.size(), p.packedSize(height, depth))
                : p.packedSize(Math.multiplyExact(tiles, height), depth);
        packed = packed.length < size ? new float[size] : packed;
        if (byRows) {
            byRows(p, tiles, strips, serial);
        } else {
            byStrips(p, tiles, strips, serial);
        }
    }

    /**
     * Gives each chunk all strips of B: they stay in cache, the rows of a tile are packed just before, and C is written
     * in order.
     */
    private void byRows(Product p, int tiles, int strips, boolean serial) {
        var pieces = new Piece[strips];
        team.forEach(strips, serial || p.readsInPlace(), (strip, worker) -> {
            pieces[strip] = piece(p, 0, p.depth, strip, workerScratch[worker], strip * p.stripSize());
        });
        int chunkTiles = Math.clamp(tiles / (CHUNKS * team.size()), 1, MAX_TILES);
        team.forEach(Math.ceilDiv(tiles, chunkTiles), serial, (chunk, worker) -> {
            int a = worker * p.packedSize(height(p), p.depth);
            for (int tile = chunk * chunkTiles; tile < Math.min(tiles, (chunk + 1) * chunkTiles); tile++) {
                int row = tile * height(p);
                pack(p, row, 0, p.depth, workerScratch[worker], a, 0);
                for (int strip = 0; strip < strips; strip++) {
                    tile(p, row, p.rows, strip, pieces[strip], 0, p.depth, a, 0, workerScratch[worker]);
                }
            }
        });
    }

    /** Packs A, and gives each chunk some strips of B, and as many rows as pay; one piece of the depth after another. */
    private void byStrips(Product p, int tiles, int strips, boolean serial) {
        int height = height(p);
        int chunkStrips = Math.clamp(strips / (8 * team.size()), 1, MAX_STRIPS);
        int stripChunks = Math.ceilDiv(strips, chunkStrips);
        int maxRows = p.kind == Kind.INPUT_GRADIENT ? TRANSPOSED_ROW_BLOCK : ROW_BLOCK;
        // if there are few strips, rows are divided so that each thread has two chunks
        int rowBlock =
                height * Math.clamp(Math.ceilDiv((long) tiles * stripChunks, 2 * team.size()), 1, maxRows / height);
        for (int start = 0; start < p.depth; start += DEPTH) {
            int k = start;
            int depth = Math.min(DEPTH, p.depth - k);
            team.forEach(
                    tiles,
                    serial,
                    (tile, worker) -> pack(p, tile * height, k, depth, workerScratch[worker], 0, tile * height));
            team.forEach(Math.ceilDiv(p.rows, rowBlock) * stripChunks, serial, (chunk, worker) -> {
                int row = chunk / stripChunks * rowBlock;
                int strip = chunk % stripChunks * chunkStrips;
                int end = Math.min(p.rows, row + rowBlock);
                strips(p, row, end, k, depth, strip, Math.min(strips, strip + chunkStrips), worker);
            });
        }
    }

    /** Number of rows of a tile. */
    private static int height(Product p) {
        return p.readsBfloat16() ? VectorBfloat16Tile.ROWS : VectorTile.ROWS;
    }

    /** Number of rows of a tile that are packed side by side. */
    private static int group(Product p, int rows) {
        return p.readsBfloat16() ? VectorBfloat16Tile.ROWS : VectorTile.group(rows);
    }

    /**
     * Packs a piece of a tile's rows of A; memory of missing rows stays as it was, and is not used.
     *
     * @param row       first row
     * @param to        index at which the packed A begins
     * @param packedRow row of the packed A that is to be the first
     */
    private void pack(Product p, int row, int k, int depth, float[] scratch, int to, int packedRow) {
        int rows = Math.min(height(p), p.rows - row);
        long from = row * p.aRow() + k * p.aCol();
        if (p.copiesRows()) {
            VectorRowTile.pack(p.a.segment(), from, p.aRow(), rows, depth, packed, to, packedRow);
        } else {
            VectorPacking.tile(
                    p.a.segment(),
                    from,
                    p.aRow(),
                    p.aCol(),
                    rows,
                    group(p, rows),
                    depth,
                    scratch,
                    packed,
                    to + packedRow * depth);
        }
    }

    /** Continues rows {@code from} to {@code to} of some strips of C over a piece of the depth. */
    private void strips(Product p, int from, int to, int k, int depth, int firstStrip, int endStrip, int worker) {
        for (int strip = firstStrip; strip < endStrip; strip++) {
            Piece piece = piece(p, k, depth, strip, workerScratch[worker], (long) worker * STRIP_COPY);
            if (p.touchesStrips()) {
                workerScratch[worker][VectorTile.SIZE] = VectorRowTile.touch(piece.data, piece.start, depth);
            }
            for (int row = from; row < to; row += height(p)) {
                tile(p, row, to, strip, piece, k, depth, 0, row, workerScratch[worker]);
            }
        }
    }

    /**
     * Piece of a strip of B.
     *
     * @param data  memory of the piece
     * @param start index of its first element
     * @param row   distance between its rows, in elements
     */
    private record Piece(MemorySegment data, long start, long row) {}

    /** Returns a piece of a strip of B that a tile can read: in place, or else in a copy at {@code copyStart}. */
    private Piece piece(Product p, int k, int depth, int strip, float[] scratch, long copyStart) {
        int from = strip * Panels.WIDTH;
        int cols = p.width(strip);
        MemorySegment to = stripCopies.segment();
        switch (p.kind) {
            case FORWARD -> {
                long start = Panels.index(from, k, p.depth, p.b.type());
                if (p.readsInPlace()) {
                    return new Piece(p.b.segment(), start, Panels.WIDTH);
                }
                VectorPacking.widen(
                        p.b.segment(), start * Short.BYTES, depth * Panels.WIDTH, to, copyStart * Float.BYTES);
            }
            case WEIGHT_GRADIENT -> {
                long start = (long) k * p.cols + from;
                if (p.readsInPlace() && cols == Panels.WIDTH) {
                    return new Piece(p.b.segment(), start, p.cols);
                }
                copy(p.b.segment(), start, p.cols, to, copyStart, Panels.WIDTH, depth, cols);
            }
            case INPUT_GRADIENT ->
                VectorPacking.copyTransposed(p.b, k, from, p.cols, depth, cols, scratch, to, copyStart);
        }
        return new Piece(to, copyStart, Panels.WIDTH);
    }

    /**
     * Computes one tile of C over a piece of the depth.
     *
     * @param end       row after the last one that may be written
     * @param a         index at which the packed A begins
     * @param packedRow first row of the tile in the packed A
     * @param tile      scratch memory for the tile
     */
    private void tile(
            Product p, int row, int end, int strip, Piece b, int k, int depth, int a, int packedRow, float[] tile) {
        int rows = Math.min(height(p), end - row);
        MemorySegment c = p.c.segment();
        long to = p.c(row, strip);
        int cols = p.width(strip);
        if (k == 0 && !p.add) {
            p.initialize(strip, tile, rows);
        } else {
            VectorTile.load(c, to, p.cRow(), rows, cols, tile);
        }
        if (p.readsBfloat16()) {
            VectorBfloat16Tile.multiply(packed, a + packedRow * depth, b.data, b.start * Short.BYTES, tile, depth);
        } else if (p.copiesRows()) {
            VectorRowTile.multiply(packed, a, packedRow, b.data, b.start, tile, depth, rows);
        } else {
            int start = a + packedRow * depth;
            VectorTile.multiply(packed, start, depth, group(p, rows), b.data, b.start, b.row, tile, 0, depth, rows);
        }
        VectorTile.store(tile, rows, cols, c, to, p.cRow());
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
