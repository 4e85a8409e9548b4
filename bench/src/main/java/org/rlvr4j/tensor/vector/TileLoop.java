package org.rlvr4j.tensor.vector;

import java.util.SplittableRandom;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.TensorArena;

/**
 * Loop over the innermost kernel alone, as a product of rows with a weight runs it: one strip of B in the first-level cache,
 * and one block of copied rows of A, tile by tile, from the second-level cache. It is in this package because the kernel is.
 */
public final class TileLoop implements AutoCloseable {

    private static final int DEPTH = 256; // so small that a strip of B stays in the first-level cache
    private static final int TILES = 384 / VectorTile.ROWS; // rows of a block as in VectorGemm with 32 registers
    private static final int FLOP_PER_MULTIPLY_ADD = 2;

    private final TensorArena arena = new TensorArena(DType.F32);
    private final Buffer b = arena.allocate((long) DEPTH * Panels.WIDTH);
    private final float[] a = new float[VectorRowTile.size(TILES * VectorTile.ROWS, DEPTH)];
    private final float[] c = new float[VectorTile.SIZE];

    public TileLoop(long seed) {
        var random = new SplittableRandom(seed);
        for (int i = 0; i < a.length; i++) {
            a[i] = (float) random.nextDouble(-1, 1);
        }
        for (long i = 0; i < b.length(); i++) {
            b.set(i, random.nextDouble(-1, 1));
        }
    }

    /** Multiplies all tiles of the block, once. */
    public float run() {
        for (int tile = 0; tile < TILES; tile++) {
            VectorRowTile.multiply(a, 0, tile * VectorTile.ROWS, b.segment(), 0, c, DEPTH, VectorTile.ROWS);
        }
        return c[0];
    }

    /** Billions of multiplications and additions per run. */
    public double gflop() {
        return 1e-9 * FLOP_PER_MULTIPLY_ADD * TILES * VectorTile.SIZE * DEPTH;
    }

    @Override
    public void close() {
        arena.close();
    }
}
