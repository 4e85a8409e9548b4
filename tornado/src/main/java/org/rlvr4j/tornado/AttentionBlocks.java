package org.rlvr4j.tornado;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.Segments;

/**
 * Work of attention over packed rows, as lists for its kernels: blocks of queries, blocks of keys, and where the
 * positions of each sequence lie. What a group has to do is decided by its block alone; the longest come first.
 *
 * <p>The queries of a sequence that share a key-value head are rows {@code t * perGroup + h} of one matrix.
 */
final class AttentionBlocks {

    /** Queries of a block. */
    static final int QUERIES = 64;

    /** Positions of a block of keys. */
    static final int KEYS = 32;

    /** What a list says of a block: its sequence, then its own first row or position. */
    static final int START = 0, LENGTH = 1, BEFORE = 2, PIECE = 3, FIRST = 4;

    /** Numbers of a block of queries. */
    static final int QUERY_BLOCK = 5;

    /** What a list says besides of a block of keys: how many, and the row of their gradients. */
    static final int COUNT = 5, TO = 6;

    /** Numbers of a block of keys. */
    static final int KEY_BLOCK = 7;

    /** What a list says of a row that parts are added to: the row, its position, and its parts. */
    static final int ROW = 0, POSITION = 1, PART = 2, PARTS = 3;

    /** Numbers of a row that parts are added to. */
    static final int SUM = 4;

    private final Segments segments;
    private final Heads heads;
    private final int[] firstPieces;
    private final int[] pieces;
    private final int[] partStarts; // of each sequence's part in the gradients of those it continues, then the total

    /** A block, and how much there is to do. */
    @SuppressWarnings("ArrayRecordComponent") // made once, and only read
    private record Block(int[] numbers, long work) {}

    AttentionBlocks(Segments segments, Heads heads) {
        this.segments = segments;
        this.heads = heads;
        firstPieces = new int[segments.count()];
        partStarts = new int[segments.count() + 1];
        var all = new ArrayList<int[]>();
        for (int s = 0; s < segments.count(); s++) {
            firstPieces[s] = all.size();
            partStarts[s + 1] = Math.addExact(partStarts[s], segments.before(s));
            var path = new ArrayList<int[]>();
            int end = segments.before(s) + segments.length(s);
            for (int part = s; part != Segments.NONE; part = segments.parent(part)) {
                boolean outside = part == segments.count();
                int first = end - (outside ? segments.outside() : segments.length(part));
                path.addFirst(new int[] {(outside ? segments.total() : segments.start(part)) - first, end});
                end = first;
            }
            all.addAll(path);
        }
        pieces = all.stream().flatMapToInt(Arrays::stream).toArray();
    }

    /**
     * Of each piece of a sequence {@code offset} and the position that ends it: position j has row {@code offset + j},
     * those of the sequence outside of the batch from the number of rows on.
     */
    int[] pieces() {
        return pieces;
    }

    /** Rows of all parts of gradients that sequences add to those which they continue. */
    int partRows() {
        return partStarts[segments.count()];
    }

    /** Blocks of queries. */
    int[] queries() {
        List<Block> blocks = new ArrayList<>();
        for (int s = 0; s < segments.count(); s++) {
            int rows = Math.multiplyExact(segments.length(s), heads.perGroup());
            for (int first = 0; first < rows; first += QUERIES) {
                int last = Math.min(first + QUERIES, rows) - 1;
                blocks.add(new Block(
                        new int[] {segments.start(s), segments.length(s), segments.before(s), firstPieces[s], first},
                        segments.before(s) + last / heads.perGroup()));
            }
        }
        return sorted(blocks);
    }

    /**
     * Blocks of keys: of the positions that a sequence continues, whose gradients are a part, and of its own.
     */
    int[] keys() {
        List<Block> blocks = new ArrayList<>();
        for (int s = 0; s < segments.count(); s++) {
            int before = segments.before(s);
            if (segments.length(s) > 0) {
                addKeys(blocks, s, 0, before, partStarts[s]);
                addKeys(blocks, s, before, before + segments.length(s), segments.start(s));
            }
        }
        return sorted(blocks);
    }

    private void addKeys(List<Block> blocks, int s, int from, int end, int to) {
        for (int first = from; first < end; first += KEYS) {
            int count = Math.min(KEYS, end - first);
            int before = segments.before(s);
            int[] numbers = {
                segments.start(s), segments.length(s), before, firstPieces[s], first, count, to + first - from
            };
            blocks.add(new Block(numbers, before + segments.length(s) - Math.max(first, before)));
        }
    }

    private static int[] sorted(List<Block> blocks) {
        return blocks.stream()
                .sorted(Comparator.comparingLong(Block::work).reversed())
                .flatMapToInt(block -> Arrays.stream(block.numbers))
                .toArray();
    }

    /** Rows that sequences which continue theirs add parts to. */
    int[] sums() {
        List<int[]> sums = new ArrayList<>();
        int part = 0;
        for (int target = 0; target <= segments.count(); target++) {
            int parts = partsOf(target).size();
            boolean outside = target == segments.count();
            int length = outside ? segments.outside() : segments.length(target);
            for (int t = 0; t < length && parts > 0; t++) {
                int row = (outside ? segments.total() : segments.start(target)) + t;
                sums.add(new int[] {row, segments.before(target) + t, part, parts});
            }
            part += parts;
        }
        return sums.stream().flatMapToInt(Arrays::stream).toArray();
    }

    /** Where the parts of those rows begin, those of a row in the order of the sequences that they come from. */
    int[] parts() {
        List<Integer> parts = new ArrayList<>();
        for (int target = 0; target <= segments.count(); target++) {
            parts.addAll(partsOf(target));
        }
        return parts.stream().mapToInt(Integer::intValue).toArray();
    }

    private List<Integer> partsOf(int target) {
        List<Integer> parts = new ArrayList<>();
        for (int s = 0; s < segments.count(); s++) {
            for (int parent = segments.parent(s); parent != Segments.NONE; parent = segments.parent(parent)) {
                if (parent == target && segments.length(s) > 0) {
                    parts.add(partStarts[s]);
                }
            }
        }
        return parts;
    }
}
