package org.rlvr4j.run.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
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

        assertThat(table.caption())
                .isEqualTo("Differences in percentage points, paired by seed, with 95 % intervals; * excludes 0");
        assertThat(table.columns()).containsExactly("Against A", "Avg@1", "Avg@32", "RUR", "TCR");
        // 4.303 is Student's t for 2 degrees of freedom: 4.303 * 1 / sqrt(3) = 2.5
        assertThat(table.rows())
                .containsExactly(List.of("B", "+2.0 ± 2.5", "+1.0 ± 1.2", "+2.0 ± 2.5", "+0.200 ± 0.248"));
    }

    @Test
    void starIsSetOnlyWhereTheIntervalExcludesZero() {
        List<RunNumbers> results = List.of(
                result("A", 1, 0.1),
                result("A", 2, 0.3),
                result("A", 3, 0.5),
                result("B", 1, 0.2),
                result("B", 2, 0.4),
                result("B", 3, 0.62));

        assertThat(Effects.table(List.of("A", "B"), results).rows())
                .containsExactly(List.of("B", "+10.7 ± 2.9 *", "+5.3 ± 1.4 *", "+10.7 ± 2.9 *", "+1.067 ± 0.287 *"));
        assertThat(Effects.table(List.of("B", "A"), results).rows().getFirst().subList(0, 2))
                .containsExactly("A", "-10.7 ± 2.9 *");
    }

    @Test
    void intervalsAreCorrectedForTheNumberOfComparisonsInAColumn() {
        var results = new ArrayList<RunNumbers>();
        for (int seed = 1; seed <= 3; seed++) {
            double before = 0.2 * seed;
            results.add(result("A", seed, before));
            results.add(result("B", seed, before + 0.02 + 0.01 * seed)); // adds 3, 4 and 5
            results.add(result("C", seed, before - 0.01 * seed)); // takes 1, 2 and 3
        }

        Table two = Effects.table(List.of("A", "B", "C"), results);
        Table unfinished = Effects.table(List.of("A", "B", "C", "D", "E", "F"), results);
        Table one = Effects.table(List.of("A", "B"), results);

        // Student's t for 2 degrees of freedom is 6.205 at 1 - 0.05 / 2 / 2: 6.205 * 1 / sqrt(3) = 3.6, where alone it
        // is 2.5.
        assertThat(two.caption())
                .isEqualTo("Differences in percentage points, paired by seed, with intervals that hold for the 2 of a"
                        + " column together at 95 % (Bonferroni); * excludes 0");
        assertThat(two.rows())
                .containsExactly(
                        List.of("B", "+4.0 ± 3.6 *", "+2.0 ± 1.8 *", "+4.0 ± 3.6 *", "+0.400 ± 0.358 *"),
                        List.of("C", "-2.0 ± 3.6", "-1.0 ± 1.8", "-2.0 ± 3.6", "-0.200 ± 0.358"));
        assertThat(unfinished).isEqualTo(two); // what is not there yet is not compared
        assertThat(one.rows().getFirst()).startsWith("B", "+4.0 ± 2.5 *");
    }

    @Test
    void differenceThatExcludesZeroAloneNeedNotDoSoAmongOthers() {
        var results = new ArrayList<RunNumbers>();
        for (int seed = 1; seed <= 3; seed++) {
            results.add(result("A", seed, 0.2 * seed));
            results.add(result("B", seed, 0.2 * seed + 0.01 + 0.01 * seed)); // adds 2, 3 and 4
            results.add(result("C", seed, 0.2 * seed + 0.05 * seed));
        }

        assertThat(Effects.table(List.of("A", "B"), results).rows().getFirst().get(1))
                .isEqualTo("+3.0 ± 2.5 *");
        assertThat(Effects.table(List.of("A", "B", "C"), results)
                        .rows()
                        .getFirst()
                        .get(1))
                .isEqualTo("+3.0 ± 3.6");
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
