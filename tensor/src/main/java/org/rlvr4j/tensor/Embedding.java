package org.rlvr4j.tensor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Embedding lookup: one row of a table for each token.
 *
 * @param table        (V, C) embedding table, in panels
 * @param ids          (T) token of each row
 * @param rowGradients gradients of rows, to be merged into the table's gradient later; null if they are added to it at
 *                     once
 */
@SuppressWarnings("ArrayRecordComponent") // an operation is compared by identity
public record Embedding(Tensor table, int[] ids, @Nullable RowGradients rowGradients) implements Op {

    /**
     * Rows (T, C) of a table.
     *
     * @param table        (V, C)
     * @param ids          (T) row of the table for each row of the result
     * @param rowGradients receives the gradient instead of the table; null for none
     */
    public static Tensor forward(Tensor table, int[] ids, @Nullable RowGradients rowGradients) {
        for (int id : ids) {
            if (id < 0 || id >= table.rows()) {
                throw new IllegalArgumentException("token " + id + " is not among the model's " + table.rows());
            }
        }
        var shape = new Shape(ids.length, table.cols());
        Buffer y = table.workspace().allocate(shape.size());
        var op = new Embedding(table.inPanels(), ids, rowGradients);
        table.workspace().backend().embedding(op, y);
        return Tensor.of(op, shape, y);
    }

    @Override
    public List<Tensor> inputs() {
        return List.of(table);
    }

    /** dtable[ids[t]] += dy[t]. */
    @Override
    public void backward(Tensor out) {
        if (rowGradients == null) {
            out.workspace().backend().embeddingBackward(ids, out.grad(), table.grad(), table.cols());
        } else {
            rowGradients.add(ids, out.grad());
        }
    }
}
