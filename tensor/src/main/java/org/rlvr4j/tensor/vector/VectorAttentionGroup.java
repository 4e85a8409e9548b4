package org.rlvr4j.tensor.vector;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.Panels;

/**
 * Queries of one sequence that share a key-value head: rows {@code t * perGroup + h} of one matrix, so that 32 rows
 * span few positions and little is computed beyond the diagonal.
 *
 * @param start  row of the sequence's first token in the batch
 * @param length number of tokens of the sequence
 * @param head   key-value head, 0 to G - 1
 * @param heads  H, G and D
 */
record VectorAttentionGroup(int start, int length, int head, Heads heads) {

    private static final int TILE = VectorTile.ROWS;

    int rows() {
        return length * heads.perGroup();
    }

    /** Index of a row among the T * H rows of a (T, H, D) tensor. */
    long place(int row) {
        int h = head * heads.perGroup() + row % heads.perGroup();
        return (long) (start + position(row)) * heads.query() + h;
    }

    int position(int row) {
        return row / heads.perGroup();
    }

    /** Index of the sequence's first key in a (T, G, D) tensor. */
    long firstKey() {
        return ((long) start * heads.keyValue() + head) * heads.size();
    }

    /** Elements from one key to the next. */
    int keyDistance() {
        return heads.keyValue() * heads.size();
    }

    /** Packs keys, the positions of a tile side by side: (positions / TILE, D, TILE). */
    void packRows(MemorySegment from, float[] scratch, float[] to) {
        int D = heads.size();
        for (int t = 0; t < length; t += TILE) {
            long at = firstKey() + (long) t * keyDistance();
            VectorPacking.tile(
                    from, at, keyDistance(), 1, Math.min(TILE, length - t), VectorTile.GROUP, D, scratch, to, t * D);
        }
    }

    /** Packs keys, the features of a tile side by side: (D / TILE, positions, TILE). */
    void packColumns(MemorySegment from, float[] scratch, float[] to) {
        int D = heads.size();
        for (int d = 0; d < D; d += TILE) {
            int features = Math.min(TILE, D - d);
            VectorPacking.tile(
                    from,
                    firstKey() + d,
                    1,
                    keyDistance(),
                    features,
                    VectorTile.group(features),
                    length,
                    scratch,
                    to,
                    d * length);
        }
    }

    /** Copies the group's rows (D / 32, positions, 32) to a (T, G, D) tensor, and zeroes them for the next group. */
    void fromStrips(float[] from, int positions, MemorySegment to) {
        var strips = MemorySegment.ofArray(from);
        for (int d = 0; d < heads.size(); d += Panels.WIDTH) {
            int cols = Math.min(Panels.WIDTH, heads.size() - d);
            long at = (long) d * positions;
            VectorGemm.copy(strips, at, Panels.WIDTH, to, firstKey() + d, keyDistance(), length, cols);
            Arrays.fill(from, d * positions, d * positions + roundUp(length, TILE) * Panels.WIDTH, 0);
        }
    }

    static int roundUp(int n, int multiple) {
        return (n + multiple - 1) / multiple * multiple;
    }
}
