package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
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
        statistics.add(new PolicyLoss.Terms(
                shares.sum(),
                shares,
                workspace.column(-0.25, 0.5, 0, 0),
                new Surrogate.Terms(shares, clipped, dualClipped)));

        assertThat(statistics.loss()).isEqualTo(0.375);
        assertThat(statistics.tokenClippingRatio()).isEqualTo(0.5);
        assertThat(statistics.dualClippedShare()).isEqualTo(0.25);
        assertThat(statistics.ppoKl()).isCloseTo(-0.0625, within(1e-15));
    }

    @Test
    void noTokensGiveZerosRatherThanNaN() {
        var statistics = new PolicyStatistics();

        assertThat(statistics.tokenClippingRatio()).isZero();
        assertThat(statistics.ppoKl()).isZero();
    }
}
