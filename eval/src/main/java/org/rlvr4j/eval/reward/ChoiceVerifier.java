package org.rlvr4j.eval.reward;

import com.google.re2j.Matcher;
import com.google.re2j.Pattern;
import java.util.Locale;
import java.util.Optional;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Answer;
import org.rlvr4j.eval.Verdict;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.model.Json;

/**
 * Verifier of multiple choice: the letter from A to J that a response chooses must be that of an accepted answer.
 *
 * <p>A response chooses the letter in its last box ({@code \boxed{B}}), or else after its last "answer is" or
 * "answer:", or else it is nothing but the letter; {@code (B)}, {@code B.} and {@code **B**} are B. Any other letter in the
 * text is no choice, so that a response which discusses all of them is not right by chance.
 */
public record ChoiceVerifier() implements Verifier {

    /** A letter that ends there; before a space it is a capital, and neither A nor I, which may be words. */
    private static final String LETTER = "[\\s*$({\\[]*(?:([A-Ja-j])(?:[\\n*$)}\\].:,;!]|$)|([B-HJ])\\s)";

    private static final Pattern BOXED = Pattern.compile("\\\\boxed\\s*\\{(?:\\\\text\\s*\\{)?" + LETTER);
    private static final Pattern SAID = Pattern.compile("(?i:answer\\s*(?:is|:)\\s*(?:option|choice)?)" + LETTER);
    private static final Pattern ALONE = Pattern.compile("^" + LETTER + "[\\s*$)}\\].]*$");

    @Override
    public Verdict verify(Problem problem, Answer answer) {
        return letter(answer.text())
                .map(given -> Verdict.of(
                        problem.answers().stream()
                                .anyMatch(truth -> letter(truth).equals(Optional.of(given))),
                        given))
                .orElseGet(Verdict::unanswered);
    }

    @Override
    public void check(Problem problem) {
        problem.answers().stream()
                .filter(truth -> letter(truth).isEmpty())
                .findFirst()
                .ifPresent(truth -> {
                    throw new IllegalArgumentException("choice cannot judge problem " + problem.key()
                            + ", as its answer is no letter from A to J: " + Json.shown(truth));
                });
    }

    private static Optional<String> letter(String text) {
        return last(BOXED, text).or(() -> last(SAID, text)).or(() -> last(ALONE, text.strip()));
    }

    private static Optional<String> last(Pattern pattern, String text) {
        Optional<String> last = Optional.empty();
        for (Matcher matcher = pattern.matcher(text); matcher.find(); ) {
            String letter = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
            last = Optional.of(letter.toUpperCase(Locale.ROOT));
        }
        return last;
    }
}
