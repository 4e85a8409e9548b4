package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlvr4j.cli.TinyEvaluation.copy;
import static org.rlvr4j.cli.TinyEvaluation.rewrite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What can be done with an evaluation without its model. */
class ScoreAndCompareTest {

    @TempDir
    private static Path shared = Path.of("");

    private static TinyEvaluation tiny = new TinyEvaluation(shared);
    private static Path finished = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void evaluateOnce() throws IOException {
        tiny = TinyEvaluation.in(shared);
        finished = tiny.finished();
    }

    @Test
    void scoreOfADumpPrintsWhatTheEvaluationDid() throws IOException {
        assertThat(TinyRun.execute(List.of("score", finished.toString())))
                .isEqualTo(Files.readString(finished.resolve("report.txt")) + "\nEvery verdict is as it was.\n");
    }

    @Test
    void scoreNamesVerdictsThatChanged() throws IOException {
        Path changed = copy(finished, folder.resolve("changed"));
        rewrite(
                changed,
                dump -> dump.replaceFirst(
                        "\"UNBOXED\",\"response\":\"[^\"]*\"", "\"UNBOXED\",\"response\":\"\\\\\\\\boxed{2}\""));

        assertThat(TinyRun.execute(List.of("score", changed.toString())))
                .contains("Verdicts that changed:\nsums/1, sample 0 at temperature 0.0: was UNBOXED, is IDENTICAL\n");
    }

    @Test
    void comparisonIsPairedAndSaysBetterOnlyBeyondTheInterval() throws IOException {
        Path right = copy(finished, folder.resolve("right"));
        rewrite(right, dump -> dump.replace("\"UNBOXED\"", "\"EXACT\""));
        Path one = copy(finished, folder.resolve("one"));
        rewrite(one, dump -> dump.replaceFirst("\"UNBOXED\"", "\"EXACT\""));

        String same = TinyRun.execute(List.of("compare", finished.toString(), finished.toString()));
        String little = TinyRun.execute(List.of("compare", one.toString(), finished.toString()));
        String much = TinyRun.execute(List.of(
                "compare",
                right.toString(),
                finished.toString(),
                one.toString(),
                "--output=" + folder.resolve("report")));

        assertThat(same).doesNotContain("better", "worse");
        assertThat(little).contains("+16.7 ").doesNotContain("better", "worse"); // one problem of six
        assertThat(much).contains("+100.0/+100.0", "better").doesNotContain("worse");
        assertThat(TinyRun.execute(List.of("compare", finished.toString(), right.toString())))
                .contains("worse");
        for (String form : List.of("report.txt", "report.md", "report.html", "report.json")) {
            assertThat(folder.resolve("report").resolve(form)).content().contains("Avg@5");
        }
    }

    @Test
    void unfinishedEvaluationIsNeitherScoredNorCompared() throws IOException {
        Path part = copy(finished, folder.resolve("part"));
        rewrite(part, dump -> dump.lines().limit(23).reduce("", (a, b) -> a + b + "\n"));

        assertThat(TinyRun.failure(2, List.of("score", part.toString())))
                .isEqualTo("rlvr4j: " + part + " is not finished: of the 6 problems of sums, 3 are answered at"
                        + " temperature 1.0; the same eval goes on with it");
        assertThat(TinyRun.failure(2, List.of("compare", finished.toString(), part.toString())))
                .contains("is not finished");
    }
}
