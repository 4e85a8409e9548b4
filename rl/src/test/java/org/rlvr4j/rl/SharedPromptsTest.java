package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.rlvr4j.rl.PromptGroups.GRPO;
import static org.rlvr4j.rl.PromptGroups.LAYERS;
import static org.rlvr4j.rl.PromptGroups.batch;
import static org.rlvr4j.rl.PromptGroups.config;
import static org.rlvr4j.rl.PromptGroups.weights;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.Lora;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.rl.gate.Draws;
import org.rlvr4j.rl.gate.KlCov;
import org.rlvr4j.rl.surrogate.ResponseTokens;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.scalar.ScalarBackend;
import org.rlvr4j.tensor.vector.VectorBackend;

/** Prompts that are computed once for the responses of a group, against prompts that are repeated before each. */
class SharedPromptsTest {

    private static final int WHOLE = 100_000;
    private static final int[] CUTS = {1, 9, 17, 40, 75, WHOLE};
    private static final Lora LORA = new Lora(2, 4, List.of("q_proj", "v_proj", "down_proj"), 6);

    /** Gradients of all parameters by name, and the statistics. */
    private record Outcome(Map<String, double[]> gradients, List<Double> statistics) {}

    /** How a mini-batch is learned from. */
    private record Setup(
            ModelConfig.Family family,
            Method method,
            DType type,
            boolean recompute,
            @Nullable Lora lora,
            boolean share) {

        Setup(ModelConfig.Family family, DType type, boolean share) {
            this(family, GRPO, type, false, null, share);
        }

        Setup sharing(boolean shares) {
            return new Setup(family, method, type, recompute, lora, shares);
        }
    }

    @ParameterizedTest
    @EnumSource
    void logProbabilitiesHaveTheBitsOfRepeatedPrompts(ModelConfig.Family family) {
        Batch batch = batch(true);
        for (Backend backend : List.of(new VectorBackend(2), new ScalarBackend())) {
            try (backend;
                    var workspace = new Workspace(backend, DType.F32);
                    Decoder model = Decoder.random(config(family), workspace, 3)) {
                Learner.Scores repeated = learner(model, GRPO, WHOLE, false).score(batch);

                for (int cut : CUTS) {
                    Learner.Scores shared = learner(model, GRPO, cut, true).score(batch);
                    assertThat(shared.logProbs()).isEqualTo(repeated.logProbs());
                    assertThat(shared.entropies()).isEqualTo(repeated.entropies());
                }
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void gradientsInDoublePrecisionAreThoseOfRepeatedPrompts(ModelConfig.Family family) {
        var setup = new Setup(family, DType.F64, true);
        Outcome repeated = learn(new ScalarBackend(), setup.sharing(false), WHOLE);

        for (int cut : new int[] {1, 40, WHOLE}) {
            Outcome shared = learn(new ScalarBackend(), setup, cut);
            repeated.gradients.forEach((name, gradient) -> assertThat(distance(shared.gradients.get(name), gradient))
                    .as(name)
                    .isLessThan(1e-12 * norm(gradient)));
            assertThat(shared.statistics).isEqualTo(repeated.statistics);
        }
    }

    @ParameterizedTest
    @EnumSource
    void gradientsInSinglePrecisionAreNoFartherFromDoubleOnesThanThoseOfRepeatedPrompts(ModelConfig.Family family) {
        var setup = new Setup(family, DType.F32, true);
        try (var backend = new VectorBackend(2)) {
            Outcome exact = learn(new ScalarBackend(), new Setup(family, DType.F64, false), WHOLE);
            Outcome repeated = learn(backend, setup.sharing(false), WHOLE);
            Outcome shared = learn(backend, setup, WHOLE);

            exact.gradients.forEach((name, gradient) -> {
                assertThat(distance(shared.gradients.get(name), Objects.requireNonNull(repeated.gradients.get(name))))
                        .as(name)
                        .isLessThan(2e-5 * norm(gradient));
            });
            assertThat(error(shared, exact)).isLessThanOrEqualTo(error(repeated, exact));
        }
    }

    @ParameterizedTest
    @EnumSource
    void neitherCutNorThreadsNorRecomputationChangeABitOfTheGradients(ModelConfig.Family family) {
        var setup = new Setup(family, DType.F32, true);
        var recomputing = new Setup(family, GRPO, DType.F32, true, null, true);
        Outcome expected = learn(new VectorBackend(1), setup, WHOLE);
        Outcome expectedOfScalar = learn(new ScalarBackend(), setup, WHOLE);

        for (int cut : CUTS) {
            assertSame(learn(new VectorBackend(1), setup, cut), expected);
            assertSame(learn(new VectorBackend(3), recomputing, cut), expected);
        }
        assertSame(learn(new ScalarBackend(), recomputing, 1), expectedOfScalar);
        assertSame(learn(new ScalarBackend(), recomputing, 40), expectedOfScalar);
    }

    @Test
    void neitherCutNorThreadsChangeABitOfTheGradientsOfAdapters() {
        var setup = new Setup(ModelConfig.Family.QWEN2, GRPO, DType.F32, false, LORA, true);
        var recomputing = new Setup(ModelConfig.Family.QWEN2, GRPO, DType.F32, true, LORA, true);
        Outcome repeated = learn(new VectorBackend(1), setup.sharing(false), WHOLE);
        Outcome expected = learn(new VectorBackend(1), setup, WHOLE);

        repeated.gradients.forEach((name, gradient) -> assertThat(distance(expected.gradients.get(name), gradient))
                .as(name)
                .isLessThan(2e-5 * norm(gradient) + 1e-12)); // the gradient of each first factor is 0 at the start
        for (int cut : CUTS) {
            assertSame(learn(new VectorBackend(2), setup, cut), expected);
            assertSame(learn(new VectorBackend(1), recomputing, cut), expected);
        }
    }

    @Test
    void rowsOfAPromptAreComputedOnceForItsGroup() {
        assertThat(rows(batch(true), WHOLE, false))
                .containsExactly(Map.entry("backward", 225), Map.entry("forward", 225));
        assertThat(rows(batch(true), WHOLE, true))
                .containsExactly(Map.entry("backward", 148), Map.entry("forward", 148));
        assertThat(rows(batch(true), 40, true)) // and once more for the groups that are cut, before their first part
                .containsExactly(Map.entry("backward", 148), Map.entry("forward", 148 + 12 + 20));
    }

    @Test
    void responsesWithoutGradientAreRunForwardOnlyAndChangeNoBit() {
        Batch batch = batch(false);
        double[] weights = weights(batch);
        assertThat(rows(batch, WHOLE, true)).containsExactly(Map.entry("backward", 104), Map.entry("forward", 148));

        try (var backend = new VectorBackend(1);
                var workspace = new Workspace(backend, DType.F32);
                Decoder model = Decoder.random(config(ModelConfig.Family.QWEN2), workspace, 3)) {
            LocalLearner learner = learner(model, GRPO, WHOLE, true);
            PolicyStatistics all = learner.learn(batch, weights, new Draws(1));
            Map<String, double[]> gradients = gradients(model);
            Learner.Scores scores = learner.score(batch);
            int last = batch.responses().start(10); // of the group whose advantages are 0
            learner.learn(batch.slice(0, 10), Arrays.copyOf(weights, last), new Draws(1));

            assertSame(gradients(model), gradients);
            double entropy = 0;
            double logRatio = 0;
            for (int t = 0; t < scores.entropies().length; t++) {
                entropy += scores.entropies()[t];
                logRatio += scores.logProbs()[t] - batch.oldLogProbs()[t];
            }
            assertThat(all.entropy()).isEqualTo(entropy / scores.entropies().length);
            assertThat(all.ppoKl())
                    .isCloseTo(-logRatio / scores.entropies().length, within(1e-6)); // of single precision
        }
    }

    static Stream<Arguments> surrogates() {
        return Methods.all().entrySet().stream()
                .filter(it -> it.getValue().loss().kl().coefficient() == 0)
                .filter(it -> it.getValue().loss().entropy().coefficient() == 0)
                .map(it -> Arguments.of(it.getKey(), it.getValue().loss()));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("surrogates")
    void responseWithoutAdvantageHasNoGradientWhateverTheSurrogate(String name, PolicyLoss loss) {
        try (var workspace = new Workspace(new ScalarBackend(), DType.F64)) {
            Tensor numbers = workspace.column(-0.1, -2, -0.5, -1.2, -3, -0.7);
            Tensor logProb = Tensor.parameter(workspace, numbers.shape(), numbers.data());
            double[] old = {-1, -1, -1, -1, -1, -1};
            double[] ones = {1, 1, 1, 1, 1, 1};
            var tokens = ResponseTokens.of(workspace, Segments.ofLengths(4, 2), old, new double[] {0, 0}, ones, null);

            Tensor sum = loss.of(logProb, tokens).loss();
            Autograd.backward(sum);

            assertThat(sum.get(0)).isZero();
            for (int t = 0; t < 6; t++) {
                assertThat(logProb.grad().get(t)).isZero();
            }
        }
    }

    @Test
    void anyPenaltyOnAResponseGivesItAGradient() {
        Batch batch = batch(false);
        Method gated = GRPO.with(new KlCov(1, 1));

        assertThat(rows(batch, gated, WHOLE, true).get("backward")).isEqualTo(148);
        assertThat(rows(batch, Method.Algorithm.GRPO.script(), WHOLE, true).get("backward"))
                .isEqualTo(148);
    }

    @Test
    void backendThatDoesNotContinueSequencesGetsRepeatedPrompts() {
        var counted = new TreeMap<String, Integer>();
        var setup = new Setup(ModelConfig.Family.QWEN2, DType.F64, true);
        Outcome fallback = learn(counting(counted, false), setup, WHOLE);

        assertThat(counted).containsExactly(Map.entry("backward", LAYERS * 225), Map.entry("forward", LAYERS * 225));
        assertSame(learn(new ScalarBackend(), setup.sharing(false), WHOLE), fallback);
    }

    /** Rows of a layer's attention, forward and backward, by the name of the direction. */
    private static Map<String, Integer> rows(Batch batch, int cut, boolean share) {
        return rows(batch, GRPO, cut, share);
    }

    private static Map<String, Integer> rows(Batch batch, Method method, int cut, boolean share) {
        var rows = new TreeMap<String, Integer>();
        try (Backend backend = counting(rows, true);
                var workspace = new Workspace(backend, DType.F32);
                Decoder model = Decoder.random(config(ModelConfig.Family.QWEN2), workspace, 3);
                Decoder reference = Decoder.frozen(
                        config(ModelConfig.Family.QWEN2), new Workspace(new ScalarBackend(), DType.F32))) {
            reference.parameters().weights().copyFrom(model.parameters().weights());
            new LocalLearner(model, reference, method.loss(), cut, 1, share, 1)
                    .learn(batch, weights(batch), new Draws(1));
        }
        rows.replaceAll((_, count) -> count / LAYERS);
        return rows;
    }

    /** The scalar backend, which counts the rows of attention in all layers together. */
    private static Backend counting(Map<String, Integer> rows, boolean continues) {
        var scalar = new ScalarBackend();
        return (Backend) Proxy.newProxyInstance(
                Backend.class.getClassLoader(), new Class<?>[] {Backend.class}, (_, method, arguments) -> {
                    if (method.getName().equals("continuesSequences")) {
                        return continues;
                    }
                    if (method.getName().startsWith("attention")) {
                        int count = ((Attention) arguments[0]).q().rows();
                        rows.merge(method.getName().endsWith("Backward") ? "backward" : "forward", count, Integer::sum);
                    }
                    try {
                        return method.invoke(scalar, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private static Outcome learn(Backend backend, Setup setup, int cut) {
        Batch batch = batch(true);
        try (var workspace = new Workspace(backend, setup.type, setup.recompute);
                Decoder model = model(workspace, setup)) {
            var learner = new LocalLearner(model, null, setup.method.loss(), cut, 0.9, setup.share, 1);
            PolicyStatistics statistics = learner.learn(batch, weights(batch), new Draws(1));
            return new Outcome(
                    gradients(model),
                    List.of(
                            statistics.loss(),
                            statistics.ppoKl(),
                            statistics.entropy(),
                            statistics.clippedLowShare(),
                            statistics.clippedHighShare(),
                            statistics.dualClippedShare()));
        }
    }

    private static LocalLearner learner(Decoder model, Method method, int cut, boolean share) {
        return new LocalLearner(model, null, method.loss(), cut, 0.9, share, 1);
    }

    private static Decoder model(Workspace workspace, Setup setup) {
        Decoder model = Decoder.random(config(setup.family), workspace, 3);
        if (setup.lora == null) {
            return model;
        }
        try (model) {
            Decoder frozen = Decoder.frozen(model.config(), workspace);
            frozen.parameters().weights().copyFrom(model.parameters().weights());
            return frozen.adapted(setup.lora, true);
        }
    }

    private static Map<String, double[]> gradients(Decoder model) {
        var gradients = new LinkedHashMap<String, double[]>();
        model.parameters().tensors().forEach((name, tensor) -> {
            var numbers = new double[Math.toIntExact(tensor.shape().size())];
            for (int i = 0; i < numbers.length; i++) {
                numbers[i] = tensor.grad().get(tensor.index(i / tensor.cols(), i % tensor.cols()));
            }
            gradients.put(name, numbers);
        });
        return gradients;
    }

    private static void assertSame(Outcome actual, Outcome expected) {
        assertSame(actual.gradients, expected.gradients);
        assertThat(actual.statistics).isEqualTo(expected.statistics);
    }

    private static void assertSame(Map<String, double[]> actual, Map<String, double[]> expected) {
        expected.forEach((name, gradient) ->
                assertThat(Arrays.equals(actual.get(name), gradient)).as(name).isTrue());
    }

    private static double error(Outcome outcome, Outcome exact) {
        return exact.gradients.entrySet().stream()
                .mapToDouble(it -> distance(outcome.gradients.get(it.getKey()), it.getValue()))
                .reduce(0, Math::hypot);
    }

    private static double distance(double @Nullable [] gradient, double[] b) {
        double[] a = Objects.requireNonNull(gradient);
        return Math.sqrt(IntStream.range(0, b.length)
                .mapToDouble(i -> Math.pow(a[i] - b[i], 2))
                .sum());
    }

    private static double norm(double[] gradient) {
        return distance(new double[gradient.length], gradient);
    }
}
