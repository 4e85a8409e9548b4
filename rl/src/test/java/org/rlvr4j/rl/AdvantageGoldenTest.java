package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;

class AdvantageGoldenTest {

    @ParameterizedTest
    @MethodSource("groupRows")
    void groupNormalizedAgreesWithTheOriginal(JsonNode row) {
        double[] rewards = GoldenRows.numbers(row.get("reward"));
        double[] expected = GoldenRows.numbers(row.get("per_response"));
        var advantage = new Advantage.GroupNormalized(1, row.get("norm_by_std").asBoolean());

        for (List<Integer> group : groups(row.get("group"))) {
            double[] ours = advantage.of("any", of(rewards, group), new RewardHistory());

            // the original divides groups of one in float32
            double tolerance = group.size() == 1 ? 1e-7 : tolerance(row);
            assertClose(ours, of(expected, group), tolerance);
        }
    }

    @ParameterizedTest
    @MethodSource("smoothRows")
    void smoothAgreesWithTheOriginalAtEveryVisit(JsonNode row) {
        var advantage = new Advantage.Smooth(1, row.get("norm_by_std").asBoolean(), true);
        var history = new RewardHistory();

        for (JsonNode step : row.get("steps")) {
            step.properties().forEach(prompt -> {
                JsonNode visit = prompt.getValue();
                double[] rewards = GoldenRows.numbers(visit.get("rewards"));

                double[] ours = advantage.of(prompt.getKey(), rewards, history);

                assertClose(ours, GoldenRows.numbers(visit.get("advantages")), tolerance(row));
                JsonNode after = visit.get("state_after");
                RewardHistory.Statistics statistics = history.of(prompt.getKey());
                assertClose(
                        new double[] {statistics.mean(), statistics.std()},
                        new double[] {
                            after.get("mean").asDouble(), after.get("std").asDouble()
                        },
                        tolerance(row));
                assertThat(statistics.visits()).isEqualTo(after.get("times").asInt());
            });
        }
    }

    static Stream<Arguments> groupRows() {
        return GoldenRows.of("advantages_grpo.json", "cases");
    }

    static Stream<Arguments> smoothRows() {
        return GoldenRows.of("advantages_dcpo_sas.json", "cases");
    }

    private static double tolerance(JsonNode row) {
        return row.get("dtype").asString().equals("float32") ? 1e-6 : 1e-9;
    }

    /** Relative, with room for what is left of a difference that cancels. */
    private static void assertClose(double[] actual, double[] expected, double tolerance) {
        assertThat(actual).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            assertThat(actual[i]).isCloseTo(expected[i], within(1e-10 + tolerance * Math.abs(expected[i])));
        }
    }

    private static Iterable<List<Integer>> groups(JsonNode names) {
        var groups = new LinkedHashMap<String, List<Integer>>();
        for (int i = 0; i < names.size(); i++) {
            groups.computeIfAbsent(names.get(i).asString(), _ -> new ArrayList<>())
                    .add(i);
        }
        return groups.values();
    }

    private static double[] of(double[] all, List<Integer> indices) {
        return indices.stream().mapToDouble(i -> all[i]).toArray();
    }
}
