package org.rlvr4j.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.tensor.AdamW;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.Buffer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Golden;
import org.rlvr4j.tensor.Optimizer;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.TensorArena;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.scalar.ScalarBackend;
import org.rlvr4j.tensor.vector.VectorBackend;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Logits, greedy tokens, gradients and AdamW against PyTorch and Transformers, within what PyTorch differs from itself by
 * when it computes the same in another way.
 */
class CheckpointGoldenTest {

    private static final double LOGITS = 2e-5;
    private static final double LOG_PROBS = 2e-5;
    private static final double GRADIENTS = 2e-6;
    private static final double LOSSES = 1e-5;
    private static final VectorBackend BACKEND = new VectorBackend(2);

    static Stream<Path> checkpoints() throws IOException {
        return Golden.checkpoints().stream();
    }

    /** The sequences a golden checkpoint was run on, and what came out. */
    private record Run(Decoder model, Safetensors golden, List<int[]> sequences) {

        static Run open(Path folder) {
            return open(folder, new Workspace(BACKEND, DType.F32));
        }

        static Run open(Path folder, Workspace workspace) {
            Decoder model = Checkpoint.load(folder, workspace, true);
            Safetensors golden = Safetensors.open(folder.resolve("golden.safetensors"));
            var sequences = new ArrayList<int[]>();
            for (int i = 0; golden.names().contains("seq" + i + ".input_ids"); i++) {
                sequences.add(ints(golden.readInts("seq" + i + ".input_ids")));
            }
            return new Run(model, golden, sequences);
        }

        Segments segments() {
            return Segments.ofLengths(
                    sequences.stream().mapToInt(ids -> ids.length).toArray());
        }

        int[] tokens() {
            return sequences.stream().flatMapToInt(Arrays::stream).toArray();
        }

        /** Log-probabilities of every token but each sequence's first. */
        Tensor logProb() {
            Segments segments = segments();
            int[] rows = IntStream.range(0, segments.count())
                    .flatMap(s -> IntStream.range(segments.start(s), segments.end(s) - 1))
                    .toArray();
            return model.logProb(tokens(), rows, segments, 1);
        }

        Tensor meanLoss() {
            Tensor logProb = logProb().column(0);
            return logProb.sum().times(-1.0 / logProb.rows());
        }
    }

    @ParameterizedTest
    @MethodSource("checkpoints")
    void logitsAndLogProbabilitiesAgree(Path folder) {
        Run run = Run.open(folder);

        int V = run.model.config().vocabularySize();
        Buffer logits = logits(run, run.model);
        Tensor logProb = run.logProb();

        int at = 0;
        for (int s = 0; s < run.sequences.size(); s++) {
            float[] expected = run.golden.read("seq" + s + ".logits");
            close(logits.slice((long) run.segments().start(s) * V, expected.length), expected, LOGITS);
            float[] logProbs = run.golden.read("seq" + s + ".logprobs");
            float[] entropies = run.golden.read("seq" + s + ".entropy");
            for (int t = 0; t < logProbs.length; t++) {
                assertThat(logProb.get(2L * at)).isCloseTo(logProbs[t], within(LOG_PROBS));
                assertThat(logProb.get(2L * at++ + 1)).isCloseTo(entropies[t], within(LOG_PROBS));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("checkpoints")
    void logitsOfAModelThatIsNotTrainedAreTheSameToTheLastBit(Path folder) {
        Run run = Run.open(folder);
        Buffer expected = logits(run, run.model);

        try (Decoder frozen = Checkpoint.load(folder, run.model.workspace(), false)) {
            Buffer actual = logits(run, frozen);
            assertThat(actual.segment().mismatch(expected.segment())).isEqualTo(-1);
        }
    }

    private static Buffer logits(Run run, Decoder model) {
        int V = model.config().vocabularySize();
        Tensor hidden = model.hidden(
                run.tokens(),
                run.segments(),
                IntStream.range(0, run.tokens().length).toArray());
        Buffer logits = model.workspace().allocate((long) hidden.rows() * V);
        Buffer lse = model.workspace().allocate(hidden.rows());
        BACKEND.logits(hidden, model.head(), 1, logits, lse);
        return logits;
    }

    @ParameterizedTest
    @MethodSource("checkpoints")
    void greedyTokensAreIdentical(Path folder) {
        Run run = Run.open(folder);
        var prompts = new ArrayList<Prompt>();
        for (int s = 0; s < run.sequences.size(); s++) {
            prompts.add(new Prompt(s, run.sequences.get(s)));
        }

        try (var generator = new BatchGenerator(run.model, 3, Set.of())) {
            List<List<Completion>> completions = generator.generate(prompts, Sampling.greedy(64));

            for (int s = 0; s < prompts.size(); s++) {
                Completion completion = completions.get(s).getFirst();
                assertThat(completion.tokens()).isEqualTo(ints(run.golden.readInts("seq" + s + ".greedy64")));
                assertThat(completion.logProbs())
                        .containsExactly(run.golden.read("seq" + s + ".greedy64_logprobs"), within((float) LOG_PROBS));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("checkpoints")
    void everyGradientAgrees(Path folder) {
        Run run = Run.open(folder);
        JsonNode json = new JsonMapper().readTree(folder.resolve("golden.json").toFile());

        Tensor loss = run.meanLoss();
        Autograd.backward(loss);
        run.model.parameters().mergeRows();

        assertThat(loss.get(0)).isCloseTo(json.get("mean_nll_loss").asDouble(), within(LOSSES));
        double[] differences = differences(run.model, folder.resolve("golden_grads.safetensors"), Tensor::grad);
        assertThat(largest(differences)).isLessThanOrEqualTo(GRADIENTS);
    }

    @ParameterizedTest
    @MethodSource("checkpoints")
    void lossesAndNormsOfFiveAdamWStepsAgree(Path folder) {
        fiveSteps(Run.open(folder), folder);
    }

    /**
     * In double precision, which leaves PyTorch's own rounding: AdamW makes a step of full length out of a gradient of
     * 1e-8, and its direction then is a matter of the last bit.
     */
    @ParameterizedTest
    @MethodSource("checkpoints")
    void weightsAfterFiveAdamWStepsAgree(Path folder) {
        Run run = Run.open(folder, new Workspace(new ScalarBackend(), DType.F64));
        fiveSteps(run, folder);

        double[] differences =
                differences(run.model, folder.resolve("golden_params_after_5_adamw.safetensors"), Tensor::data);
        assertThat(largest(differences)).isLessThanOrEqualTo(2e-4);
        assertThat(Arrays.stream(differences)
                        .filter(difference -> difference <= 1e-6)
                        .count())
                .isGreaterThanOrEqualTo((long) Math.ceil(0.999 * differences.length));
    }

    private static void fiveSteps(Run run, Path folder) {
        JsonNode json = new JsonMapper()
                .readTree(folder.resolve("golden.json").toFile())
                .get("adamw");
        var adamW = new AdamW(
                json.get("betas").get(0).asDouble(),
                json.get("betas").get(1).asDouble(),
                json.get("eps").asDouble(),
                json.get("weight_decay").asDouble());
        try (var optimizer = new Optimizer(
                run.model.parameters(), adamW, json.get("clip_grad_norm").asDouble())) {
            for (int step = 0; step < json.get("losses_before_each_step").size(); step++) {
                run.model.parameters().beginGrads();
                Tensor loss = run.meanLoss();
                Autograd.backward(loss);
                run.model.parameters().mergeRows();
                assertThat(loss.get(0))
                        .isCloseTo(json.get("losses_before_each_step").get(step).asDouble(), within(LOSSES));
                double norm = optimizer.step(json.get("lr").asDouble());
                assertThat(norm)
                        .isCloseTo(json.get("grad_norms_before_clip").get(step).asDouble(), within(LOSSES));
                run.model.workspace().release();
            }
        }
    }

    /** By how much each element differs from a file's. */
    private static double[] differences(Decoder model, Path file, Function<Tensor, Buffer> elements) {
        try (Safetensors golden = Safetensors.open(file);
                var arena = new TensorArena(DType.F32)) {
            var differences = DoubleStream.builder();
            for (Map.Entry<String, Tensor> weight : model.parameters().tensors().entrySet()) {
                Tensor tensor = weight.getValue();
                Buffer expected = arena.zeros(tensor.data().length());
                Checkpoint.read(
                        golden,
                        weight.getKey(),
                        Tensor.constant(tensor.workspace(), tensor.shape(), tensor.layout(), expected));
                Buffer actual = elements.apply(tensor);
                for (long i = 0; i < expected.length(); i++) {
                    differences.add(Math.abs(actual.get(i) - expected.get(i)));
                }
            }
            return differences.build().toArray();
        }
    }

    private static double largest(double[] differences) {
        return Arrays.stream(differences).max().orElseThrow();
    }

    private static void close(Buffer actual, float[] expected, double tolerance) {
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual.get(i)).as("element %d", i).isCloseTo(expected[i], within(tolerance));
        }
    }

    private static int[] ints(long[] values) {
        return Arrays.stream(values).mapToInt(Math::toIntExact).toArray();
    }
}
