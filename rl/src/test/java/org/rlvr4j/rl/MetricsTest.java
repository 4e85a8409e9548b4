package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class MetricsTest {

    @Test
    void responsesWithoutAdvantageOrOfDroppedGroupsAreNotUtilized() {
        double[] advantages = {0.5, 0, -0.0, -1};

        assertThat(Metrics.responseUtilizationRatio(advantages, 4)).isEqualTo(0.5);
        assertThat(Metrics.responseUtilizationRatio(advantages, 8)).isEqualTo(0.25); // four more were dropped
    }

    @Test
    void statisticsAreMeansOverTokens() {
        var statistics = new PolicyStatistics();
        statistics.add(0.5, -0.25, true, false);
        statistics.add(-0.125, 0.5, false, false);
        statistics.add(0, 0, true, true);
        statistics.add(0, 0, false, false);

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
