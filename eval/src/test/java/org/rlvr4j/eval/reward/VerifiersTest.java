package org.rlvr4j.eval.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;

/** Verifiers of answers that are no mathematics in a box. */
class VerifiersTest {

    private static final String NONE = "none";

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "18; So she makes 9 * 2 = $18 every day.; right",
                "18; It is 18.0.; right",
                "1,800; about 1800; right",
                "1800; $1,800.00; right",
                "18; #### 19, not 18; wrong",
                "18; between 17 and 19; wrong",
                "-3; the balance is -3; right",
                "3; the balance is -3; wrong",
                "0.5; .5; right",
                "18; I do not know; none",
                "18; \"\"; none",
                "72 + 18 = 90 #### 90; 90; right",
                "18; 18000000000000000000000000000000000000000; wrong",
                "1,80; 1; wrong"
            })
    void number(String truth, String response, String expected) {
        assertThat(outcome(new NumberVerifier(false), truth, response)).isEqualTo(expected);
    }

    @Test
    void numberAfterTheMarkComesFirst() {
        assertThat(outcome(new NumberVerifier(false), "18", "9 * 2 = 18\n#### 18"))
                .isEqualTo("right");
        assertThat(outcome(new NumberVerifier(false), "18", "#### 18\nThat is 2 more than 16."))
                .isEqualTo("right");
        assertThat(outcome(new NumberVerifier(false), "16 + 2 = 18\n#### 18", "18"))
                .isEqualTo("right");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {"18; it is 18; none", "18; #### 18; right", "18; #### $18; right", "18; #### eighteen; none"})
    void strictNumberStandsAfterTheMark(String truth, String response, String expected) {
        assertThat(outcome(new NumberVerifier(true), truth, response)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "B; B; right",
                "B; (B); right",
                "B; b.; right",
                "(B); **B**; right",
                "B; The answer is B.; right",
                "B; the answer is (B) because A is wrong; right",
                "B; Answer: option B; right",
                "B; A is wrong, so \\boxed{B}; right",
                "B; \\boxed{\\text{B}}; right",
                "B; \\boxed{A}, the answer is B; wrong",
                "B; The answer is A; wrong",
                "B; A, B, C and D are possible; none",
                "B; Because of B; none",
                "A; A man walks into a bar; none",
                "A; The answer is a bar; none",
                "A; The answer is A bar; none",
                "A; The answer is A.; right",
                "B; The answer is B because A is wrong; right",
                "I; I think so; none"
            })
    void choice(String truth, String response, String expected) {
        assertThat(outcome(new ChoiceVerifier(), truth, response)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {"yes; \" yes\n\"; right", "yes; Yes; wrong", "yes; yes.; wrong", "yes; \" \"; none"})
    void exact(String truth, String response, String expected) {
        assertThat(outcome(new ExactVerifier(false), truth, response)).isEqualTo(expected);
    }

    @Test
    void exactTextOfEitherCase() {
        assertThat(outcome(new ExactVerifier(true), "yes", "YES")).isEqualTo("right");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "Paris; <a>Paris</a>; right",
                "Paris; <a>Rome</a> no, <a> Paris </a>; right",
                "Paris; <a>Paris</a> no, <a>Rome</a>; wrong",
                "Paris; Paris; none",
                "Paris; <a></a>; none"
            })
    void regexFindsTheAnswerInItsFirstGroup(String truth, String response, String expected) {
        var verifier = new RegexVerifier(RegexVerifier.compile("<a>(.*?)</a>"));

        assertThat(outcome(verifier, truth, response)).isEqualTo(expected);
    }

    @Test
    void regexWithoutGroupFindsTheAnswerItself() {
        assertThat(outcome(new RegexVerifier(RegexVerifier.compile("\\d{4}")), "1066", "in 1065, or 1066"))
                .isEqualTo("right");
    }

    @Test
    void expressionThatIsNotRe2IsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RegexVerifier.compile("(?=look)ahead"))
                .withMessageStartingWith("the expression (?=look)ahead is not in RE2's syntax");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '"',
            value = {
                "<answer>4 * 6</answer>; right",
                "<answer>(4 + 2) * (3 + 1)</answer>; wrong", // other numbers
                "<answer>6 * 4 = 24</answer>; right",
                "<answer>6 * 4 = 25</answer>; wrong",
                "<answer>6 × 4</answer>; right",
                "\\boxed{6*4}; right",
                "<answer>4 + 6</answer>; wrong",
                "<answer>4 * 6 * 1</answer>; wrong",
                "<answer>24</answer>; wrong",
                "<answer>6 * 4 + 6 - 6</answer>; wrong",
                "<answer>six * 4</answer>; wrong",
                "<answer>6 * 4 / 0</answer>; wrong",
                "<answer>((6 * 4)</answer>; wrong",
                "<answer>6 4 *</answer>; wrong",
                "<answer></answer>; wrong",
                "6 * 4; none",
                "<answer>6 + 4</answer> no: <answer>6 * 4</answer>; right"
            })
    void countdown(String response, String expected) {
        assertThat(outcome(new CountdownVerifier(), "{\"target\": 24, \"numbers\": [4, 6]}", response))
                .isEqualTo(expected);
    }

    @Test
    void countdownIsExact() {
        Problem thirds = problem(Map.of("target", 24L, "nums", List.of(8L, 3L, 8L, 3L)), "24");

        assertThat(outcome(new CountdownVerifier(), thirds, "<answer>8 / (3 - 8 / 3)</answer>"))
                .isEqualTo("right");
        assertThat(outcome(new CountdownVerifier(), thirds, "<answer>" + "(".repeat(490) + "</answer>"))
                .isEqualTo("wrong");
    }

    @Test
    void countdownNeedsAGame() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new CountdownVerifier().check(problem(Map.of(), "24")))
                .withMessage("problem test/1 has 24 where Countdown needs a target and numbers");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> new CountdownVerifier().check(problem(Map.of("target", "x", "nums", List.of(1)), "24")))
                .withMessage("problem test/1 has x where Countdown needs a whole number");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '\'',
            value = {
                "{\"age\": 3}; right",
                "'Here it is:\n```json\n{\"age\": 3}\n```\nDone.'; right",
                "{\"age\": \"3\"}; wrong",
                "{\"name\": 3}; wrong",
                "{\"age\": 3, \"age\": 3}; none",
                "{\"age\": 3} and more; none",
                "{\"age\": NaN}; none",
                "age: 3; none",
                "''; none"
            })
    void jsonByASchema(String response, String expected) {
        var verifier =
                new JsonVerifier("{\"type\": \"object\", \"required\": [\"age\"], \"properties\": {\"age\": {\"type\":"
                        + " \"integer\", \"minimum\": 0}}}");

        assertThat(outcome(verifier, "-", response)).isEqualTo(expected);
    }

    @Test
    void schemaThatIsNoJsonOrReachesOutIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JsonVerifier("{"))
                .withMessageStartingWith("the JSON Schema is no JSON: ");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JsonVerifier("[]"))
                .withMessage("a JSON Schema is an object, not ARRAY");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new JsonVerifier("{\"$ref\": \"http://localhost:1/schema.json\"}"))
                .withMessageStartingWith("the JSON Schema cannot be used: ");
    }

    @Test
    void formatIsThatOfTheWholeResponse() {
        var verifier = new FormatVerifier(RegexVerifier.compile("<think>.*</think>\\s*<answer>.*</answer>"));

        assertThat(outcome(verifier, "-", " <think>a\nb</think>\n<answer>1</answer>\n"))
                .isEqualTo("right");
        assertThat(outcome(verifier, "-", "So <think>a</think><answer>1</answer>"))
                .isEqualTo("wrong");
    }

    @Test
    void lengthCostsBetweenItsLimits() {
        var penalty = new LengthPenalty(10, 20);

        assertThat(value(penalty, "", 10)).isZero();
        assertThat(value(penalty, "", 15)).isEqualTo(-0.5);
        assertThat(value(penalty, "", 20)).isEqualTo(-1);
        assertThat(value(penalty, "", 99)).isEqualTo(-1);
    }

    @Test
    void repetitionCostsTheShareOfRepeatedRuns() {
        var penalty = new RepetitionPenalty(2);

        assertThat(value(penalty, "a b c d", 4)).isZero();
        assertThat(value(penalty, "a b a b a", 5)).isEqualTo(-0.5); // ab ba ab ba: two of four stood before
        assertThat(value(penalty, "a", 1)).isZero();
        assertThat(value(penalty, "", 0)).isZero();
        assertThat(value(penalty, "x ".repeat(1001), 1001)).isCloseTo(-0.999, within(1e-12));
    }

    @Test
    void answerOfAnotherKindIsFoundBeforeTheWork() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new NumberVerifier(false).check(problem(Map.of(), "blue")))
                .withMessage("number cannot judge problem test/1, as there is no number in its answer blue");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ChoiceVerifier().check(problem(Map.of(), "42")))
                .withMessage("choice cannot judge problem test/1, as its answer is no letter from A to J: 42");
    }

    static Problem problem(Map<String, Object> columns, String... answers) {
        return new Problem("1", "test", List.of(new Message("user", "?")), List.of(answers), 1, columns);
    }

    private static String outcome(Verifier verifier, String truth, String response) {
        return outcome(verifier, problem(Map.of(), truth), response);
    }

    private static String outcome(Verifier verifier, Problem problem, String response) {
        Verdict verdict = verifier.verify(problem, Answer.of(response));
        assertThat(verdict.parts()).isEmpty();
        if (!verdict.answered()) {
            assertThat(verdict.correct()).isFalse();
            assertThat(verdict.answer()).isEqualTo(Optional.empty());
            return NONE;
        }
        return verdict.correct() ? "right" : "wrong";
    }

    private static double value(Verifier verifier, String text, int tokens) {
        return verifier.verify(problem(Map.of(), "-"), new Answer(text, new int[tokens], false))
                .parts()
                .getOrDefault(Verdict.VALUE, Double.NaN);
    }
}
