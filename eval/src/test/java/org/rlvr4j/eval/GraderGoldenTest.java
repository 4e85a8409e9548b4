package org.rlvr4j.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.tensor.Golden;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Verdicts on responses whose mathematically right verdict is known. */
class GraderGoldenTest {

    private static final JsonMapper JSON = new JsonMapper();

    private final Grader grader = new Grader();

    @ParameterizedTest
    @MethodSource("files")
    void nothingWrongIsAcceptedAndMostOfWhatIsRightIs(Path file) throws IOException {
        var accepted = new ArrayList<String>();
        var missed = new ArrayList<String>();
        int right = 0;
        for (String line : Files.readAllLines(file)) {
            JsonNode row = JSON.readTree(line);
            boolean expected = row.get("expected").booleanValue();
            boolean correct = grader.grade(response(row), truths(row)).correct();
            right += expected ? 1 : 0;
            if (correct && !expected) {
                accepted.add(line);
            } else if (!correct && expected) {
                missed.add(line);
            }
        }
        double recall = 1 - missed.size() / (double) right;
        System.out.printf("Grader: %.1f %% of %d right answers accepted in %s%n", 100 * recall, right, file);

        assertThat(accepted).isEmpty();
        assertThat(recall).isGreaterThanOrEqualTo(0.85);
    }

    static Stream<Path> files() {
        return Golden.find("grader/boxed_answers.jsonl").stream();
    }

    private static String response(JsonNode row) {
        if (row.has("response")) {
            return row.get("response").asString();
        }
        var text = new StringBuilder();
        for (JsonNode part : row.get("response_parts")) {
            text.append(part.get(0).asString().repeat(part.get(1).asInt()));
        }
        return text.toString();
    }

    private static List<String> truths(JsonNode row) {
        JsonNode gold = row.get("gold");
        return gold.isArray() ? gold.valueStream().map(JsonNode::asString).toList() : List.of(gold.asString());
    }
}
