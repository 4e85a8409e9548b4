package org.rlvr4j.tornado;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.SplittableRandom;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.math.Truncation;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/** What comes over when tokens are drawn by top-k and top-p; which are drawn, the contract tests. */
class TruncatedDrawsOnDeviceTest {

    private static final int V = 151_936;
    private static final int T = 4;

    private final TornadoBackend device = TestDevice.backend();

    @ParameterizedTest
    @CsvSource({"50, 0.95, 6, 0", "0, 0.9, 6, 0", "0, 0.9, 0.01, 4"})
    void onlyRowsWithoutFewLikelyTokensComeOverWhole(int topK, double topP, double spread, long whole) {
        try (TensorArena memory = new TensorArena(DType.F32, device.memory())) {
            Buffer logits = memory.zeros((long) T * V);
            var random = new SplittableRandom(1);
            float[] values = new float[T * V];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (spread * random.nextGaussian());
                logits.set(i, values[i]);
            }
            Buffer lse = memory.zeros(T);
            for (int t = 0; t < T; t++) {
                double sum = 0;
                for (float logit : Arrays.copyOfRange(values, t * V, (t + 1) * V)) {
                    sum += Math.exp(logit);
                }
                lse.set(t, Math.log(sum));
            }
            int[] rows = {0, 1, 2, 3};
            double[] uniforms = {0.1, 0.5, 0.9, 0.99};
            var truncation = new Truncation(topK, topP);
            device.drawTruncated(logits, lse, V, new Truncation(1, 1), rows, uniforms, new float[T]); // sends the rows
            long wholeBefore = device.wholeRows();

            int[] tokens = device.drawTruncated(logits, lse, V, truncation, rows, uniforms, new float[T]);

            assertThat(device.wholeRows() - wholeBefore).isEqualTo(whole);
            assertThat(tokens)
                    .containsExactly(new ScalarBackend()
                            .drawTruncated(logits, lse, V, truncation, rows, uniforms, new float[T]));
        }
    }
}
