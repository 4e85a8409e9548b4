package org.rlvr4j.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.rlvr4j.eval.grader.Grader;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Where a paper and its published code differ in grading; rows of docs/paper-vs-code.md. */
class PaperAgainstCodeTest {

    private static final JsonMapper JSON = new JsonMapper();

    private final Grader grader = new Grader();

    /** Rows of the bundled golden file, which holds the published grader's verdict beside the right one. */
    @Test
    void row8ThePublishedGraderErrsBothWaysAndThisOneDoesNot() throws IOException {
        Map<String, JsonNode> rows = rows();
        List<String> wronglyAccepted = List.of("boxed-p1", "boxed-p74", "boxed-p150", "boxed-p156", "boxed-p192");
        List<String> wronglyRejected = List.of("boxed-p46", "boxed-p52", "boxed-p99", "boxed-p138", "boxed-p262");

        for (String id : wronglyAccepted) {
            assertThat(original(rows, id)).as(id).isTrue();
            assertThat(ours(rows, id)).as(id).isFalse();
        }
        for (String id : wronglyRejected) {
            assertThat(original(rows, id)).as(id).isFalse();
            assertThat(ours(rows, id)).as(id).isTrue();
        }
    }

    @Test
    void row14AnyElementOfAListOfGroundTruthsMatches() {
        List<String> truths = List.of("1/2", "0.25");

        assertThat(grader.grade("\\boxed{0.5}", truths).correct()).isTrue();
        assertThat(grader.grade("\\boxed{1/4}", truths).correct()).isTrue();
        assertThat(grader.grade("\\boxed{1/4}", truths.subList(0, 1)).correct()).isFalse(); // all the code looks at
    }

    private boolean ours(Map<String, JsonNode> rows, String id) {
        JsonNode row = Objects.requireNonNull(rows.get(id));
        return grader.grade(
                        row.get("response").asString(), List.of(row.get("gold").asString()))
                .correct();
    }

    private static boolean original(Map<String, JsonNode> rows, String id) {
        return Objects.requireNonNull(rows.get(id)).get("original_verdict").asBoolean();
    }

    private static Map<String, JsonNode> rows() throws IOException {
        try (InputStream in = Objects.requireNonNull(
                PaperAgainstCodeTest.class.getResourceAsStream("/golden/grader/boxed_answers.jsonl"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(JSON::readTree)
                    .collect(Collectors.toMap(row -> row.get("id").asString(), row -> row));
        }
    }
}
