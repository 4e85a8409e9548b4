package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.tornado.TestDevice;

/** Attention on the device where its blocks, tiles and parts end: it has the bits of the scalar backend's. */
class AttentionOnDeviceTest implements KernelComparison {

    @Override
    public Backend backend() {
        return TestDevice.backend();
    }

    @ParameterizedTest
    @CsvSource({
        "2, 1, 2, 127 128 129 255 256 257",
        "3, 1, 34, 31 32 33 63 64 65 127 129",
        "4, 2, 64, 257 128 127",
        "9, 3, 16, 129 43",
        "2, 2, 128, 64 129",
        "2, 1, 256, 33 129",
        "1, 1, 66, 1 128"
    })
    void sequencesOfAnyLengthHaveTheScalarBits(int H, int G, int D, String lengths) {
        int[] numbers =
                Arrays.stream(lengths.split(" ")).mapToInt(Integer::parseInt).toArray();
        assertSameAsScalar(Segments.ofLengths(numbers), new Heads(H, G, D));
    }

    @ParameterizedTest
    @CsvSource({"2, 1, 2", "6, 2, 34", "3, 3, 64", "5, 1, 128"})
    void sequencesThatContinueOthersHaveTheScalarBits(int H, int G, int D) {
        var turns = Segments.ofLengths(31, 0, 65, 5, 64, 33).continuing(0, 4, 4, 4, 5, 5, Segments.NONE);
        var outside = Segments.ofLengths(1, 40, 3, 29).continuing(100, 3, 4, 4, 4);

        assertSameAsScalar(turns, new Heads(H, G, D));
        assertSameAsScalar(outside, new Heads(H, G, D));
    }

    @ParameterizedTest
    @CsvSource({"2, 1, 256", "18, 2, 30", "8, 1, 128", "3, 3, 2"})
    void cachedSequencesHaveTheScalarBits(int H, int G, int D) {
        try (var cache = new PagedCache(workspace(), 1, new Heads(H, G, D), 7)) {
            int[] pages = new int[7 * PagedCache.POSITIONS];
            int[] slots = new int[pages.length];
            Arrays.setAll(pages, i -> i / PagedCache.POSITIONS);
            Arrays.setAll(slots, i -> i % PagedCache.POSITIONS);
            Buffer k = random(pages.length * G * D, 1);
            Buffer v = random(pages.length * G * D, 2);
            backend().cacheAppend(k, v, cache, 0, pages, slots);
            PagedCache.Sequence[] sequences = {
                new PagedCache.Sequence(new int[] {3}, new int[] {1}),
                new PagedCache.Sequence(new int[] {6, 1}, new int[] {64, 63}),
                new PagedCache.Sequence(new int[] {6, 2}, new int[] {64, 64}),
                new PagedCache.Sequence(new int[] {6, 5, 0, 4, 2}, new int[] {64, 1, 64, 64, 64})
            };
            Buffer q = random(4 * H * D, 3);
            Buffer expected = arena().zeros(q.length());
            Buffer actual = random(4 * H * D, 4);

            SCALAR.cachedAttention(q, expected, cache, 0, sequences, H);
            backend().cachedAttention(q, actual, cache, 0, sequences, H);

            KernelComparison.assertSameBits(actual, expected);
        }
    }

    @ParameterizedTest
    @CsvSource({"2, 1, 256", "18, 2, 30", "8, 1, 128", "3, 3, 2"})
    void sequencesCachedAsBfloat16HaveTheScalarBits(int H, int G, int D) {
        var heads = new Heads(H, G, D);
        try (var expectedCache = new PagedCache(workspace(), 2, heads, 3, DType.BF16);
                var cache = new PagedCache(workspace(), 2, heads, 3, DType.BF16)) {
            for (PagedCache each : List.of(expectedCache, cache)) {
                each.keys(1).zero();
                each.values(1).zero();
            }
            // Whole words and halves, in any order.
            int[][] slots = {range(0, 64), {6}, {0}, {1}, {9, 3, 8, 5, 62}, {7}, {2, 63}, range(10, 61)};
            for (int i = 0; i < slots.length; i++) {
                int[] pages = new int[slots[i].length];
                Arrays.fill(pages, i == 0 ? 2 : 1);
                Buffer k = special(random(pages.length * G * D, i), i);
                Buffer v = special(random(pages.length * G * D, 100 + i), 1 + i);
                SCALAR.cacheAppend(k, v, expectedCache, 1, pages, slots[i]);
                backend().cacheAppend(k, v, cache, 1, pages, slots[i]);
                KernelComparison.assertSameBits(cache.keys(1), expectedCache.keys(1));
                KernelComparison.assertSameBits(cache.values(1), expectedCache.values(1));
            }
            var sequence = new PagedCache.Sequence[] {new PagedCache.Sequence(new int[] {2, 1}, new int[] {64, 63})};
            int[] both = range(0, 64);
            Buffer k = random(both.length * G * D, 7);
            Buffer v = random(both.length * G * D, 8);
            for (int page = 1; page < 3; page++) { // without numbers that are none
                int[] pages = new int[both.length];
                Arrays.fill(pages, page);
                backend().cacheAppend(k, v, cache, 1, pages, both);
            }
            Buffer q = random(H * D, 3);
            Buffer expected = arena().zeros(q.length());
            Buffer actual = random(H * D, 4);

            SCALAR.cachedAttention(q, expected, cache, 1, sequence, H);
            backend().cachedAttention(q, actual, cache, 1, sequence, H);

            KernelComparison.assertSameBits(actual, expected);
        }
    }

    private static int[] range(int from, int to) {
        return IntStream.range(from, to).toArray();
    }

    /** Sets one of the numbers to one that is rounded in a way of its own. */
    private static Buffer special(Buffer numbers, int i) {
        int[] bits = {
            0x7fc12345, 0x7f800001, 0xff800000, 0x7f7fffff, 0x80000001, 0x3f808000, 0x3f818000, 0xbf807fff, 0x00018001
        };
        numbers.set(numbers.length() / 2, new float[] {Float.intBitsToFloat(bits[i % bits.length])});
        return numbers;
    }

    private void assertSameAsScalar(Segments segments, Heads heads) {
        List<Buffer> expected = results(SCALAR, segments, heads);
        List<Buffer> actual = results(backend(), segments, heads);

        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.size(); i++) {
            KernelComparison.assertSameBits(actual.get(i), expected.get(i));
        }
    }

    /** Results of both passes: y, lse, dq, dk, dv, and the gradients of the sequence outside of the batch. */
    private List<Buffer> results(Backend backend, Segments segments, Heads heads) {
        int T = segments.total();
        int queries = heads.query() * heads.size();
        int keys = heads.keyValue() * heads.size();
        Attention.Prefix prefix = prefix(segments.outside(), keys);
        Tensor q = constant(T, queries, 1);
        Tensor k = constant(T, keys, 2);
        Tensor v = constant(T, keys, 3);
        Tensor lse = constant(T, heads.query(), 4);
        Buffer y = random(T * queries, 5);
        var op = new Attention(q, k, v, lse, segments, heads, prefix);
        backend.attention(op, y);
        Buffer dq = random(T * queries, 6);
        Buffer dk = random(T * keys, 7);
        Buffer dv = random(T * keys, 8);
        backend.attentionBackward(op, y, random(T * queries, 9), dq, dk, dv);
        var results = new ArrayList<>(List.of(y, lse.data(), dq, dk, dv));
        if (prefix != null) {
            results.add(prefix.keys().grad());
            results.add(prefix.values().grad());
        }
        return results;
    }

    /** Keys and values with gradients from other passes. */
    private Attention.@Nullable Prefix prefix(int rows, int keys) {
        return rows == 0 ? null : new Attention.Prefix(parameter(rows, keys, 10), parameter(rows, keys, 11));
    }

    private Tensor parameter(int rows, int cols, long seed) {
        Buffer numbers = random(rows * cols, seed);
        Buffer gradient = random(rows * cols, 100 + seed);
        return Tensor.parameter(workspace(), new Shape(rows, cols), Layout.ROWS, numbers, gradient);
    }
}
