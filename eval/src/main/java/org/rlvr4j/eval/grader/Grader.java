package org.rlvr4j.eval.grader;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verdict.Stage;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.eval.grader.Expression.Symbol;
import org.rlvr4j.eval.grader.Framing.Choice;
import org.rlvr4j.eval.grader.Refusal.Reason;

/**
 * Grader of mathematical answers: decides whether a response's final answer is the right one.
 *
 * <p>The grader is sound: it accepts an answer that it can show to be the same as an accepted one, first by exact
 * arithmetic and then by values of many digits, and rejects all else; a right answer in an unusual form may be rejected.
 * Its work is limited by counted steps, never by a clock, so that the same response gets the same verdict on any machine.
 * It matters only for letters after a number, and for ratios like times of day, which of two answers is the accepted one.
 */
public final class Grader implements Verifier {

    private static final int MAX_LENGTH = 2_000; // characters; longer answers are compared letter by letter

    /**
     * Finding of a comparison.
     *
     * @param steps number of steps of work that the comparison took
     */
    record Finding(Stage stage, long steps) {}

    /**
     * Grades a response.
     *
     * @param truths accepted answers, any of which will do; one that holds a box stands for the contents of the box
     */
    public Verdict grade(String response, List<String> truths) {
        Optional<String> answer = FinalAnswer.of(response);
        Stage stage = answer.map(given -> stage(given, truths)).orElse(Stage.UNBOXED);
        return Verdict.of(stage, answer);
    }

    /**
     * Checks that the problem has an answer that this grader reads.
     *
     * @throws IllegalArgumentException if the answer is structured, and so for another verifier
     */
    @Override
    public void check(Problem problem) {
        if (problem.hasStructuredAnswer()) {
            throw new IllegalArgumentException("the answer of problem " + problem.key()
                    + " is a struct, a map or a list of lists, which the grader of mathematics does not look into:"
                    + " judge it by a verifier of its task, or write the answer as text or a number");
        }
    }

    /**
     * Judges the final answer of a text by the problem's accepted answers.
     *
     * @throws IllegalArgumentException as {@link #check} does
     */
    @Override
    public Verdict verify(Problem problem, Answer answer) {
        check(problem);
        return grade(answer.text(), problem.answers());
    }

    /** Whether an answer can be shown to be the same as an accepted one. */
    @Override
    public boolean same(String answer, String truth) {
        return compare(answer, truth).stage().isCorrect();
    }

    private static Stage stage(String answer, List<String> truths) {
        return truths.stream()
                .map(truth -> compare(
                                answer,
                                truth.contains("\\boxed")
                                        ? FinalAnswer.of(truth).orElse("")
                                        : truth)
                        .stage())
                .min(Stage::compareTo)
                .orElse(Stage.DIFFERENT);
    }

    static Finding compare(String answer, String truth) {
        if (answer.isBlank() || truth.isBlank()) {
            return new Finding(Stage.DIFFERENT, 0);
        }
        if (answer.strip().equals(truth.strip())) {
            return new Finding(Stage.IDENTICAL, 0);
        }
        if (answer.length() > MAX_LENGTH || truth.length() > MAX_LENGTH) {
            return new Finding(Stage.LIMIT, 0);
        }
        var work = new Work(Work.LIMIT);
        boolean ordered = answer.compareTo(truth) < 0; // their order never changes the result
        Stage stage = ordered ? compare(answer, truth, false, work) : compare(truth, answer, true, work);
        return new Finding(stage, work.steps());
    }

    /** Compares two texts. If the commas of an answer have two readings, either may match. */
    private static Stage compare(String first, String second, boolean truthFirst, Work work) {
        Stage best = Stage.UNBOXED;
        for (List<Token> one : readings(first)) {
            for (List<Token> other : readings(second)) {
                Stage stage = compare(one, other, truthFirst, work);
                if (stage.isCorrect()) {
                    return stage;
                }
                best = stage.compareTo(best) < 0 ? stage : best;
            }
        }
        return best;
    }

    /** Compares two readings. The letter of a choice stands for the answer beside it, and that answer for the letter. */
    private static Stage compare(List<Token> first, List<Token> second, boolean truthFirst, Work work) {
        Stage stage = compareContents(first, second, truthFirst, work);
        Optional<Choice> one = Framing.choice(first);
        Optional<Choice> other = Framing.choice(second);
        if (stage.isCorrect() || (one.isEmpty() && other.isEmpty())) {
            return stage;
        }
        List<Token> rest = one.map(Choice::rest).orElse(first);
        List<Token> otherRest = other.map(Choice::rest).orElse(second);
        if (one.isPresent() && other.isPresent()) {
            if (!one.get().letter().equals(other.get().letter())) {
                return Stage.DIFFERENT;
            }
            if (rest.isEmpty() || otherRest.isEmpty()) {
                return Stage.IDENTICAL;
            }
        }
        boolean contents = !rest.isEmpty() && !otherRest.isEmpty();
        return contents ? compareContents(rest, otherRest, truthFirst, work) : stage;
    }

    /** Compares two readings. If a logarithm has no base, e and 10 are tried, but e only where there is no {@code \ln}. */
    private static Stage compareContents(List<Token> first, List<Token> second, boolean truthFirst, Work work) {
        if (first.isEmpty() || second.isEmpty()) {
            return Stage.DIFFERENT;
        }
        if (isSameText(first, second)) {
            return Stage.IDENTICAL;
        }
        boolean common = hasLogarithm(first, false) || hasLogarithm(second, false);
        boolean natural = hasLogarithm(first, true) || hasLogarithm(second, true);
        var e = new Symbol("e");
        Stage stage = common && natural ? Stage.UNREADABLE : compare(first, second, truthFirst, e, work);
        return common && !stage.isCorrect() ? compare(first, second, truthFirst, Expression.of(10), work) : stage;
    }

    /** Whether there is a logarithm that is certainly natural, or else one without a base. */
    private static boolean hasLogarithm(List<Token> tokens, boolean natural) {
        for (int i = 0; i < tokens.size(); i++) {
            boolean log = tokens.get(i).text().endsWith("log");
            boolean based = i + 1 < tokens.size() && tokens.get(i + 1).is("_");
            String base = tokens.stream().skip(i + 2L).limit(2).map(Token::text).collect(Collectors.joining());
            boolean ln = tokens.get(i).text().endsWith("ln") || (log && based && base.matches("\\{?e.?"));
            if (natural ? ln : log && !based) {
                return true;
            }
        }
        return false;
    }

    private static Stage compare(
            List<Token> first, List<Token> second, boolean truthFirst, Expression logBase, Work work) {
        try {
            var reader = new AnswerReader(work, logBase, Words.hasLettersLikeUnits(truthFirst ? first : second));
            return new Comparison(work, truthFirst).compare(reader.read(first), reader.read(second));
        } catch (Refusal refusal) {
            return refusal.reason() == Reason.LIMIT ? Stage.LIMIT : Stage.UNREADABLE;
        }
    }

    private static List<List<Token>> readings(String text) {
        var readings = new ArrayList<List<Token>>();
        readings.add(Framing.stripped(Lexer.tokens(text, true)));
        if (Lexer.hasTwoReadings(text)) {
            readings.add(Framing.stripped(Lexer.tokens(text, false)));
        }
        return readings;
    }

    /** Whether two answers have the same tokens. Case does not matter in an answer of letters only. */
    private static boolean isSameText(List<Token> given, List<Token> accepted) {
        String one = joined(given);
        String other = joined(accepted);
        boolean lettersOnly = given.stream().allMatch(Token::isLetters);
        return one.equals(other)
                || (lettersOnly && one.toLowerCase(Locale.ROOT).equals(other.toLowerCase(Locale.ROOT)));
    }

    private static String joined(List<Token> tokens) {
        return tokens.stream().map(Token::text).collect(Collectors.joining(" "));
    }
}
