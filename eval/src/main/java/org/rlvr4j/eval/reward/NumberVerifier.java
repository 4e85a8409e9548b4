package org.rlvr4j.eval.reward;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.math.BigDecimal;
import java.util.Optional;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verdict.Stage;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.model.Json;

/**
 * Verifier of numbers, as for GSM8K: the number after the last {@code ####} of a response, or else its last number, must be
 * exactly that of an accepted answer.
 *
 * <p>Thousands separators, currency signs and a full stop at the end do not count; 18, 18.0 and $18.00 are the same number.
 *
 * @param strict whether only a number after {@code ####} is an answer
 * @see <a href="https://arxiv.org/abs/2110.14168">Cobbe et al., 2021</a>
 */
public record NumberVerifier(boolean strict) implements Verifier {

    private static final int LONGEST = 100; // digits: no answer is longer, and arithmetic stays cheap
    private static final Pattern NUMBER =
            Pattern.compile("-?[$€£]?(?:\\d{1,3}(?:,\\d{3})+|\\d+)(?:\\.\\d+)?|-?[$€£]?\\.\\d+");
    private static final Pattern MARKED = Pattern.compile("####\\s*(" + NUMBER + ")");

    @Override
    public Verdict verify(Problem problem, Answer answer) {
        return number(answer.text(), strict)
                .map(given -> Verdict.of(
                        problem.answers().stream().anyMatch(truth -> number(truth, false)
                                        .filter(accepted -> accepted.compareTo(given) == 0)
                                        .isPresent())
                                ? Stage.EXACT
                                : Stage.DIFFERENT,
                        Optional.of(given.toPlainString())))
                .orElseGet(Verdict::unanswered);
    }

    @Override
    public void check(Problem problem) {
        problem.answers().stream()
                .filter(truth -> number(truth, false).isEmpty())
                .findFirst()
                .ifPresent(truth -> {
                    throw new IllegalArgumentException("number cannot judge problem " + problem.key()
                            + ", as there is no number in its answer " + Json.shown(truth));
                });
    }

    /** The number after the last {@code ####} of a text, or else, unless {@code onlyMarked}, its last number. */
    private static Optional<BigDecimal> number(String text, boolean onlyMarked) {
        Optional<String> marked = last(MARKED, text, 1);
        Optional<String> found = marked.isPresent() || onlyMarked ? marked : last(NUMBER, text, 0);
        return found.map(number -> number.replaceAll("[,$€£]", ""))
                .filter(number -> number.length() <= LONGEST)
                .map(number -> new BigDecimal(number).stripTrailingZeros());
    }

    private static Optional<String> last(Pattern pattern, String text, int group) {
        Optional<String> last = Optional.empty();
        for (Matcher matcher = pattern.matcher(text); matcher.find(); ) {
            last = Optional.of(matcher.group(group));
        }
        return last;
    }
}
