package org.rlvr4j.tensor;

/**
 * Memory layout of a weight (N, K): panels of 32 output features, each stored input by input.
 *
 * <p>Element (n, k) is at index {@code ((n / 32) * K + k) * 32 + n % 32}; N is padded with zeros to a multiple of 32.
 * The outputs for one input form a contiguous vector, so one order of addition (over k) serves one token as well as a
 * thousand, without packing.
 */
public final class Panels {

    /** Output features per panel. */
    public static final int WIDTH = 32;

    private static final int HALF = WIDTH / 2;

    private Panels() {}

    /**
     * Number of panels of a weight.
     *
     * @param rows number N of its rows
     */
    public static int count(int rows) {
        return (rows + WIDTH - 1) / WIDTH;
    }

    /**
     * Number of elements of a weight of this shape in memory, padding included.
     *
     * @param shape shape (N, K) of the weight
     */
    public static long size(Shape shape) {
        return (long) count(shape.rows()) * WIDTH * shape.cols();
    }

    /**
     * Index of element (n, k) of a weight with K columns that is stored in the type of the computation.
     *
     * @param n row, from 0
     * @param k column, from 0
     * @param K number of columns
     */
    public static long index(int n, int k, int K) {
        return ((long) (n / WIDTH) * K + k) * WIDTH + n % WIDTH;
    }

    /**
     * Index of element (n, k) of a weight stored as {@code type}.
     *
     * <p>In bfloat16, feature j of a panel and feature j + 16 are the lower and the upper half of one word: a shift
     * widens a vector of the former, a mask a vector of the latter, and no lane has to move.
     *
     * @param n    row, from 0
     * @param k    column, from 0
     * @param K    number of columns
     * @param type type in which the weight is stored
     */
    public static long index(int n, int k, int K, DType type) {
        int feature = n % WIDTH;
        int offset = type == DType.BF16 ? 2 * (feature % HALF) + feature / HALF : feature;
        return index(n - feature, k, K) + offset;
    }
}
