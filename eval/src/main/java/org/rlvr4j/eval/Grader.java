package org.rlvr4j.eval;

import java.util.List;
import java.util.Optional;
import org.rlvr4j.eval.Verdict.Stage;

/**
 * Decides whether a response's final answer is the right one.
 *
 * <p>The grader is sound: it accepts what it can show to be the same, by rules that keep an answer's value, and rejects
 * all else; a right answer in an unusual form may be rejected. Its work is limited by counted steps, never by a clock, so
 * that the same response gets the same verdict on any machine.
 */
public final class Grader {

    private static final int MAX_LENGTH = 2_000; // characters; longer answers are compared letter by letter

    /**
     * Grades a response.
     *
     * @param truths the accepted answers, any of which will do; one that holds a box counts as what is in the box
     */
    public Verdict grade(String response, List<String> truths) {
        Optional<String> answer = FinalAnswer.of(response);
        Stage stage = answer.map(given -> stage(given, truths)).orElse(Stage.UNBOXED);
        return new Verdict(stage, answer);
    }

    /** Whether an answer can be shown to be the same as an accepted one. */
    public boolean same(String answer, String truth) {
        return compare(answer, truth) != Stage.DIFFERENT;
    }

    private static Stage stage(String answer, List<String> truths) {
        return truths.stream()
                .map(truth -> compare(
                        answer,
                        truth.contains("\\boxed") ? FinalAnswer.of(truth).orElse("") : truth))
                .min(Stage::compareTo)
                .orElse(Stage.DIFFERENT);
    }

    private static Stage compare(String answer, String truth) {
        if (answer.isBlank() || truth.isBlank()) {
            return Stage.DIFFERENT;
        }
        if (answer.length() > MAX_LENGTH || truth.length() > MAX_LENGTH) {
            return answer.equals(truth) ? Stage.IDENTICAL : Stage.DIFFERENT;
        }
        String plainAnswer = Latex.plain(answer);
        String plainTruth = Latex.plain(truth);
        if (plainAnswer.equals(plainTruth)) {
            return Stage.IDENTICAL;
        }
        return Answer.agree(AnswerReader.read(plainAnswer), AnswerReader.read(plainTruth))
                ? Stage.EQUAL
                : Stage.DIFFERENT;
    }
}
