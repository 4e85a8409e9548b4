package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlvr4j.rl.GoldenBatch.clipped;
import static org.rlvr4j.rl.GoldenBatch.counted;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.model.QwenConfig;
import org.rlvr4j.model.QwenConfig.Architecture;
import org.rlvr4j.rl.Method.Algorithm;
import org.rlvr4j.rl.advantage.Advantage;
import org.rlvr4j.rl.advantage.RewardHistory;
import org.rlvr4j.rl.clip.FixedClip;
import org.rlvr4j.rl.kl.KlPenalty;
import org.rlvr4j.rl.ratio.TokenRatio;
import org.rlvr4j.rl.surrogate.ClippedSurrogate;
import org.rlvr4j.rl.surrogate.ResponseTokens;
import org.rlvr4j.rl.weight.Weight;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.NoGrad;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;

/**
 * The derivative of every objective by every single weight of a whole model, against central differences.
 *
 * <p>Every published method and every kind of every axis is among them, by {@link Methods}.
 *
 * <p>An objective sees a model through its log-probabilities only, so these are taken once per weight and step, and every
 * objective is differenced on them. The error is relative to the gradient of the weight, or to 1e-4 of the largest one
 * where that is more: below it, what is left of a difference is the rounding of the loss.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ObjectiveGradientTest {

    private static final double TOLERANCE = 1e-6;
    private static final double FLOOR = 1e-4;
    private static final double STEP = 2e-4; // what the fourth order leaves out and rounding are then alike, about 1e-8
    private static final int[] STEPS = {-2, -1, 1, 2};
    private static final double TEMPERATURE = 0.8;

    private static final int VOCABULARY = 11;
    private static final int[] PROMPTS = {2, 2, 1, 1, 3, 3};
    private static final Segments RESPONSES = Segments.ofLengths(3, 1, 4, 2, 5, 2);
    private static final double[][] REWARDS = {{1, -1, -1}, {1, 1, 0}};
    private static final double[] EARLIER = {1, 0, -1};

    private final Workspace workspace = GoldenBatch.workspace(DType.F64);
    private final Map<Architecture, Differences> models = new EnumMap<>(Architecture.class);

    /** What the policy, the one that wrote the tokens, and the reference give to them; and the policy a little changed. */
    @SuppressWarnings("ArrayRecordComponent") // compared by identity
    private record Differences(Qwen2 policy, double[] now, double[] old, double[] reference, double[][][] changed) {}

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("objectives")
    void everyWeightsGradientIsThatOfTheObjective(Architecture architecture, String name, Method method) {
        Differences model = models.computeIfAbsent(architecture, this::differences);
        double[] advantages = advantages(method.advantage());
        double[] weight = method.weight().of(RESPONSES, Weight.Totals.of(RESPONSES, 5));
        var statistics = new PolicyStatistics();

        double[] gradient = gradient(model, method.loss(), advantages, weight, statistics);

        assertThat(statistics.tokenClippingRatio()).as("clipped").isStrictlyBetween(0.0, 1.0);
        double largest = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
        ToDoubleFunction<double[]> value =
                logProb -> value(model, method.loss(), advantages, weight, logProb, statistics);
        for (int i = 0; i < gradient.length; i++) {
            double[] f = Arrays.stream(model.changed[i]).mapToDouble(value).toArray();
            double difference = (8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * STEP);
            double error = Math.abs(difference - gradient[i]) / Math.max(Math.abs(gradient[i]), FLOOR * largest);
            assertThat(error)
                    .as("element %d: %s and %s", i, gradient[i], difference)
                    .isLessThan(TOLERANCE);
        }
    }

    static Stream<Arguments> objectives() {
        return Stream.of(Architecture.values()).flatMap(architecture -> methods(architecture).entrySet().stream()
                .map(method -> Arguments.of(architecture, method.getKey(), method.getValue())));
    }

    /** The second architecture, which shares all but the norms of the heads, gets the first methods alone. */
    private static Map<String, Method> methods(Architecture architecture) {
        Method grpo = Algorithm.GRPO.paper();
        Method dcpo = Algorithm.DCPO.paper();
        var methods = new LinkedHashMap<String, Method>();
        if (architecture == Architecture.QWEN3) {
            for (Algorithm algorithm : List.of(Algorithm.GRPO, Algorithm.DAPO, Algorithm.GSPO, Algorithm.DCPO)) {
                methods.put(algorithm + " paper", algorithm.paper());
                methods.put(algorithm + " script", algorithm.script());
            }
            return methods;
        }
        var seen = new HashSet<>();
        Methods.all().forEach((name, method) -> {
            if (seen.add(
                    List.of(method.advantage(), method.loss(), method.weight()))) { // the rest does not matter here
                methods.put(name, method);
            }
        });
        methods.put("GRPO + OTM", grpo.with(dcpo.weight()));
        methods.put("GRPO + DAC", grpo.with(dcpo.loss().surrogate()));
        methods.put("GRPO + SAS", grpo.with(dcpo.advantage()));
        methods.put("GRPO, dual clip at 1.1", grpo.with(new ClippedSurrogate(new FixedClip(0.2, 0.2), 1.1)));
        for (KlPenalty.Estimator estimator : KlPenalty.Estimator.values()) {
            methods.put("GRPO, penalty " + estimator, grpo.with(grpo.loss().with(new KlPenalty(estimator, 0.1))));
        }
        return methods;
    }

    /** The gradient by every weight as autograd has it. */
    private double[] gradient(
            Differences model, PolicyLoss loss, double[] advantages, double[] weight, PolicyStatistics statistics) {
        model.policy.parameters().beginGrads();
        ResponseTokens tokens = ResponseTokens.of(workspace, RESPONSES, model.old, advantages, weight, model.reference);
        Autograd.backward(counted(loss, logProb(model.policy), tokens, statistics));
        model.policy.parameters().mergeRows();
        workspace.release();
        var gradient = new ArrayList<Double>();
        forEachWeight(model.policy, (tensor, i) -> gradient.add(tensor.grad().get(i)));
        return gradient.stream().mapToDouble(g -> g).toArray();
    }

    /** The number whose gradient the loss is meant to have, of other log-probabilities. */
    private double value(
            Differences model,
            PolicyLoss loss,
            double[] advantages,
            double[] weight,
            double[] logProb,
            PolicyStatistics atNow) {
        var statistics = new PolicyStatistics();
        double value =
                switch (loss.ratio().tag()) {
                    case "TOKEN" -> value(loss, model.old, model.reference, advantages, weight, logProb, statistics);
                    case "SEQUENCE" -> {
                        value(loss, model.old, model.reference, advantages, weight, logProb, statistics);
                        yield sequenceObjective(model, loss, advantages, weight, logProb);
                    }
                    // with sg[s] and sg[p] held fixed, sg[s] * p / sg[p] is the ratio to a policy that gave sg[p] /
                    // sg[s]
                    case "MICRO_BATCH" -> {
                        double[] held = new double[logProb.length];
                        double shared = mean(model.now, model.old, 0, logProb.length);
                        Arrays.setAll(held, t -> model.now[t] - shared);
                        yield value(
                                loss.with(new TokenRatio(loss.ratio().logRatioLimit())),
                                held,
                                model.reference,
                                advantages,
                                weight,
                                logProb,
                                statistics);
                    }
                    default -> throw new AssertionError(loss.ratio());
                };
        // a kink between the points would make the difference meaningless
        assertThat(statistics.tokenClippingRatio()).isEqualTo(atNow.tokenClippingRatio());
        assertThat(statistics.dualClippedShare()).isEqualTo(atNow.dualClippedShare());
        return value;
    }

    private double value(
            PolicyLoss loss,
            double[] old,
            double[] reference,
            double[] advantages,
            double[] weight,
            double[] logProb,
            PolicyStatistics statistics) {
        ResponseTokens tokens = ResponseTokens.of(workspace, RESPONSES, old, advantages, weight, reference);
        double value =
                counted(loss, workspace.column(logProb), tokens, statistics).get(0);
        workspace.release();
        return value;
    }

    /**
     * GSPO's objective of sequences, the sum of W min(s A, clip(s) A), where W is what a response's tokens weigh together. The token form stops gradients, so that a
     * difference of its own value says nothing; it is meant to have this gradient (GSPO, section 4.3).
     */
    private double sequenceObjective(
            Differences model, PolicyLoss loss, double[] advantages, double[] weight, double[] logProb) {
        double sum = 0;
        for (int i = 0; i < RESPONSES.count(); i++) {
            double s = Math.exp(mean(logProb, model.old, RESPONSES.start(i), RESPONSES.end(i)));
            double clipped = Math.clamp(
                    s, clipped(loss).clip().low(0), clipped(loss).clip().high(0));
            double together =
                    Arrays.stream(weight, RESPONSES.start(i), RESPONSES.end(i)).sum();
            sum -= together * Math.min(s * advantages[i], clipped * advantages[i]);
        }
        var none = new double[advantages.length];
        return sum + value(loss, model.old, model.reference, none, weight, logProb, new PolicyStatistics());
    }

    private static double mean(double[] logProb, double[] old, int from, int to) {
        double sum = 0;
        for (int t = from; t < to; t++) {
            sum += logProb[t] - old[t];
        }
        return sum / (to - from);
    }

    /** Of the second visit of three prompts. */
    private static double[] advantages(Advantage advantage) {
        var history = new RewardHistory();
        var all = new ArrayList<Double>();
        for (int g = 0; g < REWARDS.length; g++) {
            advantage.of("p" + g, EARLIER, history);
            Arrays.stream(advantage.of("p" + g, REWARDS[g], history)).forEach(all::add);
        }
        return all.stream().mapToDouble(a -> a).toArray();
    }

    private Differences differences(Architecture architecture) {
        Qwen2 policy = model(architecture);
        double[] now = logProbs(policy);
        var changed = new ArrayList<double[][]>();
        forEachWeight(policy, (tensor, i) -> {
            double weight = tensor.data().get(i);
            var points = new double[STEPS.length][];
            for (int s = 0; s < STEPS.length; s++) {
                tensor.data().set(i, weight + STEPS[s] * STEP);
                points[s] = logProbs(policy);
            }
            tensor.data().set(i, weight);
            changed.add(points);
        });
        try (Qwen2 old = model(architecture);
                Qwen2 reference = model(architecture)) {
            disturb(old, 0.2, 2);
            disturb(reference, 0.15, 3);
            return new Differences(policy, now, logProbs(old), logProbs(reference), changed.toArray(double[][][]::new));
        }
    }

    private Qwen2 model(Architecture architecture) {
        var config = new QwenConfig(
                architecture,
                8,
                12,
                2,
                2,
                1,
                4,
                1e-6,
                10_000,
                VOCABULARY,
                architecture == Architecture.QWEN2,
                64,
                List.of(0),
                null,
                null);
        Qwen2 model = Qwen2.random(config, workspace, 1);
        disturb(model, 0.3, 1); // far from the start of a training, where layers hardly matter
        return model;
    }

    private static void disturb(Qwen2 model, double deviation, long seed) {
        var random = new SplittableRandom(seed);
        forEachWeight(model, (tensor, i) -> tensor.data().add(i, deviation * random.nextGaussian()));
    }

    private interface Visitor {
        void visit(Tensor tensor, long index);
    }

    private static void forEachWeight(Qwen2 model, Visitor visitor) {
        model.parameters().tensors().values().forEach(tensor -> {
            boolean panels = tensor.data().length() != tensor.shape().size();
            for (int n = 0; n < tensor.rows(); n++) {
                for (int k = 0; k < tensor.cols(); k++) {
                    visitor.visit(tensor, panels ? Panels.index(n, k, tensor.cols()) : n);
                }
            }
        });
    }

    private double[] logProbs(Qwen2 model) {
        Tensor column = NoGrad.call(() -> logProb(model));
        var logProbs = new double[column.rows()];
        Arrays.setAll(logProbs, column::get);
        workspace.release();
        return logProbs;
    }

    /** Of tokens drawn once, to which every model gives its own log-probabilities. */
    private static Tensor logProb(Qwen2 model) {
        var lengths = new int[PROMPTS.length];
        Arrays.setAll(lengths, i -> PROMPTS[i] + RESPONSES.length(i));
        Segments sequences = Segments.ofLengths(lengths);
        int[] tokens =
                new SplittableRandom(4).ints(sequences.total(), 0, VOCABULARY).toArray();
        var rows = new int[RESPONSES.total()];
        for (int i = 0; i < lengths.length; i++) {
            for (int t = 0; t < RESPONSES.length(i); t++) {
                rows[RESPONSES.start(i) + t] = sequences.start(i) + PROMPTS[i] - 1 + t;
            }
        }
        return model.logProb(tokens, rows, sequences, TEMPERATURE).column(0);
    }
}
