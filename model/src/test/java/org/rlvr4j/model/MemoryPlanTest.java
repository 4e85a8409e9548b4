package org.rlvr4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Optimizer;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.VectorBackend;
import org.rlvr4j.tensor.Workspace;

class MemoryPlanTest {

    private static final int PROMPT = 20;
    private static final int NEW = 70;

    @ParameterizedTest
    @CsvSource({"wide, 400, false", "wide, 400, true", "deep, 300, false", "deep, 300, true", "deep, 4, true"})
    void planIsWhatTrainingTakes(String shape, int tokens, boolean recompute) {
        QwenConfig config = shape.equals("wide") ? wide() : deep();
        var load = new MemoryPlan.Load(tokens, tokens, recompute, 6, 3, PROMPT, NEW, false);
        MemoryPlan plan = MemoryPlan.of(config, load);
        try (var backend = new VectorBackend(1);
                var workspace = new Workspace(backend, DType.F32, recompute);
                Qwen2 model = Qwen2.random(config, workspace, 1);
                var optimizer = new Optimizer(model.parameters(), AdamW.withDecay(0), 1);
                var generator = new BatchGenerator(model, 6)) {
            train(model, tokens);
            generator.generate(prompts(config), Sampling.plain(2, NEW, 1));

            assertThat(plan.weights())
                    .isEqualTo(Float.BYTES * model.parameters().weights().length());
            assertThat((double) plan.gradients())
                    .isCloseTo(bytes(model.parameters().tensors().values()), withinPercentage(20));
            assertThat((double) plan.moments())
                    .isCloseTo(2 * bytes(optimizer.means().values()), withinPercentage(20));
            assertThat((double) plan.activations()).isCloseTo((double) workspace.peak(), withinPercentage(20));
        }
    }

    @ParameterizedTest
    @CsvSource({"wide, false", "wide, true", "deep, true"})
    void planForAdaptersIsWhatTheirTrainingTakes(String shape, boolean recompute) {
        QwenConfig config = shape.equals("wide") ? wide() : deep();
        var lora = new Lora(16, 32, List.of("q_proj", "v_proj", "gate_proj", "up_proj", "down_proj"), 1);
        MemoryPlan plan = MemoryPlan.of(
                config, new MemoryPlan.Load(400, 400, recompute, 6, 3, PROMPT, NEW, true), lora, DType.BF16);
        try (var backend = new VectorBackend(1);
                var workspace = new Workspace(backend, DType.F32, recompute);
                Qwen2 model = Qwen2.frozen(config, workspace, DType.BF16).adapted(lora, true);
                var optimizer = new Optimizer(model.parameters(), AdamW.withDecay(0), 1)) {
            train(model, 400);

            long adapters = model.parameters().weights().length();
            assertThat(plan.weights())
                    .isEqualTo(Float.BYTES
                            * (model.base().orElseThrow().parameters().weights().length() + adapters));
            assertThat(plan.gradients()).isEqualTo(Float.BYTES * adapters);
            assertThat(plan.moments()).isEqualTo(2 * Float.BYTES * adapters);
            assertThat(optimizer.means()).hasSize(lora.specs(config).size());
            assertThat((double) plan.activations()).isCloseTo((double) workspace.peak(), withinPercentage(20));
        }
    }

    @Test
    void planIsOneLine() {
        assertThat(new MemoryPlan(2_000_000_000, 2_000_000_000, 4_000_000_000L, 800_000_000, 340_000_000))
                .hasToString("9.1 GB: weights 2.0, gradients 2.0, moments 4.0, activations 0.8, keys and values 0.3");
        assertThat(new MemoryPlan(4_000_000, 4_200_000, 8_000_000, 30_000_000, 0))
                .hasToString("46.2 MB: weights 4.0, gradients 4.2, moments 8.0, activations 30.0, keys and values 0.0");
    }

    private static void train(Qwen2 model, int tokens) {
        int[] ids = new SplittableRandom(1)
                .ints(tokens, 0, model.config().vocabularySize())
                .toArray();
        int[] rows = IntStream.range(0, tokens - 1).toArray();
        Autograd.backward(model.logProb(ids, rows, Segments.ofLengths(tokens), 1)
                .column(0)
                .sum());
        model.workspace().release();
    }

    private static List<Prompt> prompts(QwenConfig config) {
        var prompts = new ArrayList<Prompt>();
        for (int i = 0; i < 3; i++) {
            prompts.add(new Prompt(
                    i,
                    new SplittableRandom(i)
                            .ints(PROMPT, 0, config.vocabularySize())
                            .toArray()));
        }
        return prompts;
    }

    private static double bytes(Iterable<Tensor> tensors) {
        long length = 0;
        for (Tensor tensor : tensors) {
            length += tensor.data().length();
        }
        return (double) length * Float.BYTES;
    }

    private static QwenConfig wide() {
        return new QwenConfig(
                QwenConfig.Architecture.QWEN2,
                64,
                300,
                2,
                4,
                2,
                16,
                1e-6,
                10_000,
                500,
                true,
                512,
                List.of(0),
                null,
                null);
    }

    private static QwenConfig deep() {
        return new QwenConfig(
                QwenConfig.Architecture.QWEN3,
                32,
                48,
                16,
                4,
                1,
                16,
                1e-6,
                10_000,
                90,
                false,
                512,
                List.of(0),
                null,
                null);
    }
}
