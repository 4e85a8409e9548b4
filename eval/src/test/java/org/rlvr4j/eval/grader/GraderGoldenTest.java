package org.rlvr4j.eval.grader;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.tensor.Golden;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Verdicts of this grader beside those of golden files.
 *
 * <p>Where a label is not the mathematically right verdict, {@code grader/reviewed.jsonl} says why: by the row's id, or, for
 * labels that follow from how their source compares, by a word of the row's options.
 */
class GraderGoldenTest {

    private static final JsonMapper JSON = new JsonMapper();

    private final Grader grader = new Grader();
    private final List<JsonNode> reviewed = reviewed();

    @ParameterizedTest
    @MethodSource("boxedFiles")
    void verdictsOnBoxedAnswersAreRight(Path file) throws IOException {
        Agreement agreement = agreement(file, true);

        assertThat(agreement.falseAccepts()).isEmpty();
        assertThat(agreement.share()).isGreaterThanOrEqualTo(0.98);
    }

    @ParameterizedTest(allowZeroInvocations = true) // there is no bundled copy of this file
    @MethodSource("completionFiles")
    void verdictsOnCompletionsAreRight(Path file) throws IOException {
        Agreement agreement = agreement(file, true);

        assertThat(agreement.falseAccepts()).isEmpty();
        assertThat(agreement.share()).isGreaterThanOrEqualTo(0.95);
    }

    @ParameterizedTest
    @MethodSource("textFiles")
    void verdictsOnOtherProjectsTextsAreRight(Path file) throws IOException {
        Agreement agreement = agreement(file, false);

        assertThat(agreement.falseAccepts()).isEmpty();
        assertThat(agreement.share()).isGreaterThanOrEqualTo(0.95);
    }

    static Stream<Path> boxedFiles() {
        return Golden.find("grader/boxed_answers.jsonl").stream();
    }

    static Stream<Path> completionFiles() {
        return Golden.find("grader/qwen25_math_completions.jsonl").stream();
    }

    static Stream<Path> textFiles() {
        return Stream.of("math_verify", "lighteval", "nemo_skills_math_equal", "hendrycks_is_equiv")
                .flatMap(name -> Golden.find("grader/" + name + ".jsonl").stream());
    }

    private record Agreement(double share, List<String> falseAccepts) {}

    /** Rows whose label depends on how their source compares count for nothing; those reviewed by id count as they are. */
    private Agreement agreement(Path file, boolean boxed) throws IOException {
        var falseAccepts = new ArrayList<String>();
        int rows = 0;
        int agreeing = 0;
        for (String line : Files.readAllLines(file)) {
            JsonNode row = JSON.readTree(line);
            boolean expected = row.get("expected").booleanValue();
            Verdict verdict = boxed ? grader.grade(response(row), truths(row)) : textVerdict(row);
            boolean agrees = verdict.correct() == expected;
            JsonNode review = reviewed.stream()
                    .filter(known -> matches(known, row))
                    .findFirst()
                    .orElse(null);
            boolean comparedOtherwise = !agrees && review != null && review.has("option");
            rows += comparedOtherwise ? 0 : 1;
            agreeing += agrees ? 1 : 0;
            if (!agrees) {
                String reason =
                        review == null ? "not reviewed" : review.get("reason").asString();
                System.out.printf("  %s: %s, %s%n", row.get("id").asString(), verdict.stage(), reason);
            }
            if (verdict.correct() && !expected && review == null) {
                falseAccepts.add(line);
            }
        }
        System.out.printf("Grader: %d of %d labels (%.2f %%) in %s%n", agreeing, rows, 100.0 * agreeing / rows, file);
        return new Agreement(agreeing / (double) rows, falseAccepts);
    }

    /** The files of other projects have prose around answers and around accepted ones. */
    private Verdict textVerdict(JsonNode row) {
        List<String> truths = truths(row).stream().map(TextAnswer::of).toList();
        return grader.grade("\\boxed{" + TextAnswer.of(response(row)) + "}", truths);
    }

    private static boolean matches(JsonNode known, JsonNode row) {
        return known.has("id")
                ? row.get("id").equals(known.get("id"))
                : row.has("options")
                        && row.get("options")
                                .toString()
                                .contains(known.get("option").asString());
    }

    private static List<JsonNode> reviewed() {
        try (InputStream in =
                Objects.requireNonNull(GraderGoldenTest.class.getResourceAsStream("/golden/grader/reviewed.jsonl"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(JSON::readTree)
                    .toList();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static String response(JsonNode row) {
        if (row.has("response_parts")) {
            var text = new StringBuilder();
            for (JsonNode part : row.get("response_parts")) {
                text.append(part.get(0).asString().repeat(part.get(1).asInt()));
            }
            return text.toString();
        }
        return row.get(row.has("response") ? "response" : "prediction").asString();
    }

    private static List<String> truths(JsonNode row) {
        JsonNode gold = row.get("gold");
        return gold.isArray() ? gold.valueStream().map(JsonNode::asString).toList() : List.of(gold.asString());
    }
}
