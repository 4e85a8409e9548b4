package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.rl.clip.Clip;
import org.rlvr4j.rl.gate.Draws;
import org.rlvr4j.rl.gate.Gate;
import org.rlvr4j.rl.surrogate.ResponseTokens;
import org.rlvr4j.tensor.Autograd;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.LogProbs;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;
import tools.jackson.databind.JsonNode;

/**
 * Losses, gradients and clip bounds against verl, TRL, and the authors' code of VESPO and BandPO.
 *
 * <p>The file was written by {@code scripts/golden/surrogates.py}. A run names the choices of this project that it is
 * to agree with.
 */
class SurrogateGoldenTest {

    private static final Draws DRAWS = Draws.of(1, 0, 0);

    @ParameterizedTest(name = "{0}, {1}, case {2}")
    @MethodSource("runs")
    void lossAndGradientAgree(String name, DType type, int number, JsonNode inputs, JsonNode run) {
        GoldenBatch batch = GoldenBatch.of(inputs);
        Method method = method(run.get("settings"));
        double[] weight = PolicyLossGoldenTest.weight(run.get("agg").asString()).of(batch.responses(), batch.totals());
        Workspace workspace = GoldenBatch.workspace(type);
        LogProbs logProbs = pairs(workspace, batch.logProb(), batch.packed(inputs.get("entropy")));
        ResponseTokens tokens = batch.tokens(workspace, batch.advantages(), weight);
        Gate gate = method.loss().gate();
        if (gate.scope() != Gate.Scope.NOTHING) {
            tokens = tokens.gatedBy(gate.decide(method.loss().scored(logProbs, tokens), DRAWS));
        }
        var statistics = new PolicyStatistics();

        PolicyLoss.Terms terms = method.loss().of(logProbs, tokens);
        statistics.add(terms, tokens.advantage());
        Autograd.backward(terms.loss());

        assertClose("loss", type, statistics.loss(), run.get("loss").asDouble());
        double[] expected = batch.packed(run.get("grad"));
        for (int t = 0; t < expected.length; t++) {
            assertClose("gradient of token " + t, type, logProbs.pairs().grad().get(2L * t), expected[t]);
        }
        if (run.has("clipfrac") && countsAlike(name)) {
            assertThat(statistics.tokenClippingRatio())
                    .isCloseTo(run.get("clipfrac").asDouble(), within(1e-6));
        }
    }

    /** verl counts as clipped what its gates drop, in GMPO only good responses, and also what has no advantage. */
    private static boolean countsAlike(String name) {
        return name.equals("verl cispo") || name.equals("verl gspo") || name.startsWith("verl dppo");
    }

    @ParameterizedTest(name = "{0}, radius {1}")
    @MethodSource("bounds")
    void boundsAgreeWithBandPo(String kind, double radius, JsonNode row) {
        var settings = Map.<String, Object>of(
                "clipLow",
                radius,
                "clipHigh",
                radius,
                "maxRatio",
                row.get("max").asDouble());
        Clip clip = Axis.CLIP
                .changed(Method.Algorithm.GRPO.paper(), new Change(kind, settings), Preset.PAPER)
                .loss()
                .clipping()
                .clip();
        double[] old = GoldenRows.numbers(row.get("old_log_prob"));

        for (int i = 0; i < old.length; i++) {
            double low = row.get("low").get(i).asDouble();
            double high = row.get("high").get(i).asDouble();
            // its bisection ends at 1e-6, and 1 - p is not kept exactly
            assertThat(clip.low(old[i])).as("low of %s", Math.exp(old[i])).isCloseTo(low, within(2e-6));
            double reached = Math.min(clip.high(old[i]), Math.exp(-old[i])); // no ratio is larger
            assertThat(reached).as("high of %s", Math.exp(old[i])).isCloseTo(high, within(2e-6 * high));
        }
    }

    static Stream<Arguments> runs() {
        return GoldenRows.roots("surrogates.json").flatMap(root -> {
            JsonNode cases = root.get("cases");
            return Stream.of(0, 1).flatMap(number -> cases.get(number)
                    .get("runs")
                    .valueStream()
                    .flatMap(run -> Stream.of(DType.F32, DType.F64)
                            .map(type -> Arguments.of(
                                    run.get("name").asString(),
                                    type,
                                    number,
                                    cases.get(number).get("inputs"),
                                    run))));
        });
    }

    static Stream<Arguments> bounds() {
        return GoldenRows.rows("surrogates.json", root -> root.get("bounds").valueStream())
                .map(row -> Arguments.of(
                        row.get("kind").asString(), row.get("delta").asDouble(), row));
    }

    private static Method method(JsonNode settings) {
        Method method = Method.Algorithm.GRPO.paper();
        for (Axis axis : Axis.values()) {
            JsonNode chosen = settings.get(axis.name());
            if (chosen != null) {
                var values = new LinkedHashMap<String, Object>();
                chosen.properties().forEach(entry -> values.put(entry.getKey(), value(entry.getValue())));
                String kind = (String) values.remove("kind");
                method = axis.changed(method, new Change(kind, values), Preset.PAPER);
            }
        }
        return method;
    }

    private static Object value(JsonNode node) {
        return node.isString() ? node.asString() : (Object) node.asDouble();
    }

    private static LogProbs pairs(Workspace workspace, double[] logProb, double[] entropy) {
        var pairs = new double[2 * logProb.length];
        Arrays.setAll(pairs, i -> i % 2 == 0 ? logProb[i / 2] : entropy[i / 2]);
        var shape = new Shape(logProb.length, 2);
        Tensor constant = workspace.constant(shape, pairs);
        return new LogProbs(Tensor.parameter(workspace, shape, constant.data()));
    }

    private static void assertClose(String what, DType type, double actual, double expected) {
        double relative = type == DType.F64 ? 1e-7 : 1e-5; // verl adds 1e-8 to some denominators
        double absolute = type == DType.F64 ? 1e-8 : 1e-6;
        assertThat(actual).as(what).isCloseTo(expected, within(Math.max(absolute, relative * Math.abs(expected))));
    }
}
