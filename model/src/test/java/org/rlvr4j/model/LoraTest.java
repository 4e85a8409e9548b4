package org.rlvr4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.GradientCheck;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.ScalarBackend;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.VectorBackend;
import org.rlvr4j.tensor.Workspace;
import tools.jackson.databind.node.ObjectNode;

class LoraTest {

    private static final int VOCABULARY = 40;
    private static final List<String> ALL =
            List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj");
    private static final Lora LORA = new Lora(3, 5, ALL, 1);

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @CsvSource({
        "QWEN2, q_proj k_proj v_proj o_proj gate_proj up_proj down_proj",
        "QWEN3, q_proj k_proj v_proj o_proj gate_proj up_proj down_proj",
        "QWEN2, q_proj",
        "QWEN3, v_proj",
        "QWEN2, up_proj",
        "QWEN2, down_proj"
    })
    void gradientsOfAdaptersAreTheDifferencesOfTheLoss(QwenConfig.Architecture architecture, String targets) {
        var lora = new Lora(2, 3, List.of(targets.split(" ")), 1);
        try (var workspace = new Workspace(new ScalarBackend(), DType.F64, true);
                Qwen2 model = filled(small(architecture, workspace).adapted(lora, true))) {
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
                Qwen2 model = small(QwenConfig.Architecture.QWEN2, workspace).adapted(LORA, true)) {
            assertThat(values(logProb(model, 1)))
                    .isEqualTo(values(logProb(model.base().orElseThrow(), 1)));
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
        Path base = checkpoint(Safetensors.Dtype.BF16);
        Outcome expected = outcome(base, DType.F32, 1, false);

        assertThat(expected.gradients).noneMatch(gradient -> gradient.stream().allMatch(bits -> bits == 0));
        assertThat(outcome(base, matrices, 2, false)).isEqualTo(expected);
        assertThat(outcome(base, matrices, 1, true)).isEqualTo(expected);
    }

    private static Outcome outcome(Path base, DType matrices, int threads, boolean recompute) {
        try (var backend = new VectorBackend(threads);
                var workspace = new Workspace(backend, DType.F32, recompute);
                Qwen2 model = filled(frozen(base, matrices, workspace).adapted(LORA, true))) {
            assertThat(model.head().data().type()).isEqualTo(matrices);
            model.parameters().zeroGrads();
            var logProbs = new ArrayList<Double>();
            for (int seed : List.of(1, 2)) {
                Tensor logProb = logProb(model, seed);
                Autograd.backward(logProb.column(0).sum());
                logProbs.addAll(values(logProb));
                workspace.release();
            }
            List<List<Byte>> gradients = model.parameters().tensors().values().stream()
                    .map(tensor -> bytes(tensor.grad()))
                    .toList();
            return new Outcome(logProbs, gradients);
        }
    }

    private static Qwen2 frozen(Path base, DType matrices, Workspace workspace) {
        if (matrices == DType.BF16) {
            return Checkpoint.load(base, workspace, false);
        }
        Qwen2 model = Qwen2.frozen(Checkpoint.config(base), workspace);
        Checkpoint.read(base, model.parameters().tensors());
        return model;
    }

    @ParameterizedTest
    @ValueSource(strings = {"F32", "BF16"})
    void logProbabilitiesOfARolloutAreThoseOfTheTrainingForward(Safetensors.Dtype dtype) throws IOException {
        Path base = checkpoint(dtype);
        try (var backend = new VectorBackend(2);
                var workspace = new Workspace(backend, DType.F32);
                Qwen2 model = filled(Adapters.create(base, workspace, LORA));
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
        Path base = checkpoint(Safetensors.Dtype.BF16);
        try (var backend = new VectorBackend(1);
                var workspace = new Workspace(backend, DType.F32);
                Qwen2 model = Adapters.create(base, workspace, new Lora(2, 4, List.of("v_proj"), 1))) {
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

    @Test
    void folderHoldsTheAdaptersAndIsReadToTheLastBit() throws IOException {
        Path base = checkpoint(Safetensors.Dtype.F32);
        Path saved = Files.createDirectories(folder.resolve("adapters"));
        try (var backend = new VectorBackend(1);
                var workspace = new Workspace(backend, DType.F32);
                Qwen2 model = filled(Adapters.create(base, workspace, LORA))) {
            Adapters.save(model, saved, base);

            try (Qwen2 read = Adapters.load(base, saved, workspace)) {
                assertThat(read.lora()).contains(new Lora(3, 5, ALL, 0));
                assertThat(bytes(read.parameters().weights()))
                        .isEqualTo(bytes(model.parameters().weights()));
                assertThat(values(logProb(read, 1))).isEqualTo(values(logProb(model, 1)));
            }
            try (Qwen2 merged = Adapters.merged(base, saved, workspace)) {
                List<Double> apart = values(logProb(model, 1));
                List<Double> together = values(logProb(merged, 1));
                for (int i = 0; i < apart.size(); i++) {
                    assertThat(together.get(i)).isCloseTo(apart.get(i), within(1e-5));
                }
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        "use_dora": true           | use_dora true
        "use_rslora": true         | use_rslora true
        "rank_pattern": {"q": 3}   | rank_pattern {"q":3}
        "alpha_pattern": {"q": 3}  | alpha_pattern {"q":3}
        "modules_to_save": ["x"]   | modules_to_save ["x"]
        "layers_to_transform": 1   | layers_to_transform 1
        "fan_in_fan_out": true     | fan_in_fan_out true
        "bias": "all"              | bias "all"
        "init_lora_weights": "pissa" | init_lora_weights "pissa"
        "peft_type": "LOHA"        | peft_type "LOHA"
        "target_modules": "all-linear" | target_modules "all-linear"
        """)
    void whatIsNotSupportedIsRefusedByName(String setting, String named) {
        Path config = folder.resolve("adapter_config.json");
        ObjectNode json = (ObjectNode) Json.MAPPER.readTree("{\"peft_type\": \"LORA\", \"bias\": \"none\", \"r\": 3,"
                + " \"lora_alpha\": 5, \"target_modules\": [\"q_proj\"], \"init_lora_weights\": true,"
                + " \"modules_to_save\": null, \"rank_pattern\": {}, \"use_dora\": false}");
        Json.write(config, json);
        assertThat(Adapters.config(folder)).isEqualTo(new Lora(3, 5, List.of("q_proj"), 0));

        json.setAll((ObjectNode) Json.MAPPER.readTree("{" + setting + "}"));
        Json.write(config, json);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Adapters.config(folder))
                .withMessage(config + ": " + named + " is not supported");
    }

    @Test
    void adaptersOfOtherMatricesAreRefused() throws IOException {
        Path base = checkpoint(Safetensors.Dtype.F32);
        Path saved = Files.createDirectories(folder.resolve("adapters"));
        try (var backend = new VectorBackend(1);
                var workspace = new Workspace(backend, DType.F32);
                Qwen2 model = Adapters.create(base, workspace, LORA);
                Qwen2 other = Adapters.create(base, workspace, new Lora(3, 5, List.of("q_proj"), 1))) {
            Adapters.save(model, saved, base);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Checkpoint.restore(saved, other))
                    .withMessageContaining(
                            "adapter_model.safetensors has base_model.model.model.layers.0.mlp.down_proj")
                    .withMessageEndingWith("which belongs to none of the model's adapters");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Lora(3, 5, List.of("q_proj", "lm_head"), 1))
                    .withMessageContaining("not [q_proj, lm_head]");
        }
    }

    private Path checkpoint(Safetensors.Dtype dtype) throws IOException {
        Path base = Files.createDirectories(folder.resolve("base"));
        try (var workspace = new Workspace(new ScalarBackend(), DType.F32);
                Qwen2 model = Qwen2.random(config(QwenConfig.Architecture.QWEN3, 32), workspace, 3)) {
            Checkpoint.save(model, base, dtype);
        }
        return base;
    }

    /** Frozen, with random weights. */
    private static Qwen2 small(QwenConfig.Architecture architecture, Workspace workspace) {
        QwenConfig config = config(architecture, 8);
        try (Qwen2 random = Qwen2.random(config, workspace, 3)) {
            random.parameters().tensors().values().forEach(tensor -> scale(tensor.data(), 10));
            Qwen2 frozen = Qwen2.frozen(config, workspace);
            frozen.parameters().weights().copyFrom(random.parameters().weights());
            return frozen;
        }
    }

    private static void scale(Buffer data, double factor) {
        for (long i = 0; i < data.length(); i++) {
            data.set(i, data.get(i) * factor);
        }
    }

    /** Gives every B, which is zero, random numbers. */
    private static Qwen2 filled(Qwen2 model) {
        var random = new SplittableRandom(7);
        for (Map.Entry<String, Tensor> weight : model.parameters().tensors().entrySet()) {
            Tensor tensor = weight.getValue();
            for (int n = 0; weight.getKey().contains("lora_B") && n < tensor.rows(); n++) {
                for (int k = 0; k < tensor.cols(); k++) {
                    tensor.data().set(Panels.index(n, k, tensor.cols()), random.nextDouble(-0.3, 0.3));
                }
            }
        }
        return model;
    }

    private static double[] elements(Tensor tensor) {
        int K = tensor.cols();
        return IntStream.range(0, tensor.rows() * K)
                .mapToDouble(i -> tensor.get(Panels.index(i / K, i % K, K)))
                .toArray();
    }

    private static List<Double> values(Tensor tensor) {
        return IntStream.range(0, Math.toIntExact(tensor.shape().size()))
                .mapToObj(tensor::get)
                .toList();
    }

    private static List<Byte> bytes(Buffer buffer) {
        byte[] bytes = buffer.segment().toArray(ValueLayout.JAVA_BYTE);
        return IntStream.range(0, bytes.length).mapToObj(i -> bytes[i]).toList();
    }

    /** Of 64 tokens in two sequences. */
    private static Tensor logProb(Qwen2 model, long seed) {
        int[] tokens = new SplittableRandom(seed).ints(64, 0, VOCABULARY).toArray();
        int[] rows = IntStream.concat(IntStream.range(5, 40), IntStream.range(45, 63))
                .toArray();
        return model.logProb(tokens, rows, Segments.ofLengths(41, 23), 1);
    }

    private static QwenConfig config(QwenConfig.Architecture architecture, int hiddenSize) {
        return new QwenConfig(
                architecture,
                hiddenSize,
                hiddenSize * 3 / 2,
                2,
                2,
                1,
                hiddenSize / 2,
                1e-6,
                10_000,
                VOCABULARY,
                true,
                64,
                List.of(0),
                null,
                null);
    }
}
