package org.rlvr4j.tornado;

import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Kernels of matrix products, the result of which is cut into tiles: one for a group, R by C elements for a thread.
 *
 * <p>The three products of a linear layer differ in what their rows and columns are, and in the index that is summed:
 * <pre>
 *               left    right    result     rows   columns   summed
 *   FORWARD      x       W'       y          t        n         k
 *   INPUT        dy      W        dx         t        k         n
 *   WEIGHT       x'      dy       dw'        k        n         t
 * </pre>
 *
 * <p>The summed index advances in steps. In each, the group copies a tile of either factor to local memory; then, for
 * each value of the index, a thread reads R + C numbers from there and adds R * C products in registers. So a number
 * read from the device's memory serves a row or column of the whole tile, and one read from local memory C or R
 * products. All loads of a step stand before the first store to local memory: a compiler may not move them across it.
 *
 * <p>Whatever the tile, an element is one chain of fused multiply-adds in the order of the summed index. Factors beyond
 * the matrices are 0 on the left and -0 on the right: their product leaves every sum as it is, even one that is -0.
 *
 * <p>The shape of a tile is constant in each kernel, so that loops over a thread's elements are unrolled and its arrays
 * are registers. Methods called by {@link #product} only compute: in one that reads an array given to it, TornadoVM
 * takes local memory for an array with a header.
 */
final class LinearTiles {

    private static final int FORWARD = 0;
    private static final int INPUT = 1;
    private static final int WEIGHT = 2;

    private static final int VECTOR = 4; // numbers that a thread reads from local memory at once

    private LinearTiles() {}

    /** Arguments of the kernels: the result's size, the summed index's, and places of matrices. */
    static final class Arg {
        static final int ROWS = 0, COLUMNS = 1, SUMMED = 2;
        static final int LEFT = 3, RIGHT = 4, RESULT = 5, BIAS = 6;
    }

    static void kLinear(KernelContext c, FloatArray m, FloatArray weights, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        product(c, m, weights, p, weights, m, p, FORWARD, false, 16, 16, 8, 8, 16);
    }

    static void kLinearMedium(KernelContext c, FloatArray m, FloatArray weights, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        product(c, m, weights, p, weights, m, p, FORWARD, false, 8, 16, 8, 4, 16);
    }

    static void kLinearNarrow(KernelContext c, FloatArray m, FloatArray weights, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        product(c, m, weights, p, weights, m, p, FORWARD, false, 4, 32, 4, 1, 64);
    }

    static void kLinearInput(KernelContext c, FloatArray m, FloatArray weights, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        product(c, m, weights, p, weights, m, p, INPUT, false, 16, 16, 8, 8, 16);
    }

    static void kLinearInputMedium(KernelContext c, FloatArray m, FloatArray weights, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        product(c, m, weights, p, weights, m, p, INPUT, false, 8, 16, 8, 4, 16);
    }

    static void kLinearInputNarrow(KernelContext c, FloatArray m, FloatArray weights, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        product(c, m, weights, p, weights, m, p, INPUT, false, 4, 32, 4, 1, 64);
    }

    static void kLinearWeight(KernelContext c, FloatArray m, FloatArray grads, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        product(c, m, m, p, m, grads, p, WEIGHT, false, 16, 16, 8, 8, 16);
    }

    static void kLinearWeightMedium(KernelContext c, FloatArray m, FloatArray grads, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        product(c, m, m, p, m, grads, p, WEIGHT, false, 8, 16, 8, 4, 16);
    }

    static void kLinearWeightNarrow(KernelContext c, FloatArray m, FloatArray grads, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        product(c, m, m, p, m, grads, p, WEIGHT, false, 4, 32, 4, 1, 64);
    }

    static void kLinearBfloat16(
            KernelContext c, FloatArray weights, IntArray words, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        product(c, m, weights, words, weights, m, p, FORWARD, true, 16, 16, 8, 8, 16);
    }

    static void kLinearBfloat16Medium(
            KernelContext c, FloatArray weights, IntArray words, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        product(c, m, weights, words, weights, m, p, FORWARD, true, 8, 16, 8, 4, 16);
    }

    static void kLinearBfloat16Narrow(
            KernelContext c, FloatArray weights, IntArray words, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        product(c, m, weights, words, weights, m, p, FORWARD, true, 4, 32, 4, 1, 64);
    }

    static void kLinearInputBfloat16(KernelContext c, IntArray words, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        product(c, m, m, words, m, m, p, INPUT, true, 16, 16, 8, 8, 16);
    }

    static void kLinearInputBfloat16Medium(KernelContext c, IntArray words, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        product(c, m, m, words, m, m, p, INPUT, true, 8, 16, 8, 4, 16);
    }

    static void kLinearInputBfloat16Narrow(KernelContext c, IntArray words, FloatArray m, IntArray p, IntArray runs) {
        Runs.count(c, p, runs);
        product(c, m, m, words, m, m, p, INPUT, true, 4, 32, 4, 1, 64);
    }

    /**
     * Computes a tile by {@code down * across} threads, each with R rows and C columns.
     *
     * @param words    weights of which two are in a word, read instead of {@code right} if {@code bfloat16}
     * @param kind     which of the three products
     * @param bfloat16 whether the right factor is such a weight
     * @param step     values of the summed index whose factors are in local memory at a time
     */
    private static void product(
            KernelContext c,
            FloatArray left,
            FloatArray right,
            IntArray words,
            FloatArray bias,
            FloatArray result,
            IntArray p,
            int kind,
            boolean bfloat16,
            int down,
            int across,
            int R,
            int C,
            int step) {
        int rows = p.get(Arg.ROWS);
        int columns = p.get(Arg.COLUMNS);
        int summed = p.get(Arg.SUMMED);
        int x = c.localIdx;
        int y = c.localIdy;
        int height = down * R;
        int width = across * C;
        int row = height * c.groupIdy;
        int column = width * c.groupIdx;

        // Where a thread's first number of either tile to copy is, and how far it is to the next ones: along what is
        // contiguous in memory, neighbouring threads copy neighbouring numbers.
        int threads = down * across;
        int thread = y * across + x;
        boolean leftAlong = kind != WEIGHT;
        int leftRow = leftAlong ? thread / step : thread % height;
        int leftS = leftAlong ? thread % step : thread / height;
        int leftDown = leftAlong ? threads / step : 0;
        int leftOn = leftAlong ? 0 : threads / height;
        boolean rightAlong = kind == INPUT;
        int rightColumn = rightAlong ? thread / step : thread % width;
        int rightS = rightAlong ? thread % step : thread / width;
        int rightDown = rightAlong ? threads / step : 0;
        int rightOn = rightAlong ? 0 : threads / width;
        int leftWidth = height + vector(R);
        int rightWidth = width + vector(C);
        float[] leftTile = c.allocateFloatLocalArray(step * leftWidth);
        float[] rightTile = c.allocateFloatLocalArray(step * rightWidth);

        int r = row + y * vector(R);
        int n = column + x * vector(C);
        int biasAt = p.get(Arg.BIAS);
        int from = p.get(Arg.RESULT);
        float[] sums = new float[R * C];
        for (int j = 0; j < C; j++) {
            float start = 0f;
            if (kind == FORWARD && biasAt >= 0 && offset(j, across) < columns - n) {
                start = bias.get(biasAt + n + offset(j, across));
            }
            for (int i = 0; i < R; i++) {
                float sum = start;
                if (kind != FORWARD && offset(i, down) < rows - r && offset(j, across) < columns - n) {
                    int at = resultIndex(kind, r, offset(i, down), n + offset(j, across), rows, columns);
                    sum = result.get(from + at);
                }
                sums[i * C + j] = sum;
            }
        }
        for (int first = 0; first < summed; first += step) {
            int leftAt = p.get(Arg.LEFT) + leftIndex(kind, row + leftRow, first + leftS, rows, summed);
            int leftBy = leftIndex(kind, leftDown, leftOn, rows, summed);
            float[] nextLeft = new float[R * step / across];
            for (int i = 0; i < R * step / across; i++) {
                float value = 0f;
                if (i * leftDown < rows - row - leftRow && i * leftOn < summed - first - leftS) {
                    value = left.get(leftAt + i * leftBy);
                }
                nextLeft[i] = value;
            }
            int rightAt = p.get(Arg.RIGHT);
            int index = rightIndex(kind, column + rightColumn, first + rightS, columns, summed);
            int rightBy = kind == WEIGHT ? rightOn * columns : 32 * (rightDown + rightOn);
            float[] nextRight = new float[C * step / down];
            int[] nextWords = new int[C * step / down];
            for (int i = 0; i < C * step / down; i++) {
                float value = -0f;
                int word = 0x80008000; // -0 twice
                if (i * rightDown < columns - column - rightColumn && i * rightOn < summed - first - rightS) {
                    if (bfloat16) {
                        word = words.get(rightAt + wordIndex(index + i * rightBy));
                    } else {
                        value = right.get(rightAt + index + i * rightBy);
                    }
                }
                nextRight[i] = value;
                nextWords[i] = word;
            }
            for (int i = 0; i < R * step / across; i++) {
                leftTile[leftS * leftWidth + leftRow + i * (leftOn * leftWidth + leftDown)] = nextLeft[i];
            }
            for (int i = 0; i < C * step / down; i++) {
                float value = nextRight[i];
                if (bfloat16) {
                    value = DeviceMath.widened(nextWords[i] >> (index & 16));
                }
                rightTile[rightS * rightWidth + rightColumn + i * (rightOn * rightWidth + rightDown)] = value;
            }
            c.localBarrier();
            for (int s = 0; s < step; s++) {
                float[] a = new float[R];
                for (int i = 0; i < R; i++) {
                    a[i] = leftTile[s * leftWidth + y * vector(R) + offset(i, down)];
                }
                float[] b = new float[C];
                for (int j = 0; j < C; j++) {
                    b[j] = rightTile[s * rightWidth + x * vector(C) + offset(j, across)];
                }
                for (int i = 0; i < R; i++) {
                    for (int j = 0; j < C; j++) {
                        sums[i * C + j] += a[i] * b[j];
                    }
                }
            }
            c.localBarrier();
        }
        int to = p.get(Arg.RESULT); // again: addresses would be kept in registers all the while
        for (int i = 0; i < R; i++) {
            for (int j = 0; j < C; j++) {
                if (offset(i, down) < rows - r && offset(j, across) < columns - n) {
                    int at = resultIndex(kind, r, offset(i, down), n + offset(j, across), rows, columns);
                    result.set(to + at, sums[i * C + j]);
                }
            }
        }
    }

    /** Length of the runs in which a thread's rows or columns lie, and padding of a tile's rows in local memory. */
    private static int vector(int count) {
        return Math.min(count, VECTOR);
    }

    /** Distance of the i-th of a thread's rows or columns from its first. */
    private static int offset(int i, int threads) {
        return (i & -VECTOR) * threads + (i & VECTOR - 1);
    }

    private static int leftIndex(int kind, int row, int s, int rows, int summed) {
        return kind == WEIGHT ? s * rows + row : row * summed + s;
    }

    private static int rightIndex(int kind, int column, int s, int columns, int summed) {
        if (kind == WEIGHT) {
            return s * columns + column;
        }
        return kind == INPUT ? panel(s, column, columns) : panel(column, s, summed);
    }

    /** Place of the element {@code i} rows below a row. */
    private static int resultIndex(int kind, int row, int i, int column, int rows, int columns) {
        return kind == WEIGHT ? panel(column, row, rows) + 32 * i : row * columns + column + i * columns;
    }

    /** Word of the weight at an index of single precision: feature j of a panel is its lower half, j + 16 its upper. */
    static int wordIndex(int index) {
        return (index >> 5) * 16 + (index & 15);
    }

    /** {@link org.rlvr4j.tensor.Panels#index}. */
    static int panel(int n, int k, int K) {
        return ((n >> 5) * K + k) * 32 + (n & 31);
    }
}
