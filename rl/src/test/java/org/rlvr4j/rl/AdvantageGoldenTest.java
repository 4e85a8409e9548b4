package org.rlvr4j.rl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.rl.advantage.Advantage;
import org.rlvr4j.rl.advantage.GroupNormalized;
import org.rlvr4j.rl.advantage.Moments;
import org.rlvr4j.rl.advantage.RewardHistory;
import org.rlvr4j.rl.advantage.Smooth;
import org.rlvr4j.rl.reward.Outcome;
import org.rlvr4j.rl.reward.Visit;
import org.rlvr4j.rl.surrogate.ResponseTokens;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Segments;
import tools.jackson.databind.JsonNode;

class AdvantageGoldenTest {

    @ParameterizedTest
    @MethodSource("groupRows")
    void groupNormalizedAgreesWithTheOriginal(JsonNode row) {
        double[] rewards = GoldenRows.numbers(row.get("reward"));
        double[] expected = GoldenRows.numbers(row.get("per_response"));
        var advantage = new GroupNormalized(1, row.get("norm_by_std").asBoolean());

        for (List<Integer> group : groups(row.get("group"))) {
            double[] ours = advantage.of("any", of(rewards, group), new RewardHistory());

            // the original divides groups of one in float32
            double tolerance = group.size() == 1 ? Math.max(1e-7, tolerance(row)) : tolerance(row);
            assertClose(ours, of(expected, group), tolerance);
        }
    }

    @ParameterizedTest
    @MethodSource("groupRows")
    void everyTokenHasTheAdvantageOfItsResponse(JsonNode row) {
        Segments responses = Segments.ofLengths(GoldenRows.integers(row.get("length")));
        var nothing = new double[responses.total()];
        ResponseTokens tokens = ResponseTokens.of(
                GoldenBatch.workspace(DType.F64),
                responses,
                nothing,
                GoldenRows.numbers(row.get("per_response")),
                nothing,
                null);

        for (int i = 0; i < responses.count(); i++) {
            double[] padded = GoldenRows.numbers(row.get("advantages").get(i));
            for (int t = 0; t < responses.length(i); t++) {
                assertThat(tokens.advantage().get(responses.start(i) + t)).isEqualTo(padded[t]);
            }
            assertThat(padded).hasSize(row.get("width").asInt());
        }
    }

    @ParameterizedTest
    @MethodSource("smoothRows")
    void smoothAgreesWithTheOriginalAtEveryVisit(JsonNode row) {
        var advantage = new Smooth(1, row.get("norm_by_std").asBoolean(), true);
        var history = new RewardHistory();

        for (JsonNode step : row.get("steps")) {
            step.properties().forEach(prompt -> {
                JsonNode visit = prompt.getValue();
                double[] rewards = GoldenRows.numbers(visit.get("rewards"));

                double[] ours = advantage.of(prompt.getKey(), rewards, history);

                JsonNode after = visit.get("state_after");
                RewardHistory.Statistics statistics = history.of(prompt.getKey());
                assertClose(
                        new double[] {Moments.of(rewards, 1).mean(), statistics.mean(), statistics.std()},
                        new double[] {
                            visit.get("new_mean").asDouble(),
                            after.get("mean").asDouble(),
                            after.get("std").asDouble()
                        },
                        tolerance(row));
                double[] expected = GoldenRows.numbers(visit.get("advantages"));
                assertClose(tied(ours, expected, rewards, statistics, advantage.byStd()), expected, tolerance(row));
                assertThat(statistics.visits()).isEqualTo(after.get("times").asInt());
            });
        }
    }

    /**
     * Where the visit's own standardisation and that of all visits are opposite numbers, so are the two blends, and it is
     * rounding that makes one of them the smaller: there the original's choice is taken.
     */
    private static double[] tied(
            double[] ours, double[] expected, double[] rewards, RewardHistory.Statistics all, boolean byStd) {
        Moments visit = Moments.of(rewards, 1);
        var chosen = ours.clone();
        for (int i = 0; i < ours.length; i++) {
            double own = (rewards[i] - visit.mean()) / (byStd ? visit.std() : 1);
            double total = (rewards[i] - all.mean()) / (byStd ? all.std() : 1);
            if (Math.abs(own + total) < 1e-6 * Math.abs(own) && ours[i] * expected[i] < 0) {
                chosen[i] = -ours[i];
            }
        }
        return chosen;
    }

    @ParameterizedTest
    @MethodSource("methodRows")
    void agreesWithTheCodeOfItsAuthorsOrOfVerl(JsonNode row) {
        List<Visit> visits = visits(row);

        row.get("expected").properties().forEach(entry -> {
            double[] ours = Arrays.stream(advantage(entry.getKey()).of(visits, new RewardHistory()))
                    .flatMapToDouble(Arrays::stream)
                    .toArray();

            // verl adds 1e-8 to the number of tokens that it divides by
            double tolerance = entry.getKey().startsWith("TOKEN_WHITENED") ? 1e-8 : 1e-9;
            assertClose(ours, GoldenRows.numbers(entry.getValue()), tolerance);
        });
    }

    @Test
    void everyAdvantageHasRowsOfAnotherImplementation() {
        List<String> compared = GoldenRows.roots("advantages_methods.json")
                .flatMap(root -> root.get("cases").valueStream())
                .flatMap(row -> row.get("expected").properties().stream())
                .map(entry -> advantage(entry.getKey()).tag())
                .toList();

        assertThat(Methods.all().values().stream()
                        .map(method -> method.advantage().tag())
                        .distinct())
                .allMatch(tag -> tag.equals("SMOOTH") || compared.contains(tag));
    }

    /** The advantage of a kind and its settings as YAML has them, such as {@code ANY_OF_K, k: 2}. */
    private static Advantage advantage(String name) {
        String[] words = name.split(", |: ", -1);
        Map<String, Object> settings = words.length == 1
                ? Map.of()
                : Map.of(words[1], words[2].matches("[0-9]+") ? Integer.valueOf(words[2]) : Boolean.valueOf(words[2]));
        return Axis.ADVANTAGE
                .changed(Method.Algorithm.GRPO.paper(), new Change(words[0], settings), Preset.PAPER)
                .advantage();
    }

    private static List<Visit> visits(JsonNode row) {
        double[] rewards = GoldenRows.numbers(row.get("reward"));
        int[] lengths = GoldenRows.integers(row.get("length"));
        var visits = new ArrayList<Visit>();
        for (List<Integer> group : groups(row.get("group"))) {
            List<Outcome> outcomes = group.stream()
                    .map(i -> new Outcome(rewards[i], parts(row, i), lengths[i], rewards[i] > 0, false))
                    .toList();
            visits.add(new Visit("p" + visits.size(), outcomes));
        }
        return visits;
    }

    private static Map<String, Outcome.Part> parts(JsonNode row, int response) {
        var parts = new LinkedHashMap<String, Outcome.Part>();
        row.get("parts")
                .forEachEntry((name, values) -> parts.put(
                        name,
                        new Outcome.Part(
                                row.get("weights").get(name).asDouble(),
                                values.get(response).asDouble())));
        return parts;
    }

    static Stream<Arguments> methodRows() {
        return GoldenRows.of("advantages_methods.json", "cases");
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
