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
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.eval.grader.Expression.Symbol;
import org.rlvr4j.eval.grader.ParsedAnswer.Compound;
import org.rlvr4j.eval.grader.ParsedAnswer.Relation;
import org.rlvr4j.eval.grader.ParsedAnswer.Text;
import org.rlvr4j.eval.grader.ParsedAnswer.Value;

/** The accepted answers of the suites: bundled lists of them, and the files in {@code -Drlvr4j.data}, if there are any. */
class GraderTruthsTest {

    private final Grader grader = new Grader();

    /** Pairs of different truths of MATH-500 that are the same, in one reading at least. */
    private static final Set<String> SAME = Set.of(
            "90^\\circ ~ 90",
            "5 ~ x=5",
            "1,-2 ~ -2,1",
            "120^\\circ ~ 120",
            "36 ~ 36^\\circ",
            "36 ~ \\$36",
            "\\frac{1}{4} ~ \\frac14",
            "30^\\circ ~ 30",
            "10,\\!080 ~ 10080",
            "15 ~ 15\\mbox{ cm}^2",
            "2 \\sqrt{5} ~ 2\\sqrt{5}");

    @ParameterizedTest
    @MethodSource("suites")
    void almostEveryTruthIsUnderstood(List<String> truths) {
        List<String> opaque =
                truths.stream().filter(truth -> !isUnderstood(read(truth))).toList();

        assertThat(opaque).hasSizeLessThanOrEqualTo(truths.size() / 100);
    }

    @ParameterizedTest
    @MethodSource("suites")
    void everyTruthAcceptsItselfAndItsUsualRewritings(List<String> truths) {
        for (String truth : truths) {
            assertThat(rewritings(truth)).allSatisfy(rewriting -> {
                assertThat(grader.same(rewriting, truth))
                        .as(rewriting + " for " + truth)
                        .isTrue();
                assertThat(grader.same(truth, rewriting))
                        .as(truth + " for " + rewriting)
                        .isTrue();
            });
        }
    }

    @ParameterizedTest
    @MethodSource("suites")
    void noTwoTruthsAreEqualUnlessTheyAre(List<String> truths) {
        var equal = new TreeSet<String>();
        for (int i = 0; i < truths.size(); i++) {
            for (int j = i + 1; j < truths.size(); j++) {
                if (grader.same(truths.get(i), truths.get(j))) {
                    equal.add(truths.get(i) + " ~ " + truths.get(j));
                }
            }
        }

        assertThat(equal).isSubsetOf(SAME);
    }

    static Stream<List<String>> suites() throws IOException {
        var suites = new ArrayList<List<String>>();
        for (String name : List.of("math500", "amc2023", "aime_2024", "aime_2025")) {
            try (InputStream in =
                    Objects.requireNonNull(GraderTruthsTest.class.getResourceAsStream("/truths/" + name + ".txt"))) {
                suites.add(new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .toList());
            }
            Path file = Path.of(System.getProperty("rlvr4j.data", "../shared/data"), "eval", name + ".parquet");
            if (Files.exists(file)) {
                suites.add(Suite.load(file).stream()
                        .flatMap(suite -> suite.problems().stream())
                        .map(Problem::answers)
                        .flatMap(List::stream)
                        .distinct()
                        .toList());
            }
        }
        return suites.stream();
    }

    private static List<String> rewritings(String truth) {
        String inner = truth.replace("\\left", "").replace("\\right", "");
        return List.of(
                truth,
                "$" + truth + "$",
                "{" + truth + "}",
                " " + truth + "\\, ",
                truth.replace("\\frac", "\\dfrac"),
                inner.replace("(", "\\left(").replace(")", "\\right)"),
                truth.replace(", ", ",").replace(",", ", ").replace(", \\!", ",\\!"),
                truth.replace("+", " + ").replace("-", " - "));
    }

    private static ParsedAnswer read(String truth) {
        return new AnswerReader(new Work(Work.LIMIT), new Symbol("e"), true).read(Lexer.tokens(truth, true));
    }

    private static boolean isUnderstood(ParsedAnswer answer) {
        return switch (answer) {
            case Text text -> text.words();
            case Value _ -> true;
            case Compound compound -> compound.items().stream().allMatch(GraderTruthsTest::isUnderstood);
            case Relation relation -> relation.sides().stream().allMatch(GraderTruthsTest::isUnderstood);
        };
    }
}
