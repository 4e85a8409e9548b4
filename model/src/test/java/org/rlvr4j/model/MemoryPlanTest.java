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
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.NoGrad;
import org.rlvr4j.tensor.Optimizer;
import org.rlvr4j.tensor.Parameters;
import org.rlvr4j.tensor.Role;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;

class MemoryPlanTest {

    private static final int PROMPT = 20;
    private static final int NEW = 70;
    private static final int ALIGNMENT = 1 << 18; // bytes that the plan leaves for it, more than these models need

    @ParameterizedTest
    @CsvSource({"wide, 400, false", "wide, 400, true", "deep, 300, false", "deep, 300, true", "deep, 4, true"})
    void trainingTakesWhatWasPlannedAndNoMore(String shape, int tokens, boolean recompute) {
        ModelConfig config = shape.equals("wide") ? wide() : deep();
        var generated = List.of(new MemoryPlan.GeneratorCall(6, 3, PROMPT, NEW));
        MemoryPlan plan =
                MemoryPlan.of(config, new MemoryPlan.Load(tokens, tokens, recompute, false, generated, generated));
        try (var backend = new VectorBackend(1);
                var workspace = new Workspace(backend, DType.F32, recompute, plan.activations());
                Decoder model = Decoder.random(config, workspace, 1);
                var optimizer = new Optimizer(model.parameters(), AdamW.withDecay(0), 1);
                var generator = new BatchGenerator(model, 6)) {
            train(model, tokens);
            generator.generate(prompts(config), Sampling.plain(2, NEW, 1));

            assertThat(plan.weights())
                    .isEqualTo(Float.BYTES * model.parameters().weights().length());
            long rows = config.tiedEmbeddings() ? Math.min(tokens, config.vocabularySize()) : 0;
            assertThat(plan.gradients()).isEqualTo(plan.weights() + Float.BYTES * rows * config.hiddenSize());
            assertThat((double) plan.moments())
                    .isCloseTo(2 * bytes(optimizer.means().values()), withinPercentage(1)); // what lies between them
            assertThat(workspace.capacity()).isEqualTo(plan.activations());
            assertThat((double) plan.activations() - ALIGNMENT)
                    .isCloseTo((double) workspace.peak(), withinPercentage(8)); // most is kept for the objective
        }
    }

    @ParameterizedTest
    @CsvSource({"wide, false", "wide, true", "deep, true"})
    void planForAdaptersIsWhatTheirTrainingTakes(String shape, boolean recompute) {
        ModelConfig config = shape.equals("wide") ? wide() : deep();
        var lora = new Lora(16, 32, List.of("q_proj", "v_proj", "gate_proj", "up_proj", "down_proj"), 1);
        var generated = List.of(new MemoryPlan.GeneratorCall(6, 3, PROMPT, NEW));
        var load = new MemoryPlan.Load(400, 400, recompute, true, generated, generated);
        MemoryPlan plan = MemoryPlan.of(config, load, lora, DType.BF16);
        try (var backend = new VectorBackend(1);
                var workspace = new Workspace(backend, DType.F32, recompute, plan.activations());
                Decoder model = Decoder.frozen(config, workspace, DType.BF16).adapted(lora, true);
                var optimizer = new Optimizer(model.parameters(), AdamW.withDecay(0), 1)) {
            train(model, 400);

            long adapters = model.parameters().weights().length();
            assertThat(plan.weights())
                    .isEqualTo(Float.BYTES
                            * (model.base().orElseThrow().parameters().weights().length() + adapters));
            assertThat(plan.gradients()).isEqualTo(Float.BYTES * adapters);
            assertThat(plan.moments()).isEqualTo(2 * Float.BYTES * adapters);
            assertThat(optimizer.means()).hasSize(lora.specs(config).size());
            assertThat(workspace.capacity()).isEqualTo(plan.activations());
            assertThat((double) plan.activations()).isCloseTo((double) workspace.peak(), withinPercentage(20));
        }
    }

    @ParameterizedTest
    @CsvSource({"wide, 60, false", "wide, 60, true", "deep, 60, false", "deep, 60, true", "deep, 4, true"})
    void groupThatIsCutTakesWhatWasPlannedForItsPrompt(String shape, int responseTokens, boolean recompute) {
        ModelConfig config = shape.equals("wide") ? wide() : deep();
        int prompt = 120;
        int tokens = responseTokens + prompt;
        var shared = new MemoryPlan.SharedPrompts(prompt, 2L * prompt);
        MemoryPlan alone =
                MemoryPlan.of(config, new MemoryPlan.Load(tokens, tokens, recompute, false, List.of(), List.of()));
        MemoryPlan plan = MemoryPlan.of(
                config,
                new MemoryPlan.Load(tokens, tokens, tokens, recompute, false, List.of(), List.of(), shared, 0, true));
        try (var backend = new VectorBackend(1);
                var workspace = new Workspace(backend, DType.F32, recompute, plan.activations());
                Decoder model = Decoder.random(config, workspace, 1);
                KeptPrefix kept = model.keep(new int[prompt])) {
            trainPart(model, kept, responseTokens, false);
            trainPart(model, kept, responseTokens, true);
            NoGrad.call(() -> trainPart(model, kept, responseTokens, true));

            assertThat(workspace.capacity()).isEqualTo(plan.activations());
            assertThat(plan.keysAndValues() - alone.keysAndValues()).isEqualTo(kept.bytes());
            assertThat(plan.runtime() - alone.runtime())
                    .isEqualTo(2L * 2 * prompt * config.keyValueSize() * Float.BYTES);
        }
    }

    /** A pass over a response, and over its prompt behind it in the last part. */
    private static Tensor trainPart(Decoder model, KeptPrefix kept, int response, boolean isLast) {
        int[] lengths = isLast ? new int[] {response, kept.length()} : new int[] {response};
        int[] parents = isLast ? new int[] {2, Segments.NONE} : new int[] {1};
        Segments segments = Segments.ofLengths(lengths).continuing(kept.length(), parents);
        var packed = new PackedTokens(
                new int[segments.total()],
                segments,
                IntStream.range(0, response).toArray(),
                new int[response],
                kept,
                isLast ? 1 : Segments.NONE);
        Tensor sum = model.logProb(packed, 1).column(0).sum();
        Autograd.backward(sum);
        model.workspace().release();
        return sum;
    }

    @Test
    void referencePolicyIsASecondSetOfWeights() {
        MemoryPlan alone = MemoryPlan.of(wide(), load(false, List.of()));
        MemoryPlan accompanied = MemoryPlan.of(wide(), load(true, List.of()));

        assertThat(accompanied.total() - alone.total()).isEqualTo(alone.weights());
    }

    @Test
    void evaluationHasTheMemoryOfTheMoments() {
        var many = new MemoryPlan.GeneratorCall(64, 64, PROMPT, 1000);
        MemoryPlan plan = MemoryPlan.of(wide(), load(false, List.of(many)));
        MemoryPlan generation = MemoryPlan.of(wide(), DType.F32, many);

        assertThat(plan.keysAndValues()).isEqualTo(generation.keysAndValues() - plan.moments());
    }

    @Test
    void generationAloneTakesHalfForMatricesOfBfloat16() {
        var one = new MemoryPlan.GeneratorCall(1, 1, PROMPT, NEW);
        MemoryPlan single = MemoryPlan.of(deep(), DType.F32, one);
        MemoryPlan half = MemoryPlan.of(deep(), DType.BF16, one);

        assertThat(single.gradients() + single.moments()).isZero();
        assertThat((double) half.weights()).isCloseTo(single.weights() / 2.0, withinPercentage(5)); // norms stay single
    }

    @Test
    void cacheOfBfloat16TakesHalfInGenerationAndInTraining() {
        var single = new MemoryPlan.GeneratorCall(8, 8, PROMPT, 1000);
        var half = new MemoryPlan.GeneratorCall(8, 8, 8, PROMPT, 1000, DType.BF16);

        assertThat(2 * MemoryPlan.of(wide(), DType.F32, half).keysAndValues())
                .isEqualTo(MemoryPlan.of(wide(), DType.F32, single).keysAndValues());
        assertThat(2 * MemoryPlan.of(wide(), rollout(half)).keysAndValues())
                .isEqualTo(MemoryPlan.of(wide(), rollout(single)).keysAndValues());
    }

    private static MemoryPlan.Load rollout(MemoryPlan.GeneratorCall call) {
        return new MemoryPlan.Load(40, 40, false, false, List.of(call), List.of());
    }

    @Test
    void planIsOneLine() {
        assertThat(new MemoryPlan(2_000_000_000, 2_000_000_000, 4_000_000_000L, 800_000_000, 340_000_000, 500_000_000))
                .hasToString("9.6 GB: weights 2.0, gradients 2.0, moments 4.0, activations 0.8, keys and values 0.3,"
                        + " runtime 0.5");
    }

    private static MemoryPlan.Load load(boolean reference, List<MemoryPlan.GeneratorCall> evaluations) {
        return new MemoryPlan.Load(40, 40, false, reference, List.of(), evaluations);
    }

    private static void train(Decoder model, int tokens) {
        int[] ids = new SplittableRandom(1)
                .ints(tokens, 0, model.config().vocabularySize())
                .toArray();
        int[] rows = IntStream.range(0, tokens - 1).toArray();
        Autograd.backward(model.logProb(ids, rows, Segments.ofLengths(tokens), 1)
                .column(0)
                .sum());
        model.workspace().release();
    }

    private static List<Prompt> prompts(ModelConfig config) {
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

    private static ModelConfig wide() {
        return new ModelConfig(
                ModelConfig.Family.QWEN2, 64, 300, 2, 4, 2, 16, 1e-6, 10_000, 500, true, 512, List.of(0), null, null);
    }

    private static ModelConfig deep() {
        return new ModelConfig(
                ModelConfig.Family.QWEN3, 32, 48, 16, 4, 1, 16, 1e-6, 10_000, 90, false, 512, List.of(0), null, null);
    }

    /** Whatever they are read for. */
    @Test
    void weightsInBfloat16TakeHalfOfADevicesMemoryAsOfAHosts() {
        ModelConfig config = wide();
        var call = new MemoryPlan.GeneratorCall(6, 3, PROMPT, NEW);
        var load = new MemoryPlan.Load(100, 100, false, false, List.of(call), List.of());
        var lora = new Lora(2, 4, List.of("q_proj"), 1);
        long saved = 2
                * config.weights().stream()
                        .filter(Parameters.Spec::isMatrix)
                        .mapToLong(Parameters.Spec::size)
                        .sum();

        long training = MemoryPlan.of(config, load, lora, DType.BF16).onDevice().of(Role.WEIGHTS);
        long generation =
                MemoryPlan.of(config, DType.BF16, call, lora).onDevice().of(Role.WEIGHTS);

        assertThat(training)
                .isEqualTo(generation)
                .isEqualTo(
                        MemoryPlan.of(config, load, lora, DType.F32).onDevice().of(Role.WEIGHTS) - saved);
    }

    @Test
    void workerHasTheSequencesOfOneTaskAndNoHeapOfItsOwn() {
        var call = new MemoryPlan.GeneratorCall(128, 16, 8, PROMPT, NEW, DType.F32);
        var load = new MemoryPlan.Load(100, 100, false, false, List.of(call), List.of());
        MemoryPlan whole = MemoryPlan.of(wide(), load);
        MemoryPlan worker = MemoryPlan.of(wide(), load.ofWorker(6, 50, 1));
        var ofTask = new MemoryPlan.GeneratorCall(24, 3, 8, PROMPT, NEW, DType.F32);

        assertThat(worker.keysAndValues())
                .isEqualTo(
                        MemoryPlan.of(wide(), new MemoryPlan.Load(100, 100, false, false, List.of(ofTask), List.of()))
                                .keysAndValues())
                .isLessThan(whole.keysAndValues() / 4);
        assertThat(worker.moments()).isZero();
        assertThat(worker.gradients() - whole.gradients()).isEqualTo(whole.weights());
        assertThat(worker.activations()).isLessThan(whole.activations());
        long prefilled =
                Float.BYTES * (16L * PROMPT - 100) * wide().widestSize(); // more prompt tokens than it has in passes
        assertThat(whole.runtime() - worker.runtime()).isEqualTo(230_000_000 + prefilled);
    }

    @ParameterizedTest
    @CsvSource({
        "896, 4864, 24, 14, 2, 64, true, false",
        "1536, 8960, 28, 12, 2, 128, true, false",
        "3584, 18944, 28, 28, 4, 128, false, true"
    })
    void modelsOfRealSizesFitOnADeviceOf139Gibibytes(
            int hidden, int mlp, int layers, int heads, int keyValueHeads, int headSize, boolean tied, boolean lora) {
        var config = new ModelConfig(
                ModelConfig.Family.QWEN2,
                hidden,
                mlp,
                layers,
                heads,
                keyValueHeads,
                headSize,
                1e-6,
                1e6,
                152_064,
                tied,
                32_768,
                List.of(),
                null,
                null);
        var call = List.of(new MemoryPlan.GeneratorCall(64, 16, 512, 3072));
        var load = new MemoryPlan.Load(4096, 65_536, true, false, call, call);
        MemoryPlan plan = lora
                ? MemoryPlan.of(config, load, new Lora(64, 128, List.of("q_proj", "v_proj"), 1), DType.BF16)
                : MemoryPlan.of(config, load);

        assertThat(plan.onDevice().total()).isLessThan(139L << 30);
        assertThat(plan.besideDevice().total()).isLessThan(8_000_000_000L);
    }
}
