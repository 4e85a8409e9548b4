package org.rlvr4j.tornado.library;

import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Product of two matrices that lie row by row in the device's memory, as a task finds it in its control array.
 *
 * @param rows     rows of the result
 * @param columns  columns of the result
 * @param summed   columns of the left factor, and rows of the right one
 * @param left     left factor, in the task's first array
 * @param right    right factor, in the second
 * @param result   result, in the third
 * @param adds     whether the product is added to the result, rather than replacing it
 * @param bfloat16 whether factors are rounded to bfloat16, rather than TensorFloat-32
 */
public record Product(
        int rows, int columns, int summed, Matrix left, Matrix right, Matrix result, boolean adds, boolean bfloat16) {

    /** Function of the library, as in a task of a graph. */
    public static final String FUNCTION = "product";

    /**
     * Matrix in an array.
     *
     * @param offset     index of its first number in the array
     * @param stride     numbers from the beginning of a row to that of the next
     * @param transposed whether the factor is the transposed of what lies there
     */
    public record Matrix(long offset, int stride, boolean transposed) {}

    /** Places in the control array: of sizes, matrices, and choices that are 1 or 0. */
    public static final class Arg {
        public static final int ROWS = 0, COLUMNS = 1, SUMMED = 2;
        public static final int LEFT = 3, LEFT_FIRST = 4, LEFT_STRIDE = 5, LEFT_TRANSPOSED = 6;
        public static final int RIGHT = 7, RIGHT_FIRST = 8, RIGHT_STRIDE = 9, RIGHT_TRANSPOSED = 10;
        public static final int RESULT = 11, RESULT_FIRST = 12, RESULT_STRIDE = 13;
        public static final int ADDS = 14, BFLOAT16 = 15;

        private Arg() {}
    }

    /**
     * The product that a control array describes.
     *
     * @param p the array, as the host has it when the task is run
     */
    public static Product of(IntArray p) {
        return new Product(
                p.get(Arg.ROWS),
                p.get(Arg.COLUMNS),
                p.get(Arg.SUMMED),
                new Matrix(
                        (long) p.get(Arg.LEFT) + p.get(Arg.LEFT_FIRST),
                        p.get(Arg.LEFT_STRIDE),
                        p.get(Arg.LEFT_TRANSPOSED) != 0),
                new Matrix(
                        (long) p.get(Arg.RIGHT) + p.get(Arg.RIGHT_FIRST),
                        p.get(Arg.RIGHT_STRIDE),
                        p.get(Arg.RIGHT_TRANSPOSED) != 0),
                new Matrix((long) p.get(Arg.RESULT) + p.get(Arg.RESULT_FIRST), p.get(Arg.RESULT_STRIDE), false),
                p.get(Arg.ADDS) != 0,
                p.get(Arg.BFLOAT16) != 0);
    }

    /** The product in words, for messages. */
    @Override
    public String toString() {
        return rows + " by " + summed + " by " + columns;
    }
}
