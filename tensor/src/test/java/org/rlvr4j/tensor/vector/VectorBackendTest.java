package org.rlvr4j.tensor.vector;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.tensor.Accumulator;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.BackendContract;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.KernelComparison;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;

class VectorBackendTest implements BackendContract {

    private static final Backend BACKEND = new VectorBackend(2);

    @Override
    public Backend backend() {
        return BACKEND;
    }

    @Override
    public boolean isExact() {
        return true;
    }

    @ParameterizedTest
    @ValueSource(ints = {2, 3, 5})
    void attentionHasTheSameBitsWithAnyNumberOfThreads(int threads) {
        var heads = new Heads(6, 2, 40);
        var segments = Segments.ofLengths(70);
        Tensor q = constant(70, 6 * 40, 1);
        Tensor k = constant(70, 2 * 40, 2);
        Tensor v = constant(70, 2 * 40, 3);
        Buffer dy = random(70 * 6 * 40, 4);

        assertSameBitsOnOneThreadAnd(threads, backend -> attention(backend, q, k, v, dy, segments, heads));
    }

    /** A few threads share the rows of so small a product, and many its strips. */
    @ParameterizedTest
    @ValueSource(ints = {2, 3, 8})
    void productsHaveTheSameBitsWithAnyNumberOfThreads(int threads) {
        int T = 101;
        int K = 70;
        int N = 300;
        Buffer x = random(T * K, 1);
        Buffer w = panels(N, K, 2);
        Buffer dy = random(T * N, 3);

        assertSameBitsOnOneThreadAnd(threads, backend -> {
            Buffer y = arena().zeros((long) T * N);
            Buffer dx = arena().zeros((long) T * K);
            Buffer dw = arena().zeros(w.length());
            backend.linear(x, w, null, y, T, K, N);
            backend.linearBackwardInput(dy, w, new Accumulator(dx, false), T, K, N);
            backend.linearBackwardWeight(dy, x, new Accumulator(dw, false), T, K, N);
            return List.of(y, dx, dw);
        });
    }

    private static void assertSameBitsOnOneThreadAnd(int threads, Function<VectorBackend, List<Buffer>> kernels) {
        try (var one = new VectorBackend(1);
                var several = new VectorBackend(threads)) {
            List<Buffer> expected = kernels.apply(one);

            List<Buffer> actual = kernels.apply(several);

            assertThat(actual).hasSameSizeAs(expected);
            for (int i = 0; i < expected.size(); i++) {
                KernelComparison.assertSameBits(actual.get(i), expected.get(i));
            }
        }
    }
}
