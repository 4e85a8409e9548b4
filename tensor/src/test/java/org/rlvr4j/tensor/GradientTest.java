package org.rlvr4j.tensor;

import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/** Every operation's backward pass against central differences on the scalar backend. */
class GradientTest {

    private final Workspace workspace = new Workspace(new ScalarBackend(), DType.F64);

    @ParameterizedTest
    @CsvSource({"1, 1, 1", "3, 5, 7", "4, 33, 35"})
    void linear(int T, int K, int N) {
        Tensor x = random(T, K, 1);
        Tensor w = panels(N, K, 2);
        Tensor b = random(N, 1, 3);

        GradientCheck.check(List.of(x, w, b), () -> GradientCheck.weighted(Linear.forward(x, w, b)));
        GradientCheck.check(List.of(x, w), () -> GradientCheck.weighted(Linear.forward(x, w, null)));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 1, 1", "3, 5, 7, 2", "4, 33, 35, 3"})
    void adaptedLinear(int T, int K, int N, int rank) {
        Tensor x = random(T, K, 1);
        Tensor w = panels(N, K, 2);
        Tensor bias = random(N, 1, 3);
        Tensor a = panels(rank, K, 4);
        Tensor b = panels(N, rank, 5);

        GradientCheck.check(
                List.of(x, w, bias, a, b), () -> GradientCheck.weighted(AdaptedLinear.forward(x, w, bias, a, b, 0.7)));
        GradientCheck.check(
                List.of(a, b),
                () -> GradientCheck.weighted(AdaptedLinear.forward(x.detach(), w.detach(), null, a, b, 2)));
    }

    @Test
    void constantsAmongTheInputsGetNoGradientAndChangeNoOther() {
        var heads = new Heads(1, 1, 4);
        var segments = Segments.ofLengths(2, 1);
        Tensor x = random(3, 4, 1);
        Tensor y = random(3, 4, 2);
        Tensor fixed = random(3, 4, 3).detach();
        Tensor scale = random(4, 1, 4).detach();

        GradientCheck.check(List.of(x), () -> GradientCheck.weighted(Add.forward(x, fixed)));
        GradientCheck.check(List.of(x), () -> GradientCheck.weighted(SwiGlu.forward(x, fixed)));
        GradientCheck.check(List.of(x), () -> GradientCheck.weighted(SwiGlu.forward(fixed, x)));
        GradientCheck.check(List.of(x), () -> GradientCheck.weighted(RmsNorm.forward(x, scale, 1e-6)));
        GradientCheck.check(
                List.of(x), () -> GradientCheck.weighted(Attention.forward(x, fixed, fixed, segments, heads)));
        GradientCheck.check(
                List.of(x, y), () -> GradientCheck.weighted(Attention.forward(fixed, x, y, segments, heads)));
    }

    @ParameterizedTest
    @CsvSource({"1, 2, 2", "3, 8, 8", "2, 12, 4"})
    void rmsNorm(int T, int C, int group) {
        Tensor x = random(T, C, 1);
        Tensor w = random(group, 1, 2);

        GradientCheck.check(List.of(x, w), () -> GradientCheck.weighted(RmsNorm.forward(x, w, 1e-6)));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 2, 1", "5, 3, 8, 1", "5, 3, 8, 1.25"})
    void rope(int T, int heads, int D, float magnitude) {
        Tensor x = random(T, heads * D, 1);
        var table = new RopeTable(RopeTable.frequencies(D, 10_000), magnitude);
        int[] positions = Segments.ofLengths(T / 2, T - T / 2).positions();

        GradientCheck.check(List.of(x), () -> GradientCheck.weighted(Rope.forward(x, table, positions, D)));
    }

    @ParameterizedTest
    @CsvSource({"1, 1, 2", "2, 1, 4", "6, 2, 4"})
    void attention(int H, int G, int D) {
        var segments = Segments.ofLengths(1, 4, 0, 3);
        Tensor q = random(segments.total(), H * D, 1);
        Tensor k = random(segments.total(), G * D, 2);
        Tensor v = random(segments.total(), G * D, 3);

        GradientCheck.check(
                List.of(q, k, v),
                () -> GradientCheck.weighted(Attention.forward(q, k, v, segments, new Heads(H, G, D))));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "3, 5"})
    void swiGlu(int T, int I) {
        Tensor gate = random(T, I, 1);
        Tensor up = random(T, I, 2);

        GradientCheck.check(List.of(gate, up), () -> GradientCheck.weighted(SwiGlu.forward(gate, up)));
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "5, 3", "40, 7"})
    void embedding(int V, int C) {
        Tensor table = panels(V, C, 1);
        int[] ids = {0, V - 1, V / 2, 0};

        GradientCheck.check(List.of(table), () -> GradientCheck.weighted(Embedding.forward(table, ids, null)));
    }

    @ParameterizedTest
    @CsvSource({"2, 3, 1", "9, 5, 1", "40, 7, 0.7"})
    void logProbAndEntropy(int V, int C, double temperature) {
        Tensor x = random(3, C, 1);
        Tensor w = panels(V, C, 2);
        int[] targets = {0, V - 1, V / 2};

        GradientCheck.check(List.of(x, w), () -> GradientCheck.weighted(LogProb.forward(x, w, targets, temperature)));
    }

    @Test
    void gradientsOfSeveralReadersAddUp() {
        Tensor x = random(4, 6, 1);

        GradientCheck.check(List.of(x), () -> {
            Tensor read = x.times(2);
            Tensor turned = Rope.forward(read, new RopeTable(6, 100), new int[] {0, 1, 2, 3}, 6);
            return GradientCheck.weighted(Add.forward(SwiGlu.forward(read, read), Add.forward(turned, read)));
        });
    }

    @Test
    void add() {
        Tensor a = random(2, 3, 1);
        Tensor b = random(2, 3, 2);

        GradientCheck.check(List.of(a, b), () -> GradientCheck.weighted(Add.forward(a, b)));
    }

    @ParameterizedTest
    @MethodSource("pairwise")
    void elementwise(BiFunction<Tensor, Tensor, Tensor> op) {
        Tensor a = random(6, 1, 1);
        Tensor b = random(6, 1, 2);

        GradientCheck.check(List.of(a, b), () -> GradientCheck.weighted(op.apply(a, b)));
    }

    static Stream<BiFunction<Tensor, Tensor, Tensor>> pairwise() {
        var segments = Segments.ofLengths(2, 1, 3);
        return Stream.of(
                Tensor::plus,
                Tensor::minus,
                Tensor::times,
                Tensor::min,
                Tensor::max,
                (a, b) -> a.times(b).exp(),
                (a, b) -> a.times(b).sigmoid().times(b),
                (a, b) -> a.times(3).plus(2).minus(0.5).negate().times(b.abs()),
                (a, b) -> a.clamp(-0.5, 0.25).times(b),
                (a, b) -> a.clamp(lowerBounds(a), lowerBounds(a).plus(0.6)).times(b),
                (a, b) -> a.segmentMean(segments).times(b.exp().segmentMean(segments)),
                (a, b) -> a.times(a).times(b).plus(a));
    }

    private static Tensor lowerBounds(Tensor like) {
        return like.workspace().column(-0.9, -0.6, -0.3, 0, 0.2, 0.4);
    }

    @ParameterizedTest
    @CsvSource({"1, 1", "4, 3", "7, 33"})
    void someRowsOfAMatrix(int T, int C) {
        Tensor x = random(T, C, 1);
        int[] rows = {T - 1, T / 2};

        GradientCheck.check(List.of(x), () -> GradientCheck.weighted(Rows.forward(x, T == 1 ? new int[] {0} : rows)));
    }

    @Test
    void columnOfAMatrix() {
        Tensor a = random(4, 3, 1);

        GradientCheck.check(List.of(a), () -> GradientCheck.weighted(a.column(1)));
    }

    private Tensor random(int rows, int cols, long seed) {
        return GradientCheck.random(workspace, new Shape(rows, cols), false, seed);
    }

    private Tensor panels(int rows, int cols, long seed) {
        return GradientCheck.random(workspace, new Shape(rows, cols), true, seed);
    }
}
