package org.rlvr4j.eval.reward;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Locale;
import java.util.Optional;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verdict.Stage;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.model.Json;

/**
 * Verifier of GSM8K as lm-evaluation-harness has it: one of the two filters of its task {@code gsm8k} finds the answer, which
 * must be an accepted one in its letters, after the removal of what that task ignores. Unlike {@link NumberVerifier}, it does
 * not compare values: 18.00 is not 18.
 *
 * @param filter filter that finds the answer
 * @see <a href="https://github.com/EleutherAI/lm-evaluation-harness/blob/main/lm_eval/tasks/gsm8k/gsm8k.yaml">The task</a>
 */
public record HarnessVerifier(Filter filter) implements Verifier {

    private static final Pattern IGNORED = Pattern.compile("[,$]");
    private static final Pattern BEFORE_ANSWER = Pattern.compile("(?s).*#### ");
    private static final Pattern FULL_STOP = Pattern.compile("\\.$");
    private static final Pattern DIGITS = Pattern.compile("[0-9]");

    /** Filter of the task: a regular expression, and which of its matches counts. */
    public enum Filter {
        /** The number after the first {@code ####} and one space. */
        STRICT_MATCH("#### (-?[0-9.,]+)", false),
        /** The last number, or run of two and more digits, points, commas and dollar signs. */
        FLEXIBLE_EXTRACT("-?[$0-9.,]{2,}|-?[0-9]+", true);

        private final Pattern pattern;
        private final boolean last;

        Filter(String pattern, boolean last) {
            this.pattern = Pattern.compile(pattern);
            this.last = last;
        }

        /** The match that counts; empty if there is none. */
        private Optional<String> find(String text) {
            Optional<String> found = Optional.empty();
            for (Matcher matcher = pattern.matcher(text); (last || found.isEmpty()) && matcher.find(); ) {
                found = Optional.of(matcher.group(matcher.groupCount()));
            }
            return found;
        }
    }

    @Override
    public Verdict verify(Problem problem, Answer answer) {
        return filter.find(answer.text())
                .map(HarnessVerifier::compared)
                .map(given -> Verdict.of(
                        problem.answers().stream()
                                        .anyMatch(truth -> compared(truth).equals(given))
                                ? Stage.IDENTICAL
                                : Stage.DIFFERENT,
                        Optional.of(given)))
                .orElseGet(Verdict::unanswered);
    }

    @Override
    public void check(Problem problem) {
        problem.answers().stream()
                .filter(truth -> !DIGITS.matcher(compared(truth)).find())
                .findFirst()
                .ifPresent(truth -> {
                    throw new IllegalArgumentException(
                            filter.name().toLowerCase(Locale.ROOT).replace('_', '-')
                                    + " cannot judge problem " + problem.key()
                                    + ", as there is no number in its answer "
                                    + Json.shown(truth));
                });
    }

    /** What of a text is compared: the expressions that the task ignores are removed, in its order. */
    private static String compared(String text) {
        String plain = IGNORED.matcher(text).replaceAll("");
        String answer = BEFORE_ANSWER.matcher(plain).replaceAll("");
        return FULL_STOP.matcher(answer).replaceAll("").toLowerCase(Locale.ROOT);
    }
}
