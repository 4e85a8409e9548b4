package org.rlvr4j.tensor;

import java.util.SplittableRandom;

/**
 * The innermost kernel alone, as a product of matrices runs it: one strip of B in the first-level cache, and one block
 * of packed rows of A, tile by tile, from the second. It stands in this package because the kernel does.
 */
public final class TallTileLoop implements AutoCloseable {

    private static final int DEPTH = 256; // as in VectorGemm, as are the rows
    private static final int TILES = 384 / VectorTallTile.ROWS;
    private static final int FLOP_PER_MULTIPLY_ADD = 2;

    private final TensorArena arena = new TensorArena(DType.F32);
    private final Buffer b = arena.allocate((long) DEPTH * Panels.WIDTH);
    private final float[] a = new float[TILES * VectorTallTile.ROWS * DEPTH];
    private final float[] c = new float[VectorTallTile.SIZE];

    public TallTileLoop(long seed) {
        var random = new SplittableRandom(seed);
        for (int i = 0; i < a.length; i++) {
            a[i] = (float) random.nextDouble(-1, 1);
        }
        for (long i = 0; i < b.length(); i++) {
            b.set(i, random.nextDouble(-1, 1));
        }
    }

    /** All tiles of the block, once. */
    public float run() {
        for (int tile = 0; tile < TILES; tile++) {
            VectorTallTile.multiply(
                    a, tile * VectorTallTile.ROWS * DEPTH, DEPTH, b.segment(), 0, c, 0, DEPTH, VectorTallTile.ROWS);
        }
        return c[0];
    }

    /** Billions of multiplications and additions of one run. */
    public double gflop() {
        return 1e-9 * FLOP_PER_MULTIPLY_ADD * TILES * VectorTallTile.SIZE * DEPTH;
    }

    @Override
    public void close() {
        arena.close();
    }
}
