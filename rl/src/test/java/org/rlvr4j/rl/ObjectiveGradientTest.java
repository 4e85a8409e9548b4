package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.ModelConfig.Family;
import org.rlvr4j.rl.Method.Algorithm;
import org.rlvr4j.rl.advantage.Advantage;
import org.rlvr4j.rl.advantage.RewardHistory;
import org.rlvr4j.rl.clip.Clip;
import org.rlvr4j.rl.clip.Clipping;
import org.rlvr4j.rl.clip.FixedClip;
import org.rlvr4j.rl.clip.TotalVariationClip;
import org.rlvr4j.rl.entropy.EntropyBonus;
import org.rlvr4j.rl.gate.ClipCov;
import org.rlvr4j.rl.gate.Draws;
import org.rlvr4j.rl.gate.Gate;
import org.rlvr4j.rl.gate.KlCov;
import org.rlvr4j.rl.gate.OffPolicyMask;
import org.rlvr4j.rl.kl.KlPenalty;
import org.rlvr4j.rl.ratio.Ratio;
import org.rlvr4j.rl.ratio.TokenRatio;
import org.rlvr4j.rl.surrogate.BandWeight;
import org.rlvr4j.rl.surrogate.ClippedWeight;
import org.rlvr4j.rl.surrogate.GeometricMean;
import org.rlvr4j.rl.surrogate.MaskedSurrogate;
import org.rlvr4j.rl.surrogate.ResponseTokens;
import org.rlvr4j.rl.surrogate.SequenceKernel;
import org.rlvr4j.rl.surrogate.Surrogate;
import org.rlvr4j.rl.surrogate.TruncatedWeight;
import org.rlvr4j.rl.weight.Weight;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.LogProbs;
import org.rlvr4j.tensor.NoGrad;
import org.rlvr4j.tensor.Panels;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Shape;
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

    /** So wide that no token of this model reaches them; narrower ones of their kinds are among the methods too. */
    private static final Set<Clip> CLIP_NOTHING = Set.of(
            new TotalVariationClip(0.15, 0.15, Double.POSITIVE_INFINITY), new FixedClip(1, Double.POSITIVE_INFINITY));

    private static final int VOCABULARY = 11;
    private static final int[] PROMPTS = {2, 2, 1, 1, 3, 3};
    private static final Segments RESPONSES = Segments.ofLengths(3, 1, 4, 2, 5, 2);
    private static final double[][] REWARDS = {{1, -1, -1}, {1, 1, 0}};
    private static final double[] EARLIER = {1, 0, -1};

    private final Workspace workspace = GoldenBatch.workspace(DType.F64);
    private final Map<Family, Differences> models = new EnumMap<>(Family.class);

    /** Log-probabilities and entropies of the tokens by some model. */
    @SuppressWarnings("ArrayRecordComponent") // compared by identity
    private record Numbers(double[] logProb, double[] entropy) {}

    /** What the policy, the one that wrote the tokens, and the reference give to them; and the policy a little changed. */
    @SuppressWarnings("ArrayRecordComponent") // compared by identity
    private record Differences(Decoder policy, Numbers now, double[] old, double[] reference, Numbers[][] changed) {}

    /** A loss of given advantages and weights, with the gate's decision where the policy is now. */
    @SuppressWarnings("ArrayRecordComponent") // compared by identity
    private record Objective(PolicyLoss loss, double[] advantages, double[] weight, Gate.Decision gate) {

        Objective with(PolicyLoss other) {
            return new Objective(other, advantages, weight, gate);
        }

        double advantage(int t) {
            int response = 0;
            while (RESPONSES.end(response) <= t) {
                response++;
            }
            return advantages[response];
        }
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("objectives")
    void everyWeightsGradientIsThatOfTheObjective(Family family, String name, Method method) {
        Differences model = models.computeIfAbsent(family, this::differences);
        double[] advantages = advantages(method.advantage());
        double[] weight = method.weight().of(RESPONSES, Weight.Totals.of(RESPONSES, 5));
        var objective = new Objective(method.loss(), advantages, weight, decision(model, method.loss(), advantages));
        var statistics = new PolicyStatistics();

        double[] gradient = gradient(model, objective, statistics);

        assertClips(method.loss(), statistics.tokenClippingRatio());
        double largest = Arrays.stream(gradient).map(Math::abs).max().orElseThrow();
        ToDoubleFunction<Numbers> value = numbers -> value(model, objective, numbers, statistics);
        for (int i = 0; i < gradient.length; i++) {
            double[] f = Arrays.stream(model.changed[i]).mapToDouble(value).toArray();
            double difference = (8 * (f[2] - f[1]) - (f[3] - f[0])) / (12 * STEP);
            double error = Math.abs(difference - gradient[i]) / Math.max(Math.abs(gradient[i]), FLOOR * largest);
            assertThat(error)
                    .as("element %d: %s and %s", i, gradient[i], difference)
                    .isLessThan(TOLERANCE);
        }
    }

    private static void assertClips(PolicyLoss loss, double clipped) {
        if (loss.surrogate().uses().contains(Surrogate.Part.CLIP)
                && !CLIP_NOTHING.contains(loss.clipping().clip())) {
            assertThat(clipped).as("clipped").isPositive();
        }
        if (!(loss.surrogate() instanceof ClippedWeight)) { // which keeps the gradient of a clipped token
            assertThat(clipped).as("clipped").isLessThan(1);
        }
    }

    @Test
    void everySurrogateHasAGradientOfItsOwnOnceThePolicyHasMoved() {
        Differences model = models.computeIfAbsent(Family.QWEN2, this::differences);
        Method grpo = Algorithm.GRPO.paper();
        Map<String, List<Double>> gradients = new LinkedHashMap<>();
        for (String choice : Axis.SURROGATE.tags()) {
            PolicyLoss loss = Axis.SURROGATE.changed(grpo, choice, Preset.PAPER).loss();
            double[] advantages = advantages(grpo.advantage());
            double[] weight = grpo.weight().of(RESPONSES, Weight.Totals.of(RESPONSES, 5));
            var objective = new Objective(loss, advantages, weight, decision(model, loss, advantages));
            gradients.put(
                    choice,
                    Arrays.stream(gradient(model, objective, new PolicyStatistics()))
                            .boxed()
                            .toList());
        }

        assertThat(gradients.values()).doesNotHaveDuplicates();
    }

    static Stream<Arguments> objectives() {
        return Stream.of(Family.QWEN2, Family.QWEN3).flatMap(family -> methods(family).entrySet().stream()
                .map(method -> Arguments.of(family, method.getKey(), method.getValue())));
    }

    /** The second family, which shares all but the norms of the heads, gets the first methods alone. */
    private static Map<String, Method> methods(Family family) {
        Method grpo = Algorithm.GRPO.paper();
        Method dcpo = Algorithm.DCPO.paper();
        var methods = new LinkedHashMap<String, Method>();
        if (family == Family.QWEN3) {
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
        methods.put("GRPO + DAC", grpo.with(dcpo.loss().clipping()));
        methods.put("GRPO + SAS", grpo.with(dcpo.advantage()));
        methods.put("GRPO, dual clip at 1.1", grpo.with(new Clipping(new FixedClip(0.2, 0.2), 1.1)));
        for (KlPenalty.Estimator estimator : KlPenalty.Estimator.values()) {
            methods.put("GRPO, penalty " + estimator, grpo.with(grpo.loss().with(new KlPenalty(estimator, 0.1))));
        }
        methods.put("GRPO, ENTROPY 0.3", grpo.with(new EntropyBonus(0.3)));
        methods.put("GRPO, GATE KL_COV of a third", grpo.with(new KlCov(0.33, 0.4)));
        methods.put("GRPO, GATE CLIP_COV of any sign", grpo.with(new ClipCov(0.4, -3, 3)));
        methods.put("GRPO, GATE OFF_POLICY at 0", grpo.with(new OffPolicyMask(0)));
        methods.put(
                "GRPO, CLIP TOTAL_VARIATION of 0.02", grpo.with(Clipping.of(new TotalVariationClip(0.02, 0.02, 100))));
        methods.put(
                "CISPO with DAC",
                grpo.with(new ClippedWeight()).with(dcpo.loss().clipping()));
        methods.put(
                "GMPO with DAC", grpo.with(new GeometricMean()).with(dcpo.loss().clipping()));
        return methods;
    }

    /** The gradient by every weight as autograd has it. */
    private double[] gradient(Differences model, Objective objective, PolicyStatistics statistics) {
        model.policy.parameters().beginGrads();
        ResponseTokens tokens = tokens(model, objective);
        PolicyLoss.Terms terms = objective.loss.of(logProbs(model.policy), tokens);
        statistics.add(terms, tokens.advantage());
        Autograd.backward(terms.loss());
        model.policy.parameters().mergeRows();
        workspace.release();
        var gradient = new ArrayList<Double>();
        forEachWeight(model.policy, (tensor, i) -> gradient.add(tensor.grad().get(i)));
        return gradient.stream().mapToDouble(g -> g).toArray();
    }

    private ResponseTokens tokens(Differences model, Objective objective) {
        return ResponseTokens.of(
                        workspace, RESPONSES, model.old, objective.advantages, objective.weight, model.reference)
                .gatedBy(objective.gate);
    }

    private Gate.Decision decision(Differences model, PolicyLoss loss, double[] advantages) {
        var noWeight = new double[RESPONSES.total()];
        ResponseTokens tokens = ResponseTokens.of(workspace, RESPONSES, model.old, advantages, noWeight, null);
        Gate.Decision decision = loss.gate().decide(loss.scored(pairs(model.now), tokens), Draws.of(1, 0, 0));
        workspace.release();
        return decision;
    }

    /** The number whose gradient the loss is meant to have, of other log-probabilities. */
    private double value(Differences model, Objective objective, Numbers numbers, PolicyStatistics atNow) {
        var statistics = new PolicyStatistics();
        PolicyLoss loss = objective.loss;
        double value =
                switch (loss.surrogate().tag()) {
                    case "CLIPPED", "SAPO", "GMPO" -> ofRatio(model, objective, numbers, statistics);
                    case "CISPO", "MASKED", "TIS", "ICEPOP", "VESPO" -> {
                        own(model, objective, numbers, statistics);
                        yield heldFactors(model, objective, numbers);
                    }
                    default ->
                        throw new AssertionError("say what the gradient of " + loss.surrogate() + " is meant to be");
                };
        // a kink between the points would make the difference meaningless
        assertThat(statistics.tokenClippingRatio()).isEqualTo(atNow.tokenClippingRatio());
        assertThat(statistics.dualClippedShare()).isEqualTo(atNow.dualClippedShare());
        return value;
    }

    private double ofRatio(Differences model, Objective objective, Numbers numbers, PolicyStatistics statistics) {
        return switch (objective.loss.ratio().tag()) {
            case "TOKEN" -> own(model, objective, numbers, statistics);
            case "SEQUENCE" -> {
                own(model, objective, numbers, statistics);
                yield sequenceObjective(model, objective, numbers);
            }
            // with sg[s] and sg[p] held fixed, sg[s] * p / sg[p] is the ratio to a policy that gave sg[p] / sg[s]
            case "MICRO_BATCH" -> {
                double[] now = model.now.logProb;
                double[] held = new double[now.length];
                double shared = mean(now, model.old, 0, now.length);
                Arrays.setAll(held, t -> now[t] - shared);
                yield own(
                        new Differences(model.policy, model.now, held, model.reference, model.changed),
                        objective.with(objective.loss.with(new TokenRatio(Ratio.LOG_RATIO_LIMIT))),
                        numbers,
                        statistics);
            }
            default -> throw new AssertionError(objective.loss.ratio());
        };
    }

    /** The loss's own value, where it stops no gradient. */
    private double own(Differences model, Objective objective, Numbers numbers, PolicyStatistics statistics) {
        ResponseTokens tokens = tokens(model, objective);
        PolicyLoss.Terms terms = objective.loss.of(pairs(numbers), tokens);
        statistics.add(terms, tokens.advantage());
        double value = terms.loss().get(0);
        workspace.release();
        return value;
    }

    /** What is left of a loss without its surrogate. */
    private double withoutSurrogate(Differences model, Objective objective, Numbers numbers) {
        var none = new double[objective.advantages.length];
        var rest = new Objective(objective.loss, none, objective.weight, objective.gate);
        return own(model, rest, numbers, new PolicyStatistics());
    }

    /**
     * GSPO's objective of sequences, the sum of W min(s A, clip(s) A), where W is what a response's tokens weigh together.
     * The token form stops gradients, so that a difference of its own value says nothing; it is meant to have this gradient
     * (GSPO, section 4.3).
     */
    private double sequenceObjective(Differences model, Objective objective, Numbers numbers) {
        Clip clip = objective.loss.clipping().clip();
        double sum = 0;
        for (int i = 0; i < RESPONSES.count(); i++) {
            double s = Math.exp(mean(numbers.logProb, model.old, RESPONSES.start(i), RESPONSES.end(i)));
            double clipped = Math.clamp(s, clip.low(0), clip.high(0));
            double advantage = objective.advantages[i];
            double together = Arrays.stream(objective.weight, RESPONSES.start(i), RESPONSES.end(i))
                    .sum();
            sum -= together * Math.min(s * advantage, clipped * advantage);
        }
        return sum + withoutSurrogate(model, objective, numbers);
    }

    /** The sum of factors times log p, with the factors that the papers stop the gradient of taken where the policy is now. */
    private double heldFactors(Differences model, Objective objective, Numbers numbers) {
        double sum = 0;
        for (int t = 0; t < RESPONSES.total(); t++) {
            double factor = factor(model, objective, t) * objective.advantage(t);
            sum -= objective.weight[t] * objective.gate.share()[t] * factor * numbers.logProb[t];
        }
        return sum + withoutSurrogate(model, objective, numbers);
    }

    private static double factor(Differences model, Objective objective, int t) {
        double a = objective.advantage(t);
        double q = model.old[t];
        double r = Math.exp(model.now.logProb[t] - q);
        Clip clip = objective.loss.clipping().clip();
        return switch (objective.loss.surrogate()) {
            case ClippedWeight _ -> Math.max(clip.low(q), Math.min(r, clip.high(q)));
            case MaskedSurrogate(double c) -> (a > 0 ? r > clip.high(q) : r < clip.low(q)) ? 0 : Math.min(r, c);
            case TruncatedWeight(double c) -> Math.min(r, c);
            case BandWeight(double low, double high) -> low <= r && r <= high ? r : 0;
            case SequenceKernel(double k, double lambda, double kNegative, double lambdaNegative) -> {
                int response = 0;
                while (RESPONSES.end(response) <= t) {
                    response++;
                }
                int from = RESPONSES.start(response);
                int to = RESPONSES.end(response);
                double w = Math.exp((to - from) * mean(model.now.logProb, model.old, from, to));
                yield a >= 0
                        ? Math.pow(w, k) * Math.exp(lambda * (1 - w))
                        : Math.pow(w, kNegative) * Math.exp(lambdaNegative * (1 - w));
            }
            default -> throw new AssertionError(objective.loss.surrogate());
        };
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

    private Differences differences(Family family) {
        Decoder policy = model(family);
        Numbers now = numbers(policy);
        var changed = new ArrayList<Numbers[]>();
        forEachWeight(policy, (tensor, i) -> {
            double weight = tensor.data().get(i);
            var points = new Numbers[STEPS.length];
            for (int s = 0; s < STEPS.length; s++) {
                tensor.data().set(i, weight + STEPS[s] * STEP);
                points[s] = numbers(policy);
            }
            tensor.data().set(i, weight);
            changed.add(points);
        });
        try (Decoder old = model(family);
                Decoder reference = model(family)) {
            disturb(old, 0.2, 2);
            disturb(reference, 0.15, 3);
            return new Differences(
                    policy, now, numbers(old).logProb, numbers(reference).logProb, changed.toArray(Numbers[][]::new));
        }
    }

    private Decoder model(Family family) {
        var config = new ModelConfig(
                family,
                8,
                12,
                2,
                2,
                1,
                4,
                1e-6,
                10_000,
                VOCABULARY,
                family == Family.QWEN2,
                64,
                List.of(0),
                null,
                null);
        Decoder model = Decoder.random(config, workspace, 1);
        disturb(model, 0.3, 1); // far from the start of a training, where layers hardly matter
        return model;
    }

    private static void disturb(Decoder model, double deviation, long seed) {
        var random = new SplittableRandom(seed);
        forEachWeight(model, (tensor, i) -> tensor.data().add(i, deviation * random.nextGaussian()));
    }

    private interface Visitor {
        void visit(Tensor tensor, long index);
    }

    private static void forEachWeight(Decoder model, Visitor visitor) {
        model.parameters().tensors().values().forEach(tensor -> {
            boolean panels = tensor.data().length() != tensor.shape().size();
            for (int n = 0; n < tensor.rows(); n++) {
                for (int k = 0; k < tensor.cols(); k++) {
                    visitor.visit(tensor, panels ? Panels.index(n, k, tensor.cols()) : n);
                }
            }
        });
    }

    private Numbers numbers(Decoder model) {
        LogProbs pairs = NoGrad.call(() -> logProbs(model));
        var entropies = new double[pairs.rows()];
        Arrays.setAll(entropies, pairs::entropy);
        var numbers = new Numbers(pairs.toArray(), entropies);
        workspace.release();
        return numbers;
    }

    private LogProbs pairs(Numbers numbers) {
        int T = numbers.logProb.length;
        var pairs = new double[2 * T];
        Arrays.setAll(pairs, i -> i % 2 == 0 ? numbers.logProb[i / 2] : numbers.entropy[i / 2]);
        return new LogProbs(workspace.constant(new Shape(T, 2), pairs));
    }

    /** Of tokens drawn once, to which every model gives its own log-probabilities. */
    private static LogProbs logProbs(Decoder model) {
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
        return new LogProbs(model.logProb(tokens, rows, sequences, TEMPERATURE));
    }
}
