package org.rlvr4j.eval.grader;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Writings by kind, in {@code grader/writings.txt}: a truth, and an answer that is accepted or rejected for it. */
class GraderWritingsTest {

    record Row(String kind, String truth, boolean accepted, String answer) {

        @Override
        public String toString() {
            return kind + ": " + truth + (accepted ? " accepts " : " rejects ") + answer;
        }
    }

    @ParameterizedTest
    @MethodSource("rows")
    void answerIsWorthWhatItsKindSays(Row row) {
        boolean correct = new Grader()
                .grade("So \\boxed{" + row.answer + "}.", List.of(row.truth))
                .correct();

        assertThat(correct).as(row.toString()).isEqualTo(row.accepted);
    }

    /** Lines such as {@code truth === answer} and {@code truth =/= answer} below a line {@code # kind}; {@code <=>} and {@code </>} go both ways. */
    static Stream<Row> rows() throws IOException {
        try (var in = Objects.requireNonNull(GraderWritingsTest.class.getResourceAsStream("/grader/writings.txt"))) {
            var rows = Stream.<Row>builder();
            String kind = "";
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                String[] sides = line.split(" (?:===|=/=|<=>|</>) ", -1);
                if (line.startsWith("# ")) {
                    kind = line.substring(2);
                } else if (sides.length == 2) {
                    boolean accepted = line.contains(" === ") || line.contains(" <=> ");
                    rows.add(new Row(kind, sides[0], accepted, sides[1]));
                    if (line.contains(" <=> ") || line.contains(" </> ")) {
                        rows.add(new Row(kind, sides[1], accepted, sides[0]));
                    }
                }
            }
            return rows.build();
        }
    }
}
