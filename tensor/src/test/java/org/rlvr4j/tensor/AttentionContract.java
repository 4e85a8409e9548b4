package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What attention must satisfy: over packed sequences, alone and among others, and over keys and values that are kept. */
interface AttentionContract extends SharedPrefixContract {

    @ParameterizedTest
    @CsvSource({"1, 1, 2", "4, 2, 16", "2, 1, 34", "6, 2, 64"})
    default void attentionAndItsGradients(int H, int G, int D) {
        var segments = Segments.ofLengths(1, 0, 17, 70, 2, 128, 260); // the last in three parts
        var heads = new Heads(H, G, D);
        int T = segments.total();
        Tensor q = constant(T, H * D, 1);
        Tensor k = constant(T, G * D, 2);
        Tensor v = constant(T, G * D, 3);
        Buffer dy = random(T * H * D, 4);
        Buffer y = arena().zeros((long) T * H * D);
        Tensor lse = constant(T, H, 5);
        var op = new Attention(q, k, v, lse, segments, heads);
        SCALAR.attention(op, y);
        long kv = (long) T * G * D;
        long all = (long) T * H * D;

        Function<Buffer, Attention> attention = sums -> new Attention(q, k, v, matrix(sums, T, H), segments, heads);
        same(D, T * H * D, (b, out) -> b.attention(attention.apply(arena().zeros((long) T * H)), out));
        same(D, T * H, (b, out) -> b.attention(attention.apply(out), arena().zeros(all)));
        same(260, (int) all, (b, dq) -> b.attentionBackward(op, y, dy, dq, arena().zeros(kv), arena().zeros(kv)));
        same(260 * H, (int) kv, (b, dk) -> b.attentionBackward(op, y, dy, arena().zeros(all), dk, arena().zeros(kv)));
        same(260 * H, (int) kv, (b, dv) -> b.attentionBackward(op, y, dy, arena().zeros(all), arena().zeros(kv), dv));
    }

    @ParameterizedTest
    @CsvSource({"4, 2, 34", "7, 1, 64", "1, 1, 16", "40, 1, 8"})
    default void cachedAttentionHasTheBitsOfThePackedOne(int H, int G, int D) {
        cachedAttentionHasTheBitsOfThePackedOne(H, G, D, DType.F32);
    }

    @ParameterizedTest
    @CsvSource({"4, 2, 34", "7, 1, 64", "1, 1, 16", "40, 1, 8"})
    default void attentionOverBfloat16CacheHasTheBitsOfThePackedOneOverRoundedKeysAndValues(int H, int G, int D) {
        cachedAttentionHasTheBitsOfThePackedOne(H, G, D, DType.BF16);
    }

    private void cachedAttentionHasTheBitsOfThePackedOne(int H, int G, int D, DType type) {
        var heads = new Heads(H, G, D);
        int n = 150;
        Buffer q = random(n * H * D, 1);
        Buffer k = random(n * G * D, 2);
        Buffer v = random(n * G * D, 3);
        Buffer packed = arena().zeros(q.length());
        Buffer sums = arena().zeros((long) n * H);
        backend()
                .attention(
                        new Attention(
                                matrix(q, n, H * D),
                                matrix(stored(k, type), n, G * D),
                                matrix(stored(v, type), n, G * D),
                                matrix(sums, n, H),
                                Segments.ofLengths(n),
                                heads),
                        packed);
        try (var cache = new PagedCache(workspace(), 1, heads, 8, type)) {
            int[] pages = new int[n];
            int[] slots = new int[n];
            int[] taken = {cache.take(), cache.take(), cache.take(), cache.take()};
            int[] counts = {64, 13, 64, 9}; // a prompt of 77 positions, then a completion's own pages
            int t = 0;
            for (int piece = 0; piece < 4; piece++) {
                for (int slot = 0; slot < counts[piece]; slot++) {
                    pages[t] = taken[piece];
                    slots[t++] = slot;
                }
            }
            backend().cacheAppend(k, v, cache, 0, pages, slots);
            for (t = 0; t < n; t++) {
                Buffer y = arena().zeros((long) H * D);

                var sequence = new PagedCache.Sequence[] {firstPositions(t + 1, taken, counts)};
                backend().cachedAttention(q.slice((long) t * H * D, (long) H * D), y, cache, 0, sequence, H);

                KernelComparison.assertSameBits(y, packed.slice((long) t * H * D, (long) H * D));
            }
        }
    }

    /** The numbers that stand in memory for others. */
    private Buffer stored(Buffer numbers, DType type) {
        if (type == DType.F32) {
            return numbers;
        }
        Buffer stored = arena().zeros(numbers.length());
        for (long i = 0; i < numbers.length(); i++) {
            stored.set(i, Float.intBitsToFloat(Buffer.toBfloat16((float) numbers.get(i)) << 16));
        }
        assertThat(stored.get(0)).isNotEqualTo(numbers.get(0));
        return stored;
    }

    private PagedCache.Sequence firstPositions(int n, int[] pages, int[] counts) {
        int pieces = 0;
        int before = 0;
        while (before + counts[pieces] < n) {
            before += counts[pieces++];
        }
        int[] some = Arrays.copyOf(counts, pieces + 1);
        some[pieces] = n - before;
        return new PagedCache.Sequence(Arrays.copyOf(pages, pieces + 1), some);
    }

    @ParameterizedTest
    @CsvSource({"4, 2, 34", "7, 1, 64"})
    default void sequencesAttentionHasTheSameBitsAloneAndAmongOthers(int H, int G, int D) {
        var heads = new Heads(H, G, D);
        var all = Segments.ofLengths(5, 83, 17);
        int T = all.total();
        Tensor q = constant(T, H * D, 1);
        Tensor k = constant(T, G * D, 2);
        Tensor v = constant(T, G * D, 3);
        Buffer dy = random(T * H * D, 4);
        List<Buffer> together = attention(backend(), q, k, v, dy, all, heads);

        for (int s = 0; s < all.count(); s++) {
            int start = all.start(s);
            int n = all.length(s);
            Buffer some = dy.slice((long) start * H * D, (long) n * H * D);
            List<Buffer> alone = attention(
                    backend(),
                    rows(q, start, n),
                    rows(k, start, n),
                    rows(v, start, n),
                    some,
                    Segments.ofLengths(n),
                    heads);
            for (int i = 0; i < alone.size(); i++) {
                long size = alone.get(i).length() / n;
                KernelComparison.assertSameBits(alone.get(i), together.get(i).slice(start * size, n * size));
            }
        }
    }

    private Tensor matrix(Buffer numbers, int rows, int cols) {
        return Tensor.constant(workspace(), new Shape(rows, cols), numbers);
    }

    private Tensor rows(Tensor x, int start, int n) {
        int C = x.cols();
        return Tensor.constant(workspace(), new Shape(n, C), x.data().slice((long) start * C, (long) n * C));
    }
}
