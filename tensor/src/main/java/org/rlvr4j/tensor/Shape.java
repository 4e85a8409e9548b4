package org.rlvr4j.tensor;

/**
 * Shape of a matrix; a column of numbers is (n, 1).
 *
 * @param rows number of positions, or of output features of a weight
 * @param cols number of features per position, or of input features of a weight
 */
public record Shape(int rows, int cols) {

    public Shape {
        if (rows < 0 || cols < 1) {
            throw new IllegalArgumentException("no such shape: (" + rows + ", " + cols + ")");
        }
    }

    public long size() {
        return (long) rows * cols;
    }

    @Override
    public String toString() {
        return "(" + rows + ", " + cols + ")";
    }
}
