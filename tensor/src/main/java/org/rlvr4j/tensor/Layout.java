package org.rlvr4j.tensor;

/** Order of a matrix's elements in memory. */
public enum Layout {
    /** Row by row, as activations, biases and scales are. */
    ROWS {
        @Override
        long index(int row, int col, int cols, DType type) {
            return (long) row * cols + col;
        }

        @Override
        long size(Shape shape) {
            return shape.size();
        }
    },
    /** {@link Panels}, as the weights of linear layers and the tables of embeddings are. */
    PANELS {
        @Override
        long index(int row, int col, int cols, DType type) {
            return Panels.index(row, col, cols, type);
        }

        @Override
        long size(Shape shape) {
            return Panels.size(shape);
        }
    };

    /** Index of element (row, col) of a matrix with {@code cols} columns of elements of {@code type}. */
    abstract long index(int row, int col, int cols, DType type);

    /** Number of elements that a matrix takes in memory, padding included. */
    abstract long size(Shape shape);
}
