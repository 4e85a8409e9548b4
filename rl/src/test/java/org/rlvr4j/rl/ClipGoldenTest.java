package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.rl.clip.AdaptiveClip;
import org.rlvr4j.rl.clip.Clip;
import tools.jackson.databind.JsonNode;

class ClipGoldenTest {

    /** The rows named "extreme" record where the original breaks down and are left out. */
    @ParameterizedTest
    @MethodSource("tables")
    void adaptiveBoundsAgreeWithTheOriginal(JsonNode table) {
        double[] logQ = GoldenRows.numbers(table.get("log_q"));
        double[] low = GoldenRows.numbers(table.get("low"));
        double[] high = GoldenRows.numbers(table.get("high"));
        Clip clip = AdaptiveClip.withDualClip(
                GoldenRows.number(table.get("eps_low")),
                GoldenRows.number(table.get("eps_high")),
                GoldenRows.number(table.get("clip_ratio_c")));

        for (int i = 0; i < logQ.length; i++) {
            double root =
                    2 * low[i] - 1; // of a difference that cancels where the bound leaves 0.5, so compare its square
            double ours = 2 * clip.low(logQ[i]) - 1;
            assertThat(ours * ours).as("low at %s", logQ[i]).isCloseTo(root * root, within(1e-14));
            if (root > 1e-5) {
                assertThat(ours).as("low at %s", logQ[i]).isCloseTo(root, within(1e-9 * low[i]));
            }
            assertThat(clip.high(logQ[i])).as("high at %s", logQ[i]).isCloseTo(high[i], within(1e-9 * high[i]));
        }
    }

    static Stream<Arguments> tables() {
        return GoldenRows.of("dac_bounds.json", "tables");
    }
}
