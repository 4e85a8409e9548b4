package org.rlvr4j.tensor;

import java.util.HashMap;
import java.util.Map;

/**
 * Gradients of the rows of a table that were looked up, apart from the table's own gradient until they are merged.
 *
 * <p>A table used in two places (a tied embedding) would otherwise add up its gradient in an order that depends on where
 * a mini-batch is cut.
 */
public final class RowGradients {

    private final Tensor table;
    private final TensorArena arena;
    private final Map<Integer, Buffer> rows = new HashMap<>();

    /** @param arena whose owner takes the rows' memory back after they were merged or dropped */
    RowGradients(Tensor table, TensorArena arena) {
        this.table = table;
        this.arena = arena;
    }

    /** row[ids[t]] += dy[t], in the order of t. */
    void add(int[] ids, Buffer dy) {
        int C = table.cols();
        for (int t = 0; t < ids.length; t++) {
            Buffer row = rows.computeIfAbsent(ids[t], _ -> arena.zeros(C));
            table.workspace().backend().addTo(dy.slice((long) t * C, C), row);
        }
    }

    /** Adds every row to the table's gradient, each once: in which order makes no difference. */
    void merge() {
        rows.forEach((id, row) ->
                table.workspace().backend().embeddingBackward(new int[] {id}, row, table.grad(), table.cols()));
        drop();
    }

    void drop() {
        rows.clear();
    }
}
