package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.rl.clip.AdaptiveClip;
import org.rlvr4j.rl.clip.ChiSquaredClip;
import org.rlvr4j.rl.clip.Clip;
import org.rlvr4j.rl.clip.FixedClip;
import org.rlvr4j.rl.clip.KlClip;
import org.rlvr4j.rl.clip.TotalVariationClip;

class ClipTest {

    private static final Clip DCPO = new AdaptiveClip(0.16, 0.2, 10);

    @Test
    void fixedBoundsDoNotDependOnTheToken() {
        var clip = new FixedClip(0.2, 0.28);

        assertThat(clip.low(-8)).isEqualTo(clip.low(0)).isEqualTo(0.8);
        assertThat(clip.high(-8)).isEqualTo(clip.high(0)).isEqualTo(1.28);
    }

    @ParameterizedTest
    @CsvSource({"1, 0.8, 1.1708", "0.01, 0.5, 5"}) // anchors of the paper's setting
    void rareTokensGetAWiderInterval(double q, double low, double high) {
        assertThat(DCPO.low(Math.log(q))).isCloseTo(low, within(1e-4));
        assertThat(DCPO.high(Math.log(q))).isCloseTo(high, within(1e-4));
    }

    @ParameterizedTest
    @ValueSource(doubles = {-80, -104, -740, -750, -10_000, Double.NEGATIVE_INFINITY})
    void vanishingProbabilitiesKeepTheWidestInterval(double logQ) {
        assertThat(DCPO.low(logQ)).isEqualTo(0.5);
        assertThat(DCPO.high(logQ)).isEqualTo(10);
        assertThat(new AdaptiveClip(0, 0, 10).low(logQ)).isEqualTo(1);
        assertThat(new AdaptiveClip(0, 0, 10).high(logQ)).isEqualTo(1);
    }

    @Test
    void theUpperBoundIsLimitedByTheDualClipButNeverBelowTen() {
        assertThat(AdaptiveClip.withDualClip(0.16, 0.2, 3).maxRatio()).isEqualTo(10);
        assertThat(AdaptiveClip.withDualClip(0.16, 0.2, 20).maxRatio()).isEqualTo(20);
    }

    private static final double[] PROBABILITIES = {1e-9, 1e-4, 0.02, 0.3, 0.5, 0.8, 0.99};

    @Test
    void klBoundsAreWhereTheDivergenceReachesTheRadius() {
        var clip = new KlClip(0.03, 0.07, Double.POSITIVE_INFINITY);

        for (double q : PROBABILITIES) {
            assertThat(divergence(q, clip.high(Math.log(q)) * q))
                    .as("above %s", q)
                    .isCloseTo(0.07, within(1e-6));
            if (clip.low(Math.log(q)) > 1e-12) { // below, the bound itself is rounded
                assertThat(divergence(q, clip.low(Math.log(q)) * q))
                        .as("below %s", q)
                        .isCloseTo(0.03, within(1e-6));
            }
        }
        assertThat(clip.low(0)).isCloseTo(Math.exp(-0.03), within(1e-12)); // of a certain token
        assertThat(clip.high(0)).isEqualTo(1);
    }

    /** KL divergence of two coins. */
    private static double divergence(double q, double p) {
        return q * Math.log(q / p) + (1 - q) * Math.log((1 - q) / (1 - p));
    }

    @Test
    void chiSquaredAndTotalVariationBoundsAreWhereTheDivergenceReachesTheRadius() {
        var chi = new ChiSquaredClip(0.03, 0.07, Double.POSITIVE_INFINITY);
        var variation = new TotalVariationClip(0.03, 0.07, Double.POSITIVE_INFINITY);

        for (double q : new double[] {0.05, 0.3, 0.8, 0.99}) {
            double up = (chi.high(Math.log(q)) - 1) * q;
            double down = (chi.low(Math.log(q)) - 1) * q;
            assertThat(up * up / (q * (1 - q))).isCloseTo(0.07, within(1e-12));
            assertThat(down * down / (q * (1 - q))).isCloseTo(0.03, within(1e-12));
            assertThat((variation.high(Math.log(q)) - 1) * q).isCloseTo(0.07, within(1e-12));
            assertThat((1 - variation.low(Math.log(q))) * q).isCloseTo(0.03, within(1e-12));
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {-80, -104, -740, -750, -10_000, Double.NEGATIVE_INFINITY, 0})
    void ballsHoldTheOldProbabilityHoweverSmallOrLargeItIs(double logQ) {
        for (String tag : List.of("TOTAL_VARIATION", "CHI_SQUARED", "KL")) {
            Clip clip = Axis.CLIP
                    .changed(Method.Algorithm.GRPO.paper(), tag, Preset.PAPER)
                    .loss()
                    .clipping()
                    .clip();

            assertThat(clip.low(logQ)).as(tag).isBetween(0.0, 1.0);
            assertThat(clip.high(logQ)).as(tag).isGreaterThanOrEqualTo(1);
        }
        assertThat(new KlClip(0, 0, 9).low(logQ)).isCloseTo(1, within(1e-6));
        assertThat(new TotalVariationClip(0.1, 0.1, 9).high(logQ)).isLessThanOrEqualTo(9);
    }

    @Test
    void impossibleRadiiAreRejected() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KlClip(-0.1, 0.1, 10))
                .withMessage("clipLow must be 0 or more, not -0.1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ChiSquaredClip(0.1, Double.NaN, 10))
                .withMessage("clipHigh must be 0 or more, not NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new TotalVariationClip(0.1, 0.1, 0.5))
                .withMessage("maxRatio must be 1 or more, not 0.5");
    }

    @Test
    void impossibleBoundsAreRejected() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FixedClip(1.5, 0.2))
                .withMessageContaining("1.5");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AdaptiveClip(0.2, Double.NaN, 10))
                .withMessageContaining("NaN");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new AdaptiveClip(0.2, 0.2, 0.5))
                .withMessageContaining("0.5");
    }
}
