package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlvr4j.cli.TinyEvaluation.copy;
import static org.rlvr4j.cli.TinyEvaluation.hashes;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Evaluations that another verifier than the mathematics grader judges. */
class EvalRewardTest {

    private static final String LETTERS = """
        import org.rlvr4j.data.Problem;
        import org.rlvr4j.eval.*;
        public class Letters implements Verifier {
            public Verdict verify(Problem problem, Answer answer) {
                return Verdict.of(answer.text().length() % 2 == 0, answer.text() + ".");
            }
            public boolean same(String answer, String other) { return true; }
        }
        """;

    @TempDir
    private static Path shared = Path.of("");

    private static TinyEvaluation tiny = new TinyEvaluation(shared);

    @TempDir
    private Path folder = Path.of("");

    private Path source = Path.of("");
    private Path judged = Path.of("");

    @BeforeAll
    static void evaluateOnce() throws IOException {
        tiny = TinyEvaluation.in(shared);
    }

    @BeforeEach
    void judgeByASourceFile() throws IOException {
        source = Files.writeString(folder.resolve("Letters.java"), LETTERS);
        judged = folder.resolve("judged");
        tiny.evaluate(judged, "--reward=" + source);
    }

    @Test
    void dumpHoldsPartsAndVotesOfTheVerifier() throws IOException {
        assertThat(lines(judged)).hasSize(9 * (1 + 5)).allSatisfy(line -> {
            boolean even = line.get("response").asString().length() % 2 == 0;
            assertThat(line.get("correct").asBoolean()).isEqualTo(even);
            assertThat(line.get("parts").get("Letters").asDouble()).isEqualTo(even ? 1 : 0);
            assertThat(line.get("candidate").asInt()).isZero(); // all answers are the same to it
        });
        assertThat(judged.resolve("settings.yaml")).content().contains("java:", "Letters.java", "rewardCode: ");
    }

    @Test
    void tornDumpIsGoneOnWith() throws IOException {
        Path torn = copy(judged, folder.resolve("torn"));
        try (var channel = FileChannel.open(torn.resolve("completions.jsonl"), StandardOpenOption.WRITE)) {
            channel.truncate(5000);
        }

        assertThat(tiny.evaluate(torn, "--reward=" + source)).contains("goes on after");
        assertThat(hashes(torn)).isEqualTo(hashes(judged));
    }

    @Test
    void readingAnEvaluationRunsNoCodeThatItNames() throws IOException {
        Path other = copy(judged, folder.resolve("other"));
        Files.delete(source);

        assertThat(TinyRun.execute(List.of("compare", judged.toString(), other.toString())))
                .contains("Avg@1/Avg@5");
    }

    @Test
    void changedVerifierIsAnotherEvaluation() throws IOException {
        Files.writeString(source, LETTERS.replace("% 2", "% 3"));

        assertThat(TinyRun.failure(2, tiny.arguments(judged, "--reward=" + source)))
                .contains("holds an evaluation with rewardCode");
    }

    @Test
    void scoreRunsNoCodeThatAnEvaluationNames() {
        assertThat(TinyRun.failure(2, List.of("score", judged.toString())))
                .contains("cannot be graded again, as its verifiers may need what is not in it");
    }

    @Test
    void scoreJudgesByAnotherVerifierOfText() throws IOException {
        String printed = TinyRun.execute(List.of("score", judged.toString(), "--verifier=number,boxed"));

        assertThat(printed)
                .contains("By each verifier", "Verdicts that changed:", ": was EXACT, is ")
                .containsPattern("sums +number, boxed ")
                .containsPattern("sums +Avg@5 +boxed +0\\.0 ");
    }

    @Test
    void kindIsNamedOnTheCommandLine() throws IOException {
        Path numbers = folder.resolve("numbers");

        tiny.evaluate(numbers, "--reward=number");

        assertThat(lines(numbers))
                .allSatisfy(
                        line -> assertThat(line.get("parts").propertyNames()).containsExactly("number"));
        assertThat(TinyRun.failure(2, tiny.arguments(folder.resolve("none"), "--reward=numbr")))
                .isEqualTo("rlvr4j: --verifier: must be one of [boxed, number, strict-match, flexible-extract, choice,"
                        + " exact, countdown, json, repetition]"
                        + " or a Java source file, not numbr; a configuration's reward takes the other kinds, with"
                        + " their settings");
    }

    @Test
    void classesOfTheClassPathAreUsed() throws IOException {
        Path helper = Files.writeString(
                folder.resolve("Even.java"),
                "package acme; public class Even { public static boolean is(int n) { return n % 2 == 0; } }");
        Path classes = Files.createDirectory(folder.resolve("classes"));
        assertThat(ToolProvider.getSystemJavaCompiler()
                        .run(null, null, null, "-d", classes.toString(), helper.toString()))
                .isZero();
        Files.writeString(
                source, LETTERS.replace("answer.text().length() % 2 == 0", "acme.Even.is(answer.text().length())"));
        Path output = folder.resolve("by-class");

        tiny.evaluate(output, "--reward=" + source, "--classpath=" + classes);

        assertThat(output.resolve("completions.jsonl")).hasSameTextualContentAs(judged.resolve("completions.jsonl"));
        assertThat(TinyRun.failure(2, tiny.arguments(folder.resolve("none"), "--classpath=none/such")))
                .isEqualTo("rlvr4j: --classpath: there is no none/such");
    }

    private static List<JsonNode> lines(Path evaluation) throws IOException {
        return Files.readAllLines(evaluation.resolve("completions.jsonl")).stream()
                .map(new JsonMapper()::readTree)
                .toList();
    }
}
