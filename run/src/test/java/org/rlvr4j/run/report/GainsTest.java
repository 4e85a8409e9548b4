package org.rlvr4j.run.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GainsTest {

    @TempDir
    private Path folder = Path.of("");

    @Test
    void gainIsPairedByProblemAndTakenOverSeeds() {
        // Seed 1 gains the first two problems of four, seed 2 the first alone: 1, 0.5, 0, 0 by problem.
        RunFolder one = run("A", 1, suite(0, "0001", 0.5), suite(5, "1001", 0.25), suite(9, "1101", 0));
        RunFolder two = run("A", 2, suite(0, "0001", 0.5), suite(9, "1001", 0.25));

        List<Table> tables = Gains.tables(List.of(one, two));

        assertThat(tables).hasSize(1);
        assertThat(tables.getFirst().columns())
                .containsExactly("Method", "Suite", "Avg@1 %", "Gain, by problems", "Gain, by seeds", "Answered %");
        // By problems: mean 0.375, variance 0.2292 / 4, Student's t for 3 is 3.182: 0.762. By seeds: 0.5 and 0.25 have
        // the
        // mean 0.375 and the variance 0.03125 / 2, Student's t for 1 is 12.706: 1.588.
        assertThat(tables.getFirst().rows())
                .containsExactly(List.of("A", "words", "25.0 → 62.5", "+37.5 ± 76.2", "+37.5 ± 158.8", "50.0 → 87.5"));
        assertThat(tables.getFirst().caption()).contains("with 95 % intervals;");
    }

    @Test
    void starIsSetWhereTheIntervalExcludesZeroAndIntervalsAreCorrectedForTheRows() {
        String half = "0".repeat(50) + "1".repeat(50);
        Table table = Gains.tables(List.of(
                        run("A", 1, suite(0, "0".repeat(100), 0), suite(9, half, 0)),
                        run("B", 1, suite(0, "0".repeat(100), 0), suite(9, "0".repeat(99) + "1", 0))))
                .getFirst();

        assertThat(table.caption()).contains("hold for the 2 of a column together at 95 % (Bonferroni)");
        // standard error 0.0503, Student's t for 99 degrees at 98.75 % is 2.276
        assertThat(table.rows().get(0)).contains("+50.0 ± 11.4 *", "+50.0 (n=1)");
        assertThat(table.rows().get(1)).contains("+1.0 ± 2.3", "+1.0 (n=1)");
    }

    @Test
    void perplexityHasATableOfItsOwnWhereItWasMeasured() {
        RunFolder run = run(
                "A", 1, suite(0, "01", 0), perplexity(0, 20), suite(5, "01", 0), perplexity(5, 24), perplexity(9, 25));

        Table table = Gains.tables(List.of(run)).getLast();
        assertThat(table.rows()).containsExactly(List.of("A", "20.00", "25.00", "+25.0"));
        assertThat(table.caption())
                .isEqualTo("Perplexity of ordinary text before and after reinforcement, mean over seeds");

        try (var file = new MetricsFile(folder.resolve("warm-up.jsonl"))) {
            file.write(perplexity(0, 16));
            file.write(Map.of("step", 1, "loss", 0.5));
        }
        assertThat(Gains.tables(List.of(run)).getLast().caption()).endsWith("; before the warm-up it was 16.00");
    }

    @Test
    void perplexityBeforeTheWarmUpsOfAllSeedsIsSaidOnce() {
        List<RunFolder> runs = List.of(
                run("A", 1, suite(0, "01", 0), perplexity(0, 20), perplexity(9, 25)),
                run("A", 2, suite(0, "01", 0), perplexity(0, 21), perplexity(9, 26)));
        for (long seed : List.of(1L, 2L)) {
            try (var file = new MetricsFile(folder.resolve(TrainingFolder.warmUp(seed)))) {
                file.write(perplexity(0, 16));
            }
        }

        assertThat(Gains.tables(runs).getLast().caption()).endsWith("mean over seeds; before the warm-up it was 16.00");
    }

    @Test
    void evaluationsOfEarlierVersionsGiveNoTable() {
        assertThat(Gains.tables(List.of(run("A", 1, Map.of("step", 0, "suite", "words", "samples", 1, "avg", 0.5)))))
                .isEmpty();
        assertThat(Gains.tables(List.of(RunFolder.of(folder, "B", 1)))).isEmpty();
    }

    @SafeVarargs
    private RunFolder run(String method, long seed, Map<String, Object>... lines) {
        RunFolder run = RunFolder.of(folder, method, seed);
        try (var file = new MetricsFile(run.resolve(RunFolder.EVALUATIONS))) {
            for (Map<String, Object> line : lines) {
                file.write(line);
            }
        }
        return run;
    }

    private static Map<String, Object> suite(int step, String right, double unboxed) {
        var line = new LinkedHashMap<String, Object>();
        line.put("step", step);
        line.put("suite", "words");
        line.put("samples", 1);
        line.put("avg", right.chars().filter(digit -> digit == '1').count() / (double) right.length());
        line.put("unboxed", unboxed);
        line.put("right", right);
        return line;
    }

    private static Map<String, Object> perplexity(int step, double value) {
        return Map.of("step", step, "perplexity", value);
    }
}
