package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.rl.kl.KlPenalty;
import org.rlvr4j.rl.surrogate.ResponseTokens;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;
import tools.jackson.databind.JsonNode;

class KlPenaltyGoldenTest {

    @ParameterizedTest
    @MethodSource("runs")
    void estimateLossAndGradientAgreeWithTheOriginal(DType type, JsonNode inputs, JsonNode run) {
        GoldenBatch batch = GoldenBatch.of(inputs);
        var penalty = new KlPenalty(estimator(run.get("type").asString()), 1);
        double[] weight = PolicyLossGoldenTest.weight(run.get("agg").asString()).of(batch.responses(), batch.totals());
        var noAdvantages = new double[batch.responses().count()]; // so that the penalty is all there is

        var statistics = new PolicyStatistics();
        PolicyLoss loss = Method.Algorithm.GRPO.paper().loss().with(penalty);
        double[] gradient = batch.gradient(type, loss, weight, noAdvantages, statistics);

        assertThat(statistics.loss())
                .isCloseTo(run.get("loss").asDouble(), tolerance(run.get("loss").asDouble()));
        assertClose(gradient, batch.packed(run.get("grad")));
        Workspace workspace = GoldenBatch.workspace(type);
        Tensor logProb = workspace.column(batch.logProb());
        ResponseTokens tokens = batch.tokens(workspace, noAdvantages, weight);
        Tensor estimates = penalty.of(logProb, tokens.oldLogProb(), tokens.refLogProb());
        assertClose(numbers(estimates), batch.packed(run.get("kl")));
    }

    static Stream<Arguments> runs() {
        return GoldenRows.roots("kl_penalty.json")
                .flatMap(root -> root.get("runs").valueStream().flatMap(run -> Stream.of(DType.F32, DType.F64)
                        .map(type -> Arguments.of(type, root.get("inputs"), run))));
    }

    private static double[] numbers(Tensor column) {
        var numbers = new double[column.rows()];
        for (int t = 0; t < numbers.length; t++) {
            numbers[t] = column.get(t);
        }
        return numbers;
    }

    private static void assertClose(double[] actual, double[] expected) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int t = 0; t < expected.length; t++) {
            assertThat(actual[t]).as("token %d", t).isCloseTo(expected[t], tolerance(expected[t]));
        }
    }

    private static Offset<Double> tolerance(double expected) {
        return within(Math.max(1e-6, 1e-5 * Math.abs(expected)));
    }

    private static KlPenalty.Estimator estimator(String name) {
        return switch (name) {
            case "k1" -> KlPenalty.Estimator.K1;
            case "abs" -> KlPenalty.Estimator.ABS;
            case "k2" -> KlPenalty.Estimator.K2;
            case "k3", "low_var_kl" -> KlPenalty.Estimator.K3;
            default -> throw new IllegalArgumentException("unknown estimator " + name);
        };
    }
}
