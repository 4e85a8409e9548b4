package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.rl.filter.Contrast;
import org.rlvr4j.rl.reward.OverlongShaping;
import org.rlvr4j.rl.reward.VerdictReward;
import tools.jackson.databind.JsonNode;

class RewardGoldenTest {

    @ParameterizedTest
    @MethodSource("penaltyTables")
    void overlongPenaltyAgreesWithTheOriginal(JsonNode table) {
        var shaping = new OverlongShaping(
                table.get("max_response_length").asInt(),
                table.get("buffer").asInt(),
                table.get("penalty_factor").asDouble());

        assertThat(IntStream.of(GoldenRows.integers(table.get("length")))
                        .mapToDouble(shaping::penalty)
                        .toArray())
                .containsExactly(GoldenRows.numbers(table.get("penalty")), within(1e-12));
    }

    /** The original measures the prompt instead of the response; ours agrees when given the same length. */
    @ParameterizedTest
    @MethodSource("rewardRows")
    void rewardAgreesWithTheOriginalGivenTheLengthItMeasured(JsonNode row) {
        VerdictReward scheme =
                row.get("version").asString().equals("dcpo") ? VerdictReward.TERNARY : VerdictReward.BINARY;
        OverlongShaping shaping = row.get("overlong_enable").asBoolean()
                ? new OverlongShaping(
                        row.get("max_resp_len").asInt(),
                        row.get("buffer").asInt(),
                        row.get("penalty_factor").asDouble())
                : OverlongShaping.NONE;
        JsonNode verdict = row.get("grader");

        double reward = scheme.of(
                verdict.get("pred").asString().equals("[INVALID]")
                        ? Verdict.unanswered()
                        : Verdict.of(verdict.get("acc").asBoolean()));

        assertThat(reward + shaping.penalty(row.get("prompt_len").asInt()))
                .isCloseTo(row.get("reward").asDouble(), within(1e-12));
    }

    @ParameterizedTest
    @MethodSource("groups")
    void groupsAreKeptAsInTheOriginal(JsonNode row) {
        double[] metric = row.has("acc")
                ? row.get("acc")
                        .valueStream()
                        .mapToDouble(correct -> correct.asBoolean() ? 1 : 0)
                        .toArray()
                : GoldenRows.numbers(row.get("metric_values"));

        assertThat(new Contrast().keeps(metric)).isEqualTo(row.get("keep").asBoolean());
    }

    static Stream<Arguments> penaltyTables() {
        return GoldenRows.of("overlong_reward_manager.json", "penalty_tables");
    }

    /** A prompt longer than a response may be is left out: the original's penalty then falls below its factor. */
    static Stream<Arguments> rewardRows() {
        return GoldenRows.rows("overlong_reward_manager.json", root -> root.get("reward_manager")
                        .valueStream())
                .filter(row ->
                        row.get("prompt_len").asInt() <= row.get("max_resp_len").asInt())
                .map(Arguments::of);
    }

    static Stream<Arguments> groups() {
        return GoldenRows.of("dynamic_sampling_filter.json", "rows");
    }
}
