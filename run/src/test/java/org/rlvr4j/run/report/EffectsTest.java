package org.rlvr4j.run.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

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
        List<RunNumbers> results = List.of(
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

    @Test
    void seedsThatOneOfTheMethodsHasNotFinishedAreLeftOut() {
        List<RunNumbers> results =
                List.of(result("A", 1, 0.5), result("B", 1, 0.25), result("B", 2, 0.9), result("C", 2, 0.9));

        Table table = Effects.table(List.of("A", "B", "C"), results);

        assertThat(table.rows()).singleElement().satisfies(row -> assertThat(row)
                .startsWith("B", "-25.0 (n=1)"));
    }

    /** A run whose Avg@1 and RUR are {@code value}, its Avg@32 half of that and its TCR a tenth. */
    private static RunNumbers result(String method, long seed, double value) {
        return new RunNumbers(method, seed, value, 32, value / 2, value, value / 10, 0, 1);
    }
}
