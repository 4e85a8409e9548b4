package org.rlvr4j.model;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.NoGrad;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.scalar.ScalarBackend;
import org.rlvr4j.tensor.vector.VectorBackend;

/** Layers whose activations are computed again for the backward pass. */
class RecomputeTest {

    private static final int VOCABULARY = 40;
    private static final int LAYERS = 12;

    /** What two micro-batches give. */
    private record Outcome(List<Double> losses, Map<String, List<Byte>> gradients, long peak) {}

    @ParameterizedTest
    @EnumSource
    void gradientsOfAllWeightsAreTheSameBitsOnTheVectorBackend(ModelConfig.Family family) {
        try (var backend = new VectorBackend(2)) {
            Outcome kept = gradients(backend, DType.F32, config(family, 2), false);
            Outcome recomputed = gradients(backend, DType.F32, config(family, 2), true);

            assertThat(recomputed.losses).isEqualTo(kept.losses);
            assertThat(recomputed.gradients).isEqualTo(kept.gradients);
        }
    }

    @ParameterizedTest
    @EnumSource
    void gradientsOfAllWeightsAreTheSameBitsOnTheScalarBackend(ModelConfig.Family family) {
        Outcome kept = gradients(new ScalarBackend(), DType.F64, config(family, 2), false);
        Outcome recomputed = gradients(new ScalarBackend(), DType.F64, config(family, 2), true);

        assertThat(recomputed.losses).isEqualTo(kept.losses);
        assertThat(recomputed.gradients).isEqualTo(kept.gradients);
    }

    @Test
    void anotherLayerOnlyAddsItsInput() {
        try (var backend = new VectorBackend(1)) {
            long few = peak(backend, LAYERS, true);
            long many = peak(backend, 2 * LAYERS, true);
            long input = 64L * 32 * Float.BYTES;

            assertThat(many - few).isEqualTo(LAYERS * input);
            assertThat(peak(backend, LAYERS, false)).isGreaterThan(3 * few);
        }
    }

    @Test
    void withoutGradientsNoLayerIsKeptEither() {
        try (var backend = new VectorBackend(1)) {
            long few = forwardPeak(backend, LAYERS);
            long many = forwardPeak(backend, 2 * LAYERS);

            assertThat(many - few).isEqualTo(LAYERS * 64L * 32 * Float.BYTES);
        }
    }

    private static long peak(Backend backend, int layers, boolean recompute) {
        return gradients(backend, DType.F32, config(ModelConfig.Family.QWEN2, layers), recompute).peak;
    }

    private static long forwardPeak(Backend backend, int layers) {
        try (var workspace = new Workspace(backend, DType.F32);
                Decoder model = Decoder.random(config(ModelConfig.Family.QWEN2, layers), workspace, 3)) {
            Tensor _ = NoGrad.call(() -> logProb(model, 1));
            return workspace.peak();
        }
    }

    private static Outcome gradients(Backend backend, DType type, ModelConfig config, boolean recompute) {
        try (var workspace = new Workspace(backend, type, recompute);
                Decoder model = Decoder.random(config, workspace, 3)) {
            model.parameters().beginGrads();
            List<Double> losses = IntStream.range(1, 3)
                    .mapToObj(seed -> {
                        Tensor loss = logProb(model, seed).column(0).sum();
                        Autograd.backward(loss);
                        double value = loss.get(0);
                        workspace.release();
                        return value;
                    })
                    .toList();
            model.parameters().mergeRows();
            var gradients = new LinkedHashMap<String, List<Byte>>();
            model.parameters().tensors().forEach((name, weight) -> gradients.put(name, bytes(weight)));
            return new Outcome(losses, gradients, workspace.peak());
        }
    }

    private static List<Byte> bytes(Tensor weight) {
        byte[] bytes = weight.grad().segment().toArray(ValueLayout.JAVA_BYTE);
        return IntStream.range(0, bytes.length).mapToObj(i -> bytes[i]).toList();
    }

    /** Of 64 tokens in two sequences. */
    private static Tensor logProb(Decoder model, long seed) {
        int[] tokens = new SplittableRandom(seed).ints(64, 0, VOCABULARY).toArray();
        int[] rows = IntStream.concat(IntStream.range(5, 40), IntStream.range(45, 63))
                .toArray();
        return model.logProb(tokens, rows, Segments.ofLengths(41, 23), 1);
    }

    private static ModelConfig config(ModelConfig.Family family, int layers) {
        return new ModelConfig(
                family, 32, 48, layers, 4, 2, 8, 1e-6, 10_000, VOCABULARY, true, 64, List.of(0), null, null);
    }
}
