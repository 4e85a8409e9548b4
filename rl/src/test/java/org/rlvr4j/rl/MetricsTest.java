package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Graded;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verdict.Stage;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.rl.surrogate.Surrogate;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;

class MetricsTest {

    @Test
    void responsesWithoutAdvantageOrOfDroppedGroupsAreNotUtilized() {
        double[] advantages = {0.5, 0, -0.0, -1};

        assertThat(StepMetrics.responseUtilizationRatio(advantages, 4)).isEqualTo(0.5);
        assertThat(StepMetrics.responseUtilizationRatio(advantages, 8)).isEqualTo(0.25); // four more were dropped
    }

    @Test
    void statisticsAreMeansOverTokens() {
        var statistics = new PolicyStatistics();
        Workspace workspace = GoldenBatch.workspace(DType.F64);
        Tensor shares = workspace.column(0.5, -0.125, 0, 0);
        boolean[] clipped = {true, false, true, false};
        boolean[] dualClipped = {false, false, true, false};
        statistics.add(
                new PolicyLoss.Terms(
                        shares.sum(),
                        shares,
                        workspace.column(-0.25, 0.5, 0, 0),
                        workspace.column(1.5, 1, 0.5, 1),
                        new Surrogate.Terms(shares, clipped, dualClipped),
                        workspace.column(0.25, 0.5, 0, 0.25)),
                workspace.column(2, 2, -1, -1));

        assertThat(statistics.loss()).isEqualTo(0.375);
        assertThat(statistics.tokenClippingRatio()).isEqualTo(0.5);
        assertThat(statistics.clippedHighShare()).isEqualTo(0.25); // the first token, whose ratio is above 1
        assertThat(statistics.clippedLowShare()).isEqualTo(0.25); // the third, whose ratio is below 1
        assertThat(statistics.referenceKl()).isEqualTo(0.25);
        assertThat(statistics.dualClippedShare()).isEqualTo(0.25);
        assertThat(statistics.ppoKl()).isCloseTo(-0.0625, within(1e-15));
    }

    @Test
    void noTokensGiveZerosRatherThanNaN() {
        var statistics = new PolicyStatistics();

        assertThat(statistics.tokenClippingRatio()).isZero();
        assertThat(statistics.ppoKl()).isZero();
    }

    @Test
    void divergenceFromTheReferenceIsNotANumberWithoutAPenalty() {
        var statistics = new PolicyStatistics();
        Workspace workspace = GoldenBatch.workspace(DType.F64);
        Tensor share = workspace.column(0.5);
        statistics.add(
                new PolicyLoss.Terms(
                        share.sum(),
                        share,
                        share,
                        share,
                        new Surrogate.Terms(share, new boolean[1], new boolean[1]),
                        null),
                share);

        assertThat(statistics.referenceKl()).isNaN();
    }

    @Test
    void groupHasContrastIfSomeAreRightAndSomeAreNot() {
        assertThat(group(Stage.EXACT, Stage.DIFFERENT).hasContrast()).isTrue();
        assertThat(group(Stage.EXACT, Stage.IDENTICAL).hasContrast()).isFalse();
        assertThat(group(Stage.UNBOXED, Stage.DIFFERENT).hasContrast()).isFalse();
    }

    private static Group group(Stage... stages) {
        var problem = new Problem("1", "sums", List.of(new Message("user", "1+1=")), List.of("2"));
        var completion = new Completion(new Prompt(0, new int[] {1}), 0, new int[] {2}, new float[1], false);
        return new Group(
                problem,
                Stream.of(stages)
                        .map(stage -> new Response(
                                new Graded(completion, "2", Verdict.of(stage, Optional.empty())), 0, Map.of()))
                        .toList());
    }
}
