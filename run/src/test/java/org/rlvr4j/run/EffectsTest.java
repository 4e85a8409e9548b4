package org.rlvr4j.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.eval.Outcome;
import org.rlvr4j.eval.Score;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verdict.Stage;
import org.rlvr4j.rl.StepMetrics;
import org.rlvr4j.run.report.Table;

class EffectsTest {

    @Test
    void differencesAreTakenSeedBySeed() {
        // Seeds vary by 40 points and the second method adds 1, 2 and 3: not to be seen without pairing.
        Table table = Effects.table(
                List.of("A", "B"),
                List.of(
                        result("A", 1, 0.1),
                        result("A", 2, 0.3),
                        result("A", 3, 0.5),
                        result("B", 3, 0.53),
                        result("B", 2, 0.32),
                        result("B", 1, 0.11)));

        assertThat(table.columns()).containsExactly("Against A", "Avg@1", "Avg@32", "RUR", "TCR");
        // 4.303 is Student's t for 2 degrees of freedom: 4.303 * 1 / sqrt(3) = 2.5
        assertThat(table.rows())
                .containsExactly(List.of("B", "+2.0 ± 2.5", "+1.0 ± 1.2", "+2.0 ± 2.5", "+0.200 ± 0.248"));
    }

    @Test
    void betterOrWorseIsSaidOnlyWhereTheIntervalExcludesZero() {
        List<RunResult> results = List.of(
                result("A", 1, 0.1),
                result("A", 2, 0.3),
                result("A", 3, 0.5),
                result("B", 1, 0.2),
                result("B", 2, 0.4),
                result("B", 3, 0.62));

        assertThat(Effects.table(List.of("A", "B"), results).rows())
                .containsExactly(
                        List.of("B", "+10.7 ± 2.9 better", "+5.3 ± 1.4 better", "+10.7 ± 2.9 *", "+1.067 ± 0.287 *"));
        assertThat(Effects.table(List.of("B", "A"), results).rows().getFirst().subList(0, 2))
                .containsExactly("A", "-10.7 ± 2.9 worse");
    }

    @Test
    void twoSeedsThatAgreeAreNotEnough() {
        Table table = Effects.table(
                List.of("A", "B"),
                List.of(result("A", 1, 0.1), result("A", 2, 0.3), result("B", 1, 0.2), result("B", 2, 0.4)));

        assertThat(table.rows().getFirst().get(1)).startsWith("+10.0 (").endsWith(")");
    }

    @Test
    void oneSeedHasNoInterval() {
        Table table = Effects.table(List.of("A", "B"), List.of(result("A", 1, 0.5), result("B", 1, 0.25)));

        assertThat(table.rows().getFirst().get(1)).isEqualTo("-25.0 (n=1)");
    }

    /** A run whose Avg@1 and RUR are {@code value}, its Avg@32 half of that and its TCR a tenth. */
    private static RunResult result(String method, long seed, double value) {
        var metrics = new ArrayList<StepMetrics>();
        metrics.add(new StepMetrics(1, 0, 0, value, value / 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0));
        return new RunResult(
                method,
                seed,
                metrics,
                new TreeMap<>(),
                List.of(evaluation(1, value)),
                List.of(evaluation(32, value / 2)),
                1);
    }

    private static Evaluation evaluation(int samples, double average) {
        int problems = 1000;
        int right = (int) Math.round(problems * average);
        return new Evaluation(
                "suite",
                samples,
                IntStream.range(0, problems)
                        .mapToObj(i -> score(i, samples, i < right ? Stage.EXACT : Stage.DIFFERENT))
                        .toList());
    }

    private static Score score(int problem, int samples, Stage stage) {
        var outcome = new Outcome(Verdict.of(stage, Optional.of("1")), 1, false);
        return new Score("problem " + problem, Collections.nCopies(samples, outcome), List.of());
    }
}
