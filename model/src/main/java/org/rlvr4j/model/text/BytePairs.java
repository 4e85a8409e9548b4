package org.rlvr4j.model.text;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Json;

/**
 * Byte-pair encoder, which merges the bytes of a word into tokens: of all adjacent pairs the one that was learned first,
 * the leftmost of equals, until no learned pair remains. Takes O(n log n) for n bytes.
 *
 * @see <a href="https://arxiv.org/abs/1508.07909">Sennrich et al., 2016</a>
 */
final class BytePairs {

    private static final int CACHE = 1 << 16; // words
    private static final int LONGEST_CACHED = 64; // characters

    private final Path file;
    private final int[] byteIds;
    private final Unknown unknown;
    private final Map<String, Integer> wholeWords;
    private final long[] keys; // open addressing; the left id in the high half, the right id in the low half
    private final int[] ranks;
    private final int[] merged; // id by rank
    private final @Nullable Word[] cache = new Word[CACHE]; // words are immutable, so a race costs only a miss

    /**
     * @param file       tokenizer file, named in the error if a byte has no token
     * @param byteIds    token id of each byte, -1 for none
     * @param unknown    what becomes of a byte without a token
     * @param merges     left id, right id and merged id of each pair, in the order in which the pairs were learned
     * @param wholeWords ids of words that are tokens without being merged, spelled in the {@link ByteAlphabet}
     */
    BytePairs(Path file, int[] byteIds, Unknown unknown, int[][] merges, Map<String, Integer> wholeWords) {
        this.file = file;
        this.byteIds = byteIds;
        this.unknown = unknown;
        this.wholeWords = wholeWords;
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
        Integer whole = wholeWords.isEmpty() ? null : wholeWords.get(ByteAlphabet.spell(bytes));
        if (whole != null) {
            return new int[] {whole};
        }
        int[] ids = ids(bytes, word);
        merge(ids);
        return Arrays.stream(ids).filter(id -> id >= 0).toArray();
    }

    private int[] ids(byte[] bytes, String word) {
        var ids = new int[bytes.length];
        int count = 0;
        boolean isKnown = true;
        for (byte b : bytes) {
            boolean wasKnown = isKnown;
            int id = byteIds[Byte.toUnsignedInt(b)];
            isKnown = id >= 0;
            if (isKnown) {
                ids[count++] = id;
            } else if (unknown.isRefused) {
                throw new IllegalArgumentException(
                        "%s has no token for byte %d of \"%s\"".formatted(file, b & 0xff, Json.shown(word)));
            } else if (unknown.id != null && (wasKnown || !unknown.fuses)) {
                ids[count++] = unknown.id;
            }
        }
        return Arrays.copyOf(ids, count);
    }

    /** Merges in place: a merged token stands where its first byte was, and -1 where its other bytes were. */
    private void merge(int[] ids) {
        int n = ids.length;
        var next = new int[n];
        var previous = new int[n];
        var pairs = new TreeMap<Integer, IntStream.Builder>(); // indices of left tokens by rank
        for (int i = 0; i < n; i++) {
            next[i] = i + 1;
            previous[i] = i - 1;
            offer(pairs, ids, i, i + 1);
        }
        for (var first = pairs.pollFirstEntry(); first != null; first = pairs.pollFirstEntry()) {
            int rank = first.getKey();
            for (int i : first.getValue().build().sorted().toArray()) {
                int j = next[i];
                if (ids[i] < 0 || j == n || rank(ids[i], ids[j]) != rank) {
                    continue; // one of the two was merged with another since
                }
                if (!pairs.isEmpty() && pairs.firstKey() < rank) {
                    offer(pairs, ids, i, j); // postponed: the last merge made a pair that was learned before this one
                    continue;
                }
                ids[i] = merged[rank];
                ids[j] = -1;
                next[i] = next[j];
                if (next[j] < n) {
                    previous[next[j]] = i;
                }
                offer(pairs, ids, previous[i], i);
                offer(pairs, ids, i, next[i]);
            }
        }
    }

    private void offer(Map<Integer, IntStream.Builder> pairs, int[] ids, int i, int j) {
        int rank = i < 0 || j == ids.length ? -1 : rank(ids[i], ids[j]);
        if (rank >= 0) {
            pairs.computeIfAbsent(rank, _ -> IntStream.builder()).accept(i);
        }
    }

    private int rank(int left, int right) {
        int slot = slot(left, right);
        return keys[slot] < 0 ? -1 : ranks[slot];
    }

    /** The table slot of a pair, or the free slot where it would be put. */
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

    /**
     * What becomes of a byte without a token.
     *
     * @param isRefused whether it is an error
     * @param id        token that takes its place, or null if it is left out
     * @param fuses     whether one token takes the place of several such bytes in a row
     */
    record Unknown(boolean isRefused, @Nullable Integer id, boolean fuses) {}

    private static final class Word {

        final char[] chars;
        final int[] ids;

        Word(char[] chars, int[] ids) {
            this.chars = chars;
            this.ids = ids;
        }
    }
}
