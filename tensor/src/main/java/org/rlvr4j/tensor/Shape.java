package org.rlvr4j.tensor;

/**
 * A matrix's size; a column of numbers is (n, 1).
 *
 * @param rows positions, or output features of a weight
 * @param cols features of one position, or input features of a weight
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
