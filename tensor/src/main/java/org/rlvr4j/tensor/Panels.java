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

    private Panels() {}

    public static int count(int rows) {
        return (rows + WIDTH - 1) / WIDTH;
    }

    /** Elements of memory for a weight of this shape. */
    public static long size(Shape shape) {
        return (long) count(shape.rows()) * WIDTH * shape.cols();
    }

    /** Where element (n, k) of a weight with K columns is. */
    public static long index(int n, int k, int K) {
        return ((long) (n / WIDTH) * K + k) * WIDTH + n % WIDTH;
    }
}
