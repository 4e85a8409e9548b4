package org.rlvr4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlvr4j.model.TinyLora.LORA;
import static org.rlvr4j.model.TinyLora.bytes;
import static org.rlvr4j.model.TinyLora.checkpoint;
import static org.rlvr4j.model.TinyLora.config;
import static org.rlvr4j.model.TinyLora.filled;
import static org.rlvr4j.model.TinyLora.logProb;
import static org.rlvr4j.model.TinyLora.numbers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.model.checkpoint.Adapters;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.GradientCheck;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.scalar.ScalarBackend;
import org.rlvr4j.tensor.vector.VectorBackend;

/** Adapters beside frozen matrices: their gradients, and the bits of a model that has them. */
class LoraTest {

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @CsvSource({
        "QWEN2, q_proj k_proj v_proj o_proj gate_proj up_proj down_proj",
        "QWEN3, q_proj k_proj v_proj o_proj gate_proj up_proj down_proj",
        "QWEN2, q_proj",
        "QWEN3, v_proj",
        "QWEN2, up_proj",
        "QWEN2, down_proj",
        "LLAMA, q_proj k_proj v_proj o_proj gate_proj up_proj down_proj",
        "MISTRAL, q_proj k_proj v_proj o_proj gate_proj up_proj down_proj"
    })
    void gradientsOfAdaptersAreTheDifferencesOfTheLoss(ModelConfig.Family family, String targets) {
        var lora = new Lora(2, 3, List.of(targets.split(" ")), 1);
        try (var workspace = new Workspace(new ScalarBackend(), DType.F64, true);
                Decoder model = filled(small(family, workspace).adapted(lora, true))) {
            List<Tensor> learned = List.copyOf(model.parameters().tensors().values());

            GradientCheck.check(learned, () -> model.logProb(
                            new int[] {3, 1, 4, 1, 5, 2}, new int[] {0, 1, 3, 4}, Segments.ofLengths(3, 3), 0.7)
                    .column(0)
                    .sum());
        }
    }

    @Test
    void newAdaptersChangeNothing() {
        try (var backend = new VectorBackend(1);
                var workspace = new Workspace(backend, DType.F32);
                Decoder model = small(ModelConfig.Family.QWEN2, workspace).adapted(LORA, true)) {
            assertThat(numbers(logProb(model, 1)))
                    .isEqualTo(numbers(logProb(model.base().orElseThrow(), 1)));
            model.parameters().tensors().forEach((name, tensor) -> {
                double[] elements = elements(tensor);
                double largest = IntStream.range(0, elements.length)
                        .mapToDouble(i -> Math.abs(elements[i]))
                        .max()
                        .orElseThrow();
                double bound = 1 / Math.sqrt(tensor.cols());
                assertThat(largest)
                        .as(name)
                        .isBetween(name.contains("lora_A") ? 0.9 * bound : 0, name.contains("lora_A") ? bound : 0);
            });
        }
    }

    /** What two micro-batches give. */
    private record Outcome(List<Double> logProbs, List<List<Byte>> gradients) {}

    @ParameterizedTest
    @ValueSource(strings = {"F32", "BF16"})
    void bitsDependNeitherOnThreadsNorOnRecomputationNorOnHowFrozenWeightsAreKept(DType matrices) throws IOException {
        Path base = checkpoint(folder, Safetensors.Dtype.BF16);
        Outcome expected = outcome(base, DType.F32, 1, false);

        assertThat(expected.gradients).noneMatch(gradient -> gradient.stream().allMatch(bits -> bits == 0));
        assertThat(outcome(base, matrices, 2, false)).isEqualTo(expected);
        assertThat(outcome(base, matrices, 1, true)).isEqualTo(expected);
    }

    private static Outcome outcome(Path base, DType matrices, int threads, boolean recompute) {
        try (var backend = new VectorBackend(threads);
                var workspace = new Workspace(backend, DType.F32, recompute);
                Decoder model = filled(frozen(base, matrices, workspace).adapted(LORA, true))) {
            assertThat(model.head().data().type()).isEqualTo(matrices);
            model.parameters().beginGrads();
            var logProbs = new ArrayList<Double>();
            for (int seed : List.of(1, 2)) {
                Tensor logProb = logProb(model, seed);
                Autograd.backward(logProb.column(0).sum());
                logProbs.addAll(numbers(logProb));
                workspace.release();
            }
            List<List<Byte>> gradients = model.parameters().tensors().values().stream()
                    .map(tensor -> bytes(tensor.grad()))
                    .toList();
            return new Outcome(logProbs, gradients);
        }
    }

    private static Decoder frozen(Path base, DType matrices, Workspace workspace) {
        if (matrices == DType.BF16) {
            return Checkpoint.load(base, workspace, false);
        }
        Decoder model = Decoder.frozen(Checkpoint.config(base), workspace);
        Checkpoint.read(base, model.parameters().tensors());
        return model;
    }

    @ParameterizedTest
    @ValueSource(strings = {"F32", "BF16"})
    void logProbabilitiesOfARolloutAreThoseOfTheTrainingForward(Safetensors.Dtype dtype) throws IOException {
        Path base = checkpoint(folder, dtype);
        try (var backend = new VectorBackend(2);
                var workspace = new Workspace(backend, DType.F32);
                Decoder model = filled(Adapters.create(base, workspace, LORA));
                var generator = new BatchGenerator(model, 3, Set.of())) {
            int[] prompt = {1, 2, 3, 4, 5, 6, 7};
            for (Completion completion : generator
                    .generate(List.of(new Prompt(0, prompt)), Sampling.plain(4, 20, 1))
                    .getFirst()) {
                int[] tokens = IntStream.concat(IntStream.of(prompt), IntStream.of(completion.tokens()))
                        .toArray();
                int[] rows =
                        IntStream.range(prompt.length - 1, tokens.length - 1).toArray();
                Tensor logProb = model.logProb(tokens, rows, Segments.ofLengths(tokens.length), 1);

                for (int t = 0; t < completion.length(); t++) {
                    assertThat((float) logProb.get(2L * t)).isEqualTo(completion.logProbs()[t]);
                }
            }
        }
    }

    @Test
    void frozenWeightsHaveNoGradientAndTakeNoPartInTraining() throws IOException {
        Path base = checkpoint(folder, Safetensors.Dtype.BF16);
        try (var backend = new VectorBackend(1);
                var workspace = new Workspace(backend, DType.F32);
                Decoder model = Adapters.create(base, workspace, new Lora(2, 4, List.of("v_proj"), 1))) {
            assertThat(model.parameters().tensors().keySet())
                    .containsExactly(
                            "model.layers.0.self_attn.v_proj.lora_A.weight",
                            "model.layers.0.self_attn.v_proj.lora_B.weight",
                            "model.layers.1.self_attn.v_proj.lora_A.weight",
                            "model.layers.1.self_attn.v_proj.lora_B.weight");
            assertThat(model.base().orElseThrow().parameters().tensors().values())
                    .noneMatch(Tensor::needsGrad);
        }
    }

    /** Frozen, with random weights. */
    private static Decoder small(ModelConfig.Family family, Workspace workspace) {
        ModelConfig config = config(family, 8);
        try (Decoder random = Decoder.random(config, workspace, 3)) {
            random.parameters().tensors().values().forEach(tensor -> scale(tensor.data(), 10));
            Decoder frozen = Decoder.frozen(config, workspace);
            frozen.parameters().weights().copyFrom(random.parameters().weights());
            return frozen;
        }
    }

    private static void scale(Buffer data, double factor) {
        for (long i = 0; i < data.length(); i++) {
            data.set(i, data.get(i) * factor);
        }
    }

    private static double[] elements(Tensor tensor) {
        int K = tensor.cols();
        return IntStream.range(0, tensor.rows() * K)
                .mapToDouble(i -> tensor.get(Panels.index(i / K, i % K, K)))
                .toArray();
    }
}
