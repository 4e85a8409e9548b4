package org.rlvr4j.tensor;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Looks up a row of a table for each token.
 *
 * @param table (V, C) in panels
 * @param ids   the tokens
 * @param apart where the gradients of rows wait to be added to the table's, or none if they are added at once
 */
@SuppressWarnings("ArrayRecordComponent") // an operation is compared by identity
public record Embedding(Tensor table, int[] ids, @Nullable RowGradients apart) implements Op {

    public static Tensor forward(Tensor table, int[] ids, @Nullable RowGradients apart) {
        for (int id : ids) {
            if (id < 0 || id >= table.rows()) {
                throw new IllegalArgumentException("token " + id + " is not among the model's " + table.rows());
            }
        }
        var shape = new Shape(ids.length, table.cols());
        Buffer y = table.workspace().allocate(shape.size());
        table.workspace().backend().embedding(ids, table.data(), y, table.cols());
        return Tensor.of(new Embedding(table, ids, apart), shape, y);
    }

    @Override
    public List<Tensor> inputs() {
        return List.of(table);
    }

    /** dtable[ids[t]] += dy[t]. */
    @Override
    public void backward(Tensor out) {
        if (apart == null) {
            out.workspace().backend().embeddingBackward(ids, out.grad(), table.grad(), table.cols());
        } else {
            apart.add(ids, out.grad());
        }
    }
}
