package org.rlvr4j.eval.reward;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;

/** Parts of a reward together, and a user's own among them. */
class RubricTest {

    private static final Duration LONG = Duration.ofMinutes(10);
    private static final Problem PROBLEM = VerifiersTest.problem(Map.of(), "42");

    @Test
    void verdictHoldsTheNumbersOfAllPartsAndTheAnswerOfTheFirstThatJudges() {
        var rubric = new Rubric(List.of(
                part("length", new LengthPenalty(0, 10), false, null),
                part("number", new NumberVerifier(false), true, null),
                Part.of("exact", new ExactVerifier(false))));

        Verdict verdict = rubric.verify(PROBLEM, new Answer("it is 42", new int[5], false));

        assertThat(verdict.correct()).isTrue();
        assertThat(verdict.answer()).hasValue("42");
        assertThat(verdict.parts())
                .containsExactly(Map.entry("length", -0.5), Map.entry("number", 1.0), Map.entry("exact", 0.0));
    }

    @Test
    void accuracyIsThatOfTheNamedPart() {
        var rubric = new Rubric(List.of(
                Part.of("number", new NumberVerifier(false)), part("exact", new ExactVerifier(false), true, true)));

        assertThat(rubric.verify(PROBLEM, Answer.of("it is 42")).correct()).isFalse();
        assertThat(rubric.forSource("test").same("42", "42.0")).isFalse();
    }

    @Test
    void partsApplyToTheirSources() {
        var rubric = new Rubric(List.of(
                ofSource("number", new NumberVerifier(false), "test"),
                ofSource("exact", new ExactVerifier(false), "elsewhere")));

        assertThat(rubric.verify(PROBLEM, Answer.of("it is 42")).parts()).containsOnlyKeys("number");
        assertThatIllegalArgumentException()
                .isThrownBy(
                        () -> rubric.check(new Problem("1", "third", PROBLEM.prompt(), PROBLEM.answers(), 1, Map.of())))
                .withMessage(
                        "no part of the reward says what is right for problems of third: add one, such as boxed, or add"
                                + " third to the sources of one");
    }

    @Test
    void valuesAreThoseOfThePart() {
        var values = new Values(2, -1, -3);
        var rubric =
                new Rubric(List.of(new Part("number", new NumberVerifier(false), 1, values, true, null, List.of())));

        assertThat(rubric.verify(PROBLEM, Answer.of("42")).parts()).containsEntry("number", 2.0);
        assertThat(rubric.verify(PROBLEM, Answer.of("43")).parts()).containsEntry("number", -1.0);
        assertThat(rubric.verify(PROBLEM, Answer.of("?")).parts()).containsEntry("number", -3.0);
    }

    @Test
    void severalNumbersOfOnePartAreNamedAfterIt() {
        var rubric = new Rubric(List.of(
                Part.of("own", watched((_, answer) -> Verdict.of(answer.text().isEmpty(), "a")
                        .with(Map.of("style", 0.25, "content", 0.5))))));

        assertThat(rubric.verify(PROBLEM, Answer.of("text")).parts())
                .containsExactly(Map.entry("own.content", 0.5), Map.entry("own.style", 0.25));
    }

    @Test
    void oneNumberIsRightFromOneOn() {
        Verifier half = (_, answer) -> Verdict.of(answer.text().isEmpty() ? 0.5 : 1.5);
        var rubric = new Rubric(List.of(Part.of("own", watched(half))));

        assertThat(rubric.verify(PROBLEM, Answer.of("")).correct()).isFalse();
        assertThat(rubric.verify(PROBLEM, Answer.of("")).parts()).containsExactly(Map.entry("own", 0.5));
        assertThat(rubric.verify(PROBLEM, Answer.of("a")).correct()).isTrue();
    }

    @Test
    void whatCannotBeAddedUpIsRefused() {
        Part number = Part.of("number", new NumberVerifier(false));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Rubric(List.of(number, number)))
                .withMessage("two parts of the reward are called number: give one another name");
        assertThatIllegalArgumentException().isThrownBy(() -> new Rubric(List.of()));
        assertThatIllegalArgumentException().isThrownBy(() -> Part.of("a.b", new NumberVerifier(false)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> part("length", new LengthPenalty(0, 1), false, true))
                .withMessage("length cannot say what is right, so it cannot be the accuracy");
        var twice = new Rubric(List.of(
                part("a", new NumberVerifier(false), true, true), part("b", new NumberVerifier(false), true, true)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> twice.check(PROBLEM))
                .withMessage("both a and b are the accuracy of problems of test: only one part can be");
    }

    @Test
    void exceptionNamesRewardProblemResponseAndLine() {
        assertThatExceptionOfType(RewardException.class)
                .isThrownBy(() -> watched(new Failing()).verify(PROBLEM, Answer.of("five\nsix")))
                .withMessageMatching("the reward own, on problem test/1 and response \"five six\", failed:"
                        + " java.lang.NumberFormatException: .* \\(line \\d+ of RubricTest.java\\)");
    }

    @Test
    void exceptionCanCountAsAValue() {
        var tolerant = new Rubric(List.of(Part.of("own", new Watched("own", new Failing(), LONG, -1.0))));

        assertThat(tolerant.verify(PROBLEM, Answer.of("five")).parts()).containsExactly(Map.entry("own", -1.0));
        assertThat(tolerant.verify(PROBLEM, Answer.of("42")).parts()).containsExactly(Map.entry("own", 1.0));
    }

    @Test
    void overflowOfTheStackIsAFailureToo() {
        Verifier endless = new Verifier() {
            @Override
            public Verdict verify(Problem problem, Answer answer) {
                return answer.truncated() ? Verdict.of(true) : verify(problem, Answer.of(answer.text() + "a"));
            }
        };

        assertThatExceptionOfType(RewardException.class)
                .isThrownBy(() -> watched(endless).verify(PROBLEM, Answer.of("")))
                .withMessageContaining("java.lang.StackOverflowError");
    }

    @Test
    void endlessLoopEndsAtTheLimit() {
        var endless = new Watched(
                "own",
                (_, _) -> {
                    while (!Thread.currentThread().isInterrupted()) {
                        Thread.onSpinWait();
                    }
                    return Verdict.of(true);
                },
                Duration.ofSeconds(1),
                0.0);

        assertThatExceptionOfType(RewardException.class)
                .isThrownBy(() -> endless.verify(PROBLEM, Answer.of("a")))
                .withMessage("the reward own, on problem test/1 and response \"a\", did not end within 1 seconds");
    }

    @Test
    @SuppressWarnings("NullAway") // what a user's class may do
    void numbersThatCannotBeUsedAreRefused() {
        assertThatExceptionOfType(RewardException.class)
                .isThrownBy(() -> watched((_, _) -> Verdict.of(Double.NaN)).verify(PROBLEM, Answer.of("a")))
                .withMessageEndingWith("gave NaN for the part value");
        assertThatExceptionOfType(RewardException.class)
                .isThrownBy(() -> watched((_, _) -> null).verify(PROBLEM, Answer.of("a")))
                .withMessageEndingWith("gave no verdict, but null");
        assertThatExceptionOfType(RewardException.class)
                .isThrownBy(() -> watched((_, _) -> Verdict.of(true).with(Map.of("a b", 1.0)))
                        .verify(PROBLEM, Answer.of("a")))
                .withMessageEndingWith("gave a part called \"a b\"; a name is letters, digits, _ and -");
    }

    @Test
    void partsMustBeTheSameForEachResponse() {
        Verifier changing = watched((_, answer) -> Verdict.of(true).with(Map.of(answer.text(), 1.0)));
        assertThat(changing.verify(PROBLEM, Answer.of("a")).parts()).containsOnlyKeys("a");

        assertThatExceptionOfType(RewardException.class)
                .isThrownBy(() -> changing.verify(PROBLEM, Answer.of("b")))
                .withMessageEndingWith(
                        "gave the parts [b] and the parts [a] for another response; each response must have the"
                                + " same");
    }

    /** Verifier that fails on a response which is no number. */
    private static final class Failing implements Verifier {

        @Override
        public Verdict verify(Problem problem, Answer answer) {
            return Verdict.of(Integer.parseInt(answer.text()) == 42);
        }
    }

    private static Watched watched(Verifier verifier) {
        return new Watched("own", verifier, LONG, null);
    }

    private static Part part(
            String name, Verifier verifier, boolean judges, @org.jspecify.annotations.Nullable Boolean accuracy) {
        return new Part(name, verifier, 1, Values.ZERO_ONE, judges, accuracy, List.of());
    }

    private static Part ofSource(String name, Verifier verifier, String source) {
        return new Part(name, verifier, 1, Values.ZERO_ONE, true, null, List.of(source));
    }
}
