package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlvr4j.rl.gate.ClipCov;
import org.rlvr4j.rl.gate.Draws;
import org.rlvr4j.rl.gate.Gate;
import org.rlvr4j.rl.gate.KlCov;
import org.rlvr4j.rl.gate.OffPolicyMask;
import org.rlvr4j.rl.gate.OpenGate;
import org.rlvr4j.rl.gate.ScoredTokens;
import org.rlvr4j.rl.gate.TopEntropy;
import org.rlvr4j.tensor.Segments;

/** Which tokens learn, by computation in the head. */
class GateTest {

    private static final Draws DRAWS = Draws.of(1, 2, 0);

    @Test
    void openGateLetsEveryTokenLearn() {
        Gate.Decision decision = new OpenGate().decide(tokens(4), DRAWS);

        assertThat(decision.share()).containsExactly(1, 1, 1, 1);
        assertThat(decision.penalty()).containsOnly(0);
    }

    @Test
    void topEntropyKeepsTheTokensFromTheQuantileOnAndAllOfAnEvenBatch() {
        ScoredTokens uneven = entropies(0.1, 2, 0.5, 1, 0.3); // the quantile 0.6 lies at place 2.4: 0.5 + 0.4 * 0.5

        assertThat(new TopEntropy(0.4).decide(uneven, DRAWS).share()).containsExactly(0, 1, 0, 1, 0);
        assertThat(new TopEntropy(0.2).decide(entropies(1, 1, 1, 1), DRAWS).share())
                .containsExactly(1, 1, 1, 1);
        assertThat(new TopEntropy(1).decide(uneven, DRAWS).share()).containsOnly(1);
        assertThat(new TopEntropy(0.2).decide(entropies(), DRAWS).share()).isEmpty();
    }

    @Test
    void offPolicyMaskDropsOnlyBadResponsesThatTheOldPolicyFoundMuchLikelier() {
        double[] advantages = {-1, -1, 1, 1, -1, -1};
        double[] old = {-1, -1, -1, -1, -1, -1};
        double[] now = {-2, -1.5, -9, -9, -1.9, -0.5}; // means of log q - log p: 0.75, 8, 0.2

        Gate.Decision decision = new OffPolicyMask(0.5)
                .decide(tokens(Segments.ofLengths(2, 0, 2, 2), advantages, old, now, new boolean[6]), DRAWS);

        assertThat(decision.share()).containsExactly(0, 0, 1, 1, 1, 1);
        assertThat(decision.penalty()).containsOnly(0);
    }

    @Test
    void klCovHoldsTheTokensWithTheLargestCovarianceAndOfEqualOnesTheEarlier() {
        double[] advantages = {1, 1, -1, -1};
        double[] now = {-1, -3, -3, -3}; // covariances 1.5, -0.5, 0.5, 0.5

        assertThat(new KlCov(0.5, 0.7)
                        .decide(covariance(advantages, now), DRAWS)
                        .penalty())
                .containsExactly(0.7, 0, 0.7, 0);
        assertThat(new KlCov(1e-4, 1).decide(covariance(advantages, now), DRAWS).penalty())
                .containsExactly(1, 0, 0, 0); // at least one
        assertThat(new KlCov(0.5, 0.7)
                        .decide(covariance(advantages, now), DRAWS)
                        .share())
                .containsOnly(1);
    }

    @Test
    void clipCovDropsTokensOfItsBandThatAreNotClipped() {
        double[] advantages = {1, 1, -1, -1};
        double[] now = {-1, -3, -3, -3}; // covariances 1.5, -0.5, 0.5, 0.5
        ScoredTokens thirdIsClipped = tokens(
                Segments.ofLengths(4), advantages, new double[4], now, new boolean[] {false, false, true, false});

        assertThat(new ClipCov(1, 0.2, 1).decide(thirdIsClipped, DRAWS).share()).containsExactly(1, 1, 1, 0);
        assertThat(new ClipCov(1, 0.2, 9).decide(thirdIsClipped, DRAWS).share()).containsExactly(0, 1, 1, 0);
        assertThat(new ClipCov(1, 2, 9).decide(thirdIsClipped, DRAWS).share()).containsOnly(1);
    }

    @Test
    void clipCovDrawsAsManyAsItsShareFromAllPlacesAndOthersForAnotherMiniBatch() {
        var gate = new ClipCov(0.1, -99, 99);
        var seen = new boolean[100];
        for (int miniBatch = 0; miniBatch < 100; miniBatch++) {
            double[] share = gate.decide(tokens(100), Draws.of(7, 3, miniBatch)).share();
            assertThat(Arrays.stream(share).filter(s -> s == 0)).hasSize(10);
            assertThat(gate.decide(tokens(100), Draws.of(7, 3, miniBatch)).share())
                    .isEqualTo(share);
            IntStream.range(0, 100).filter(t -> share[t] == 0).forEach(t -> seen[t] = true);
        }
        assertThat(seen).doesNotContain(false); // a place is missed with a probability of 0.9^100
        assertThat(gate.decide(tokens(100), Draws.of(8, 3, 0)).share())
                .isNotEqualTo(gate.decide(tokens(100), Draws.of(7, 3, 0)).share());
    }

    @Test
    void microBatchesAreOneAgain() {
        ScoredTokens first = tokens(3);
        ScoredTokens second =
                tokens(Segments.ofLengths(0, 2), new double[2], new double[2], new double[] {-5, -6}, new boolean[] {
                    true, false
                });

        ScoredTokens joined = ScoredTokens.joined(List.of(first, second));

        assertThat(joined.responses()).isEqualTo(Segments.ofLengths(3, 0, 2));
        assertThat(joined.logProbs()).containsExactly(-1, -2, -3, -5, -6);
        assertThat(joined.clipped()).containsExactly(false, false, false, true, false);
    }

    @Test
    void impossibleSettingsAreRejected() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TopEntropy(0))
                .withMessage("share must be above 0 and at most 1, not 0.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ClipCov(0.1, 2, 2))
                .withMessage("covLow must be below covHigh, not 2.0 and 2.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KlCov(0.1, -1))
                .withMessage("coefficient must be 0 or more, not -1.0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new OffPolicyMask(Double.NaN))
                .withMessage("maxDivergence must be 0 or more, not NaN");
    }

    private static ScoredTokens tokens(int count) {
        double[] now = IntStream.range(0, count).mapToDouble(t -> -1 - t).toArray();
        return tokens(Segments.ofLengths(count), new double[count], new double[count], now, new boolean[count]);
    }

    private static ScoredTokens covariance(double[] advantages, double[] now) {
        int count = now.length;
        return tokens(Segments.ofLengths(count), advantages, new double[count], now, new boolean[count]);
    }

    private static ScoredTokens entropies(double... entropies) {
        int count = entropies.length;
        return new ScoredTokens(
                Segments.ofLengths(count),
                new double[count],
                new double[count],
                new double[count],
                entropies,
                new boolean[count]);
    }

    private static ScoredTokens tokens(
            Segments responses, double[] advantages, double[] old, double[] now, boolean[] clipped) {
        return new ScoredTokens(responses, advantages, old, now, new double[now.length], clipped);
    }
}
