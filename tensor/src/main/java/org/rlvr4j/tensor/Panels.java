package org.rlvr4j.tensor;

/**
 * How a weight (N, K) lies in memory: panels of 32 output features, in each of which the inputs follow one another.
 *
 * <p>Element (n, k) stands at {@code ((n / 32) * K + k) * 32 + n % 32}; N is filled up to a multiple of 32 with zeros.
 * A vector of outputs for one input is contiguous, so one order of addition (over k) serves one token as well as a
 * thousand, without packing.
 */
public final class Panels {

    /** Output features of one panel. */
    public static final int WIDTH = 32;

    private static final int HALF = WIDTH / 2;

    private Panels() {}

    public static int count(int rows) {
        return (rows + WIDTH - 1) / WIDTH;
    }

    /** Elements of memory for a weight of this shape. */
    public static long size(Shape shape) {
        return (long) count(shape.rows()) * WIDTH * shape.cols();
    }

    /** Where element (n, k) of a weight with K columns is, if it is kept as it is computed with. */
    public static long index(int n, int k, int K) {
        return ((long) (n / WIDTH) * K + k) * WIDTH + n % WIDTH;
    }

    /**
     * Where element (n, k) of a weight kept as a type is.
     *
     * <p>In bfloat16, feature j of a panel and feature j + 16 are the lower and the upper half of one word: a shift
     * widens a vector of the former, a mask a vector of the latter, and nothing has to change its lane.
     */
    public static long index(int n, int k, int K, DType type) {
        int feature = n % WIDTH;
        int place = type == DType.BF16 ? 2 * (feature % HALF) + feature / HALF : feature;
        return index(n - feature, k, K) + place;
    }
}
