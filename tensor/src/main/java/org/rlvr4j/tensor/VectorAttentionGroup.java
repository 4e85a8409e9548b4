package org.rlvr4j.tensor;

import java.lang.foreign.MemorySegment;

/**
 * The queries of one sequence that share a key-value head: rows {@code t * perGroup + h} of one matrix, so that 32 rows
 * stand at few positions and little is computed beyond the diagonal.
 *
 * @param start  the sequence's first token
 * @param length its tokens
 * @param head   the key-value head
 */
record VectorAttentionGroup(int start, int length, int head, Heads heads) {

    private static final int TALL = VectorTallTile.ROWS;

    int rows() {
        return length * heads.perGroup();
    }

    /** Where a row is among the rows of a (T, H, D) tensor. */
    long place(int row) {
        int h = head * heads.perGroup() + row % heads.perGroup();
        return (long) (start + position(row)) * heads.query() + h;
    }

    int position(int row) {
        return row / heads.perGroup();
    }

    /** Where the sequence's first key is in a (T, G, D) tensor. */
    long firstKey() {
        return ((long) start * heads.keyValue() + head) * heads.size();
    }

    /** Elements from one key to the next. */
    int keyDistance() {
        return heads.keyValue() * heads.size();
    }

    /** Keys, a tall tile's positions side by side: (positions / TALL, D, TALL). */
    void packRows(MemorySegment from, float[] own, float[] to) {
        int D = heads.size();
        for (int t = 0; t < length; t += TALL) {
            long at = firstKey() + (long) t * keyDistance();
            VectorPacking.tall(from, at, keyDistance(), 1, Math.min(TALL, length - t), TALL, D, own, to, t * D);
        }
    }

    /** Keys, a tall tile's features side by side: (D / TALL, positions, TALL). */
    void packColumns(MemorySegment from, float[] own, float[] to) {
        int D = heads.size();
        for (int d = 0; d < D; d += TALL) {
            int features = Math.min(TALL, D - d);
            VectorPacking.tall(from, firstKey() + d, 1, keyDistance(), features, TALL, length, own, to, d * length);
        }
    }

    /** Copies the group's rows of a (T, G, D) tensor to (D / 32, positions, 32). */
    void toStrips(MemorySegment from, MemorySegment to, long positions) {
        for (int d = 0; d < heads.size(); d += Panels.WIDTH) {
            int cols = Math.min(Panels.WIDTH, heads.size() - d);
            VectorGemm.copy(from, firstKey() + d, keyDistance(), to, d * positions, Panels.WIDTH, length, cols);
        }
    }

    /** Copies them back. */
    void fromStrips(MemorySegment from, long positions, MemorySegment to) {
        for (int d = 0; d < heads.size(); d += Panels.WIDTH) {
            int cols = Math.min(Panels.WIDTH, heads.size() - d);
            VectorGemm.copy(from, d * positions, Panels.WIDTH, to, firstKey() + d, keyDistance(), length, cols);
        }
    }

    static int roundUp(int n, int multiple) {
        return (n + multiple - 1) / multiple * multiple;
    }
}
