package org.rlvr4j.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
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
    private final List<Chunk> chunks = new ArrayList<>();

    /** The rows that were first looked up together: where each is, and their gradients. */
    private record Chunk(Map<Integer, Integer> places, Buffer rows) {}

    /** @param arena whose owner takes the rows' memory back after they were merged or dropped */
    RowGradients(Tensor table, TensorArena arena) {
        this.table = table;
        this.arena = arena;
    }

    /** row[ids[t]] += dy[t], in the order of t. */
    void add(int[] ids, Buffer dy) {
        Map<Integer, Integer> places = new HashMap<>();
        for (int id : ids) {
            if (chunks.stream().noneMatch(chunk -> chunk.places.containsKey(id))) {
                places.putIfAbsent(id, places.size());
            }
        }
        if (!places.isEmpty()) {
            Buffer rows = arena.allocate((long) places.size() * table.cols());
            rows.zero();
            chunks.add(new Chunk(places, rows));
        }
        for (Chunk chunk : chunks) {
            int[] rows = Arrays.stream(ids)
                    .map(id -> chunk.places.getOrDefault(id, -1))
                    .toArray();
            if (Arrays.stream(rows).anyMatch(row -> row >= 0)) {
                backend().addToRows(dy, rows, chunk.rows, table.cols());
            }
        }
    }

    /** Adds every row to the table's gradient, each once: in which order makes no difference. */
    void merge() {
        for (Chunk chunk : chunks) {
            var ids = new int[chunk.places.size()];
            chunk.places.forEach((id, place) -> ids[place] = id);
            backend().embeddingBackward(ids, chunk.rows, table.grad(), table.cols());
        }
        drop();
    }

    void drop() {
        chunks.clear();
    }

    private Backend backend() {
        return table.workspace().backend();
    }
}
