package org.rlvr4j.tensor.vector;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Segments;

/**
 * Queries of one sequence that share a key-value head: rows {@code t * perGroup + h} of one matrix, so that 32 rows
 * span few positions and little is computed beyond the diagonal.
 *
 * @param sequence number of the sequence
 * @param start    row of the sequence's first token in the batch
 * @param length   number of tokens of the sequence, without those of sequences that it continues
 * @param before   number of positions of the sequences that it continues
 * @param head     key-value head, 0 to G - 1
 * @param heads    H, G and D
 */
record VectorAttentionGroup(int sequence, int start, int length, int before, int head, Heads heads) {

    private static final int TILE = VectorTile.ROWS;

    /**
     * Keys or values of this group's positions.
     *
     * @param data     memory that holds them
     * @param first    index of the first one
     * @param distance elements from one to the next
     */
    record Positions(MemorySegment data, long first, int distance) {}

    static VectorAttentionGroup of(int group, Segments segments, Heads heads) {
        int s = group / heads.keyValue();
        return new VectorAttentionGroup(
                s, segments.start(s), segments.length(s), segments.before(s), group % heads.keyValue(), heads);
    }

    /** Largest number of positions of a sequence, those included that it continues. */
    static int longest(Segments segments) {
        return IntStream.range(0, segments.count())
                .map(s -> segments.before(s) + segments.length(s))
                .max()
                .orElse(1);
    }

    /** Elements into which {@link #positions(Buffer, Buffer, Segments, MemorySegment)} gathers at most. */
    static long gathered(Segments segments, Heads heads) {
        return segments.isTree() ? (long) longest(segments) * heads.size() : 0;
    }

    int rows() {
        return length * heads.perGroup();
    }

    /** Index of a row among the T * H rows of a (T, H, D) tensor. */
    long place(int row) {
        int h = head * heads.perGroup() + row % heads.perGroup();
        return (long) (start + row / heads.perGroup()) * heads.query() + h;
    }

    int position(int row) {
        return before + row / heads.perGroup();
    }

    /** Number of positions, those included that the sequence continues. */
    int positions() {
        return before + length;
    }

    /** Index of a row's key in a (T, G, D) tensor. */
    long key(int row) {
        return ((long) row * heads.keyValue() + head) * heads.size();
    }

    /** Elements from one key to the next. */
    int keyDistance() {
        return heads.keyValue() * heads.size();
    }

    /**
     * Keys or values of all positions: where they lie, or gathered if the sequence continues others.
     *
     * @param x        (T, G, D) keys or values of the batch
     * @param prefix   (P, G, D) those of the sequence outside of the batch, or null
     * @param segments row ranges of the sequences
     * @param gathered memory to gather in
     */
    Positions positions(Buffer x, @Nullable Buffer prefix, Segments segments, MemorySegment gathered) {
        if (before == 0) {
            return new Positions(x.segment(), key(start), keyDistance());
        }
        int[] rows = segments.rows(sequence);
        for (int t = 0; t < rows.length; t++) {
            int outside = rows[t] - segments.total();
            MemorySegment from = prefix != null && outside >= 0 ? prefix.segment() : x.segment();
            long at = key(outside >= 0 ? outside : rows[t]);
            VectorGemm.copy(from, at, 0, gathered, (long) t * heads.size(), 0, 1, heads.size());
        }
        return new Positions(gathered, 0, heads.size());
    }

    /** Packs keys, the positions of a tile side by side: (positions / TILE, D, TILE). */
    void packRows(Positions from, float[] scratch, float[] to) {
        int D = heads.size();
        for (int t = 0; t < positions(); t += TILE) {
            long at = from.first + (long) t * from.distance;
            int count = Math.min(TILE, positions() - t);
            VectorPacking.tile(from.data, at, from.distance, 1, count, VectorTile.GROUP, D, scratch, to, t * D);
        }
    }

    /** Packs keys, the features of a tile side by side: (D / TILE, positions, TILE). */
    void packColumns(Positions from, float[] scratch, float[] to) {
        int D = heads.size();
        for (int d = 0; d < D; d += TILE) {
            int features = Math.min(TILE, D - d);
            VectorPacking.tile(
                    from.data,
                    from.first + d,
                    1,
                    from.distance,
                    features,
                    VectorTile.group(features),
                    positions(),
                    scratch,
                    to,
                    d * positions());
        }
    }

    /**
     * Moves the group's positions (D / 32, positions, 32) to a (T, G, D) tensor, and leaves zeros for the next group.
     *
     * @param part receives the positions before the sequence's own, as (before, G, D) from index {@code at} on
     */
    void fromStrips(float[] from, int stripPositions, MemorySegment to, MemorySegment part, long at) {
        var strips = MemorySegment.ofArray(from);
        for (int d = 0; d < heads.size(); d += Panels.WIDTH) {
            int cols = Math.min(Panels.WIDTH, heads.size() - d);
            long first = (long) d * stripPositions;
            VectorGemm.copy(strips, first, Panels.WIDTH, part, at + key(0) + d, keyDistance(), before, cols);
            long own = first + (long) before * Panels.WIDTH;
            VectorGemm.copy(strips, own, Panels.WIDTH, to, key(start) + d, keyDistance(), length, cols);
            Arrays.fill(from, d * stripPositions, d * stripPositions + roundUp(positions(), TILE) * Panels.WIDTH, 0);
        }
    }

    static int roundUp(int n, int multiple) {
        return (n + multiple - 1) / multiple * multiple;
    }
}
