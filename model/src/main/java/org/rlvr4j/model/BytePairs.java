package org.rlvr4j.model;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Merges the bytes of a word into tokens: of all adjacent pairs the one that was learned first, the leftmost of equals,
 * until no pair is left that was learned. Takes O(n log n) for n bytes.
 *
 * @see <a href="https://arxiv.org/abs/1508.07909">Sennrich et al., 2016</a>
 */
final class BytePairs {

    private static final int CACHE = 1 << 16; // words
    private static final int LONGEST_CACHED = 64; // characters

    private final int[] byteIds;
    private final long[] keys; // open addressing; the left id in the high half, the right id in the low half
    private final int[] ranks;
    private final int[] merged; // id by rank
    private final @Nullable Word[] cache = new Word[CACHE]; // words are immutable, so a race costs only a miss

    /**
     * @param byteIds the token of each byte, -1 for none
     * @param merges  left id, right id and merged id of each pair in the order in which it was learned
     */
    BytePairs(int[] byteIds, int[][] merges) {
        this.byteIds = byteIds;
        int capacity = Integer.highestOneBit(Math.max(merges.length, 1)) << 2;
        keys = new long[capacity];
        Arrays.fill(keys, -1);
        ranks = new int[capacity];
        merged = new int[merges.length];
        for (int rank = 0; rank < merges.length; rank++) {
            int slot = slot(merges[rank][0], merges[rank][1]);
            keys[slot] = key(merges[rank][0], merges[rank][1]);
            ranks[slot] = rank;
            merged[rank] = merges[rank][2];
        }
    }

    /** Adds the tokens of the word {@code text[from..to)} to {@code out}. */
    void encode(char[] text, int from, int to, IntConsumer out) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = 31 * hash + text[i];
        }
        int slot = (hash ^ (hash >>> 16)) & (CACHE - 1);
        Word known = cache[slot];
        if (known != null && Arrays.equals(known.chars, 0, known.chars.length, text, from, to)) {
            emit(known.ids, out);
            return;
        }
        int[] ids = merge(new String(text, from, to - from));
        if (to - from <= LONGEST_CACHED) {
            cache[slot] = new Word(Arrays.copyOfRange(text, from, to), ids);
        }
        emit(ids, out);
    }

    private static void emit(int[] ids, IntConsumer out) {
        for (int id : ids) {
            out.accept(id);
        }
    }

    private int[] merge(String word) {
        byte[] bytes = word.getBytes(StandardCharsets.UTF_8);
        int n = bytes.length;
        var ids = new int[n];
        for (int i = 0; i < n; i++) {
            ids[i] = byteIds[Byte.toUnsignedInt(bytes[i])];
            if (ids[i] < 0) {
                throw new IllegalArgumentException(
                        "the tokenizer has no token for byte %d of \"%s\"".formatted(bytes[i] & 0xff, word));
            }
        }
        var next = new int[n];
        var previous = new int[n];
        var queue = new LongHeap(n);
        for (int i = 0; i < n; i++) {
            next[i] = i + 1;
            previous[i] = i - 1;
            offer(queue, ids, i, i + 1);
        }
        while (!queue.isEmpty()) {
            long first = queue.poll();
            int rank = (int) (first >>> Integer.SIZE);
            int i = (int) first;
            int j = next[i];
            if (ids[i] < 0 || j == n || rank(ids[i], ids[j]) != rank) {
                continue; // one of the two was merged with another since
            }
            ids[i] = merged[rank];
            ids[j] = -1;
            next[i] = next[j];
            if (next[j] < n) {
                previous[next[j]] = i;
            }
            offer(queue, ids, previous[i], i);
            offer(queue, ids, i, next[i]);
        }
        return Arrays.stream(ids).filter(id -> id >= 0).toArray();
    }

    private void offer(LongHeap queue, int[] ids, int i, int j) {
        int rank = i < 0 || j == ids.length ? -1 : rank(ids[i], ids[j]);
        if (rank >= 0) {
            queue.offer(((long) rank << Integer.SIZE) | i);
        }
    }

    private int rank(int left, int right) {
        int slot = slot(left, right);
        return keys[slot] < 0 ? -1 : ranks[slot];
    }

    /** The place of a pair in the table, or the free place where it would be put. */
    private int slot(int left, int right) {
        long key = key(left, right);
        long mixed = key * 0x9e3779b97f4a7c15L; // 2^64 divided by the golden ratio
        int slot = (int) (mixed >>> Integer.SIZE) & (keys.length - 1);
        while (keys[slot] != key && keys[slot] >= 0) {
            slot = (slot + 1) & (keys.length - 1);
        }
        return slot;
    }

    private static long key(int left, int right) {
        return ((long) left << Integer.SIZE) | right;
    }

    private static final class Word {

        final char[] chars;
        final int[] ids;

        Word(char[] chars, int[] ids) {
            this.chars = chars;
            this.ids = ids;
        }
    }
}
