package org.rlvr4j.eval.reward;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Optional;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verdict.Stage;
import org.rlvr4j.eval.Verifier;

/**
 * Verifier by a regular expression, which finds the answer in a response: the first group of the last match, or the whole
 * match if the expression has no group, without white space around it, must be an accepted answer.
 *
 * @param pattern expression in the syntax of RE2, which takes time in proportion to the text; {@code .} is any character
 */
public record RegexVerifier(Pattern pattern) implements Verifier {

    /**
     * Compiles an expression, in which {@code .} also is a line break.
     *
     * @param expression expression in RE2's syntax
     * @throws IllegalArgumentException if it is not in the syntax of RE2; the message says where
     */
    public static Pattern compile(String expression) {
        try {
            return Pattern.compile(expression, Pattern.DOTALL);
        } catch (com.google.re2j.PatternSyntaxException e) {
            throw new IllegalArgumentException(
                    "the expression " + expression + " is not in RE2's syntax: " + e.getMessage(), e);
        }
    }

    @Override
    public Verdict verify(Problem problem, Answer answer) {
        Optional<String> last = Optional.empty();
        for (Matcher matcher = pattern.matcher(answer.text()); matcher.find(); ) {
            String found = matcher.group(Math.min(1, matcher.groupCount()));
            last = Optional.ofNullable(found).map(String::strip).filter(text -> !text.isEmpty());
        }
        return last.map(given -> Verdict.of(
                        problem.answers().stream()
                                        .anyMatch(truth -> truth.strip().equals(given))
                                ? Stage.IDENTICAL
                                : Stage.DIFFERENT,
                        Optional.of(given)))
                .orElseGet(Verdict::unanswered);
    }
}
