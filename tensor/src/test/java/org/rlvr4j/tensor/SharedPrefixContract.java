package org.rlvr4j.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What attention over sequences that continue others must satisfy: it is attention over the whole sequences. */
interface SharedPrefixContract extends KernelComparison {

    int ROOT = 45;
    List<Integer> RESPONSES = List.of(1, 30, 0, 67);

    /** The kernels' results for four responses to one prompt. */
    record Results(List<Buffer> y, List<Buffer> dq, List<Buffer> dkAndDv, Buffer dRootKeys, Buffer dRootValues) {}

    @ParameterizedTest
    @CsvSource({"1, 1, 2", "4, 2, 16", "2, 1, 34", "6, 2, 64"})
    default void continuedSequencesGiveTheBitsOfWholeOnesAndTheirGradients(int H, int G, int D) {
        assumeThat(backend().continuesSequences()).isTrue();
        var heads = new Heads(H, G, D);
        Results shared = shared(heads, RESPONSES.size());
        double[] dRootKeys = new double[ROOT * G * D];
        double[] dRootValues = new double[ROOT * G * D];

        for (int s = 0; s < RESPONSES.size(); s++) {
            int n = RESPONSES.get(s);
            List<Buffer> whole = attention(
                    backend(),
                    below(H * D, 1, s),
                    below(G * D, 2, s),
                    below(G * D, 3, s),
                    belowZeros(H * D, 4, s),
                    Segments.ofLengths(ROOT + n),
                    heads);
            KernelComparison.assertSameBits(shared.y.get(s), last(whole.get(0), n, H * D));
            KernelComparison.assertSameBits(shared.dq.get(s), last(whole.get(2), n, H * D));
            add(dRootKeys, whole.get(3));
            add(dRootValues, whole.get(4));
            close(shared.dkAndDv.get(2 * s), last(whole.get(3), n, G * D));
            close(shared.dkAndDv.get(2 * s + 1), last(whole.get(4), n, G * D));
        }
        List<Buffer> root =
                attention(backend(), root(H * D, 1), root(G * D, 2), root(G * D, 3), rootDy(H * D), ofRoot(), heads);
        add(dRootKeys, root.get(3));
        add(dRootValues, root.get(4));
        close(shared.dRootKeys, dRootKeys);
        close(shared.dRootValues, dRootValues);
    }

    @ParameterizedTest
    @CsvSource({"4, 2, 16", "2, 1, 34"})
    default void distributionOfSequencesOverPassesChangesNoBit(int H, int G, int D) {
        assumeThat(backend().continuesSequences()).isTrue();
        var heads = new Heads(H, G, D);
        Results together = shared(heads, RESPONSES.size());

        for (int cut : new int[] {1, 2}) {
            Results apart = shared(heads, cut);
            for (int s = 0; s < RESPONSES.size(); s++) {
                KernelComparison.assertSameBits(apart.y.get(s), together.y.get(s));
                KernelComparison.assertSameBits(apart.dq.get(s), together.dq.get(s));
            }
            for (int i = 0; i < together.dkAndDv.size(); i++) {
                KernelComparison.assertSameBits(apart.dkAndDv.get(i), together.dkAndDv.get(i));
            }
            KernelComparison.assertSameBits(apart.dRootKeys, together.dRootKeys);
            KernelComparison.assertSameBits(apart.dRootValues, together.dRootValues);
        }
    }

    @Test
    default void turnsContinueTurns() {
        assumeThat(backend().continuesSequences()).isTrue();
        var heads = new Heads(4, 2, 16);
        var segments = Segments.ofLengths(5, 7, 20, 9).continuing(0, 2, 3, 3, Segments.NONE);
        int[] order = segments.rows(0);
        int T = segments.total();
        Tensor q = constant(T, 64, 1);
        Tensor k = constant(T, 32, 2);
        Tensor v = constant(T, 32, 3);
        Buffer dy = random(T * 64, 4);
        dy.slice(5 * 64, (T - 5) * 64L).zero(); // a gradient of the first sequence only

        List<Buffer> tree = attention(backend(), q, k, v, dy, segments, heads);
        List<Buffer> path = attention(
                backend(),
                rows(q, order),
                rows(k, order),
                rows(v, order),
                rows(Tensor.constant(workspace(), q.shape(), dy), order).data(),
                Segments.ofLengths(order.length),
                heads);

        assertThat(order).hasSize(34).startsWith(32).endsWith(4);
        KernelComparison.assertSameBits(tree.get(0).slice(0, 5 * 64), last(path.get(0), 5, 64));
        KernelComparison.assertSameBits(tree.get(2).slice(0, 5 * 64), last(path.get(2), 5, 64));
        for (int i = 3; i < 5; i++) {
            Tensor gradient = Tensor.constant(workspace(), k.shape(), tree.get(i));
            close(rows(gradient, order).data(), path.get(i));
        }
    }

    @Test
    default void backendThatDoesNotContinueSequencesRefusesThem() {
        assumeThat(backend().continuesSequences()).isFalse();
        var heads = new Heads(1, 1, 4);
        Tensor x = constant(3, 4, 1);
        Segments segments = Segments.ofLengths(2, 1).continuing(0, 1, Segments.NONE);

        assertThatThrownBy(() -> attention(backend(), x, x, x, random(12, 2), segments, heads))
                .isInstanceOf(UnsupportedOperationException.class)
                .hasMessageContaining("repeat");
    }

    @Test
    default void prefixMustHaveTheRowsThatSequencesContinue() {
        var heads = new Heads(1, 1, 4);
        Tensor x = constant(3, 4, 1);
        Segments segments = Segments.ofLengths(3).continuing(2, 1);

        assertThatThrownBy(() -> new Attention(x, x, x, x, segments, heads))
                .hasMessage("the sequence outside of the batch has 2 rows, its keys have 0");
    }

    /** All responses and their prompt; the first {@code cut} responses in a pass of their own, if these are not all. */
    private Results shared(Heads heads, int cut) {
        int G = heads.keyValue() * heads.size();
        var results = new Results(
                new ArrayList<>(), new ArrayList<>(), new ArrayList<>(), arena().zeros(1), arena().zeros(1));
        if (cut == RESPONSES.size()) {
            return pass(heads, 0, cut, true, null, results);
        }
        var prefix = new Attention.Prefix(sum(root(G, 2)), sum(root(G, 3)));
        pass(heads, 0, cut, false, prefix, results);
        Results last = pass(heads, cut, RESPONSES.size(), true, prefix, results);
        backend().addTo(prefix.keys().grad(), last.dRootKeys);
        backend().addTo(prefix.values().grad(), last.dRootValues);
        return last;
    }

    private Results pass(
            Heads heads, int from, int to, boolean withRoot, Attention.@Nullable Prefix prefix, Results results) {
        int Q = heads.query() * heads.size();
        int G = heads.keyValue() * heads.size();
        int[] lengths = IntStream.concat(
                        RESPONSES.subList(from, to).stream().mapToInt(Integer::intValue),
                        withRoot ? IntStream.of(ROOT) : IntStream.empty())
                .toArray();
        int[] parents = IntStream.range(0, lengths.length)
                .map(s -> withRoot && s == lengths.length - 1
                        ? Segments.NONE
                        : prefix == null ? lengths.length - 1 : lengths.length)
                .toArray();
        Segments segments = Segments.ofLengths(lengths).continuing(prefix == null ? 0 : ROOT, parents);
        Tensor q = packed(Q, 1, from, to, withRoot);
        Tensor k = packed(G, 2, from, to, withRoot);
        Tensor v = packed(G, 3, from, to, withRoot);
        Buffer dy = packed(Q, 4, from, to, withRoot).data();
        Buffer y = arena().zeros(q.shape().size());
        Tensor lse = constant(q.rows(), heads.query(), 5);
        var op = new Attention(q, k, v, lse, segments, heads, prefix);
        backend().attention(op, y);
        Buffer dq = random(q.rows() * Q, 6);
        Buffer dk = random(q.rows() * G, 7);
        Buffer dv = random(q.rows() * G, 8);
        backend().attentionBackward(op, y, dy, dq, dk, dv);
        for (int s = 0; s < to - from; s++) {
            results.y.add(part(y, segments, s, Q));
            results.dq.add(part(dq, segments, s, Q));
            results.dkAndDv.add(part(dk, segments, s, G));
            results.dkAndDv.add(part(dv, segments, s, G));
        }
        int last = segments.count() - 1;
        return new Results(
                results.y, results.dq, results.dkAndDv, part(dk, segments, last, G), part(dv, segments, last, G));
    }

    private static Buffer part(Buffer x, Segments segments, int s, int C) {
        return x.slice((long) segments.start(s) * C, (long) segments.length(s) * C);
    }

    /** Numbers of some responses, and of the prompt behind them. */
    private Tensor packed(int C, int seed, int from, int to, boolean withRoot) {
        List<Buffer> parts = new ArrayList<>();
        for (int s = from; s < to; s++) {
            parts.add(random(RESPONSES.get(s) * C, 10 * seed + s));
        }
        if (withRoot) {
            parts.add(root(C, seed).data());
        }
        return joined(parts, C);
    }

    private Tensor root(int C, int seed) {
        return Tensor.constant(workspace(), new Shape(ROOT, C), random(ROOT * C, 1000 + seed));
    }

    private Buffer rootDy(int C) {
        return root(C, 4).data();
    }

    private static Segments ofRoot() {
        return Segments.ofLengths(ROOT);
    }

    /** The prompt with response s below it. */
    private Tensor below(int C, int seed, int s) {
        return joined(List.of(root(C, seed).data(), random(RESPONSES.get(s) * C, 10 * seed + s)), C);
    }

    private Buffer belowZeros(int C, int seed, int s) {
        Buffer all = below(C, seed, s).data();
        all.slice(0, (long) ROOT * C).zero();
        return all;
    }

    private Tensor joined(List<Buffer> parts, int C) {
        long length = parts.stream().mapToLong(Buffer::length).sum();
        Buffer all = arena().allocate(length);
        long at = 0;
        for (Buffer part : parts) {
            all.slice(at, part.length()).copyFrom(part);
            at += part.length();
        }
        return Tensor.constant(workspace(), new Shape(Math.toIntExact(length / C), C), all);
    }

    private Tensor rows(Tensor x, int[] rows) {
        Buffer y = arena().allocate((long) rows.length * x.cols());
        backend().copyRows(x.data(), rows, y, x.cols());
        return Tensor.constant(workspace(), new Shape(rows.length, x.cols()), y);
    }

    private Tensor sum(Tensor x) {
        Buffer zeros = arena().zeros(x.shape().size());
        return Tensor.parameter(workspace(), x.shape(), Layout.ROWS, x.data(), zeros);
    }

    private static Buffer last(Buffer x, int rows, int C) {
        return x.slice(x.length() - (long) rows * C, (long) rows * C);
    }

    private static void add(double[] sums, Buffer x) {
        Arrays.setAll(sums, i -> sums[i] + x.get(i));
    }

    private static void close(Buffer actual, Buffer expected) {
        var numbers = new double[Math.toIntExact(expected.length())];
        Arrays.setAll(numbers, expected::get);
        close(actual, numbers);
    }

    private static void close(Buffer actual, double[] expected) {
        assertThat(actual.length()).isEqualTo(expected.length);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual.get(i)).as("element %d", i).isCloseTo(expected[i], within(2e-5));
        }
    }

    /** Results of forward and backward pass: y, lse, dq, dk, dv. */
    default List<Buffer> attention(
            Backend backend, Tensor q, Tensor k, Tensor v, Buffer dy, Segments segments, Heads heads) {
        Buffer y = arena().zeros(q.shape().size());
        Tensor lse = constant(q.rows(), heads.query(), 5);
        var op = new Attention(q, k, v, lse, segments, heads);
        backend.attention(op, y);
        Buffer dq = arena().zeros(q.shape().size());
        Buffer dk = arena().zeros(k.shape().size());
        Buffer dv = arena().zeros(v.shape().size());
        backend.attentionBackward(op, y, dy, dq, dk, dv);
        return List.of(y, lse.data(), dq, dk, dv);
    }
}
