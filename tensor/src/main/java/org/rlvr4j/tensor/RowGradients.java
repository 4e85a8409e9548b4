package org.rlvr4j.tensor;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Gradients of the looked-up rows of a table, separate from the gradient of the table until they are merged.
 *
 * <p>A table used in two places (a tied embedding) would otherwise sum its gradient in an order that depends on where a
 * mini-batch is split.
 */
public final class RowGradients {

    private final Tensor table;
    private final TensorArena arena;
    private final List<Chunk> chunks = new ArrayList<>();

    /**
     * Rows that were first looked up together.
     *
     * @param places index in {@code rows} of each token
     * @param rows   (places, C) gradients
     */
    private record Chunk(Map<Integer, Integer> places, Buffer rows) {}

    /** @param arena memory of the rows; its owner releases it after they were merged or dropped */
    RowGradients(Tensor table, TensorArena arena) {
        this.table = table;
        this.arena = arena;
    }

    /** Adds dy[t] to the row of token {@code ids[t]}, in the order of t. */
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

    /** Adds each row once to the gradient of the table, in an order that makes no difference. */
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
