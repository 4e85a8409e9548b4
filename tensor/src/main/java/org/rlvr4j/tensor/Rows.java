package org.rlvr4j.tensor;

import java.util.List;

/**
 * Selection of rows of a matrix: {@code y[i] = x[rows[i]]}.
 *
 * @param x    (T, C) matrix
 * @param rows selected rows, each at most once
 */
@SuppressWarnings("ArrayRecordComponent") // an operation is compared by identity
public record Rows(Tensor x, int[] rows) implements Op {

    /**
     * Selected rows of x.
     *
     * @param x    (T, C)
     * @param rows row of x for each row of the result
     */
    public static Tensor forward(Tensor x, int[] rows) {
        int C = x.cols();
        Buffer y = x.workspace().allocate((long) rows.length * C);
        x.workspace().backend().copyRows(x.data(), rows, y, C);
        return Tensor.of(new Rows(x, rows), new Shape(rows.length, C), y);
    }

    @Override
    public List<Tensor> inputs() {
        return List.of(x);
    }

    /** dx[rows[i]] += dy[i]. */
    @Override
    public void backward(Tensor out) {
        out.workspace().backend().addToRows(out.grad(), rows, x.grad(), x.cols());
    }
}
