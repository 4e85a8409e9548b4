package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.rl.clip.AdaptiveClip;
import org.rlvr4j.rl.clip.Clip;
import org.rlvr4j.rl.clip.FixedClip;

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
