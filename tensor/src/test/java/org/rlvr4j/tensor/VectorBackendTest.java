package org.rlvr4j.tensor;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VectorBackendTest implements BackendContract {

    private static final Backend BACKEND = new VectorBackend(2);

    @Override
    public Backend backend() {
        return BACKEND;
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
        try (var one = new VectorBackend(1);
                var several = new VectorBackend(threads)) {
            List<Buffer> expected = attention(one, q, k, v, dy, segments, heads);

            List<Buffer> actual = attention(several, q, k, v, dy, segments, heads);

            for (int i = 0; i < expected.size(); i++) {
                KernelComparison.assertSameBits(actual.get(i), expected.get(i));
            }
        }
    }
}
