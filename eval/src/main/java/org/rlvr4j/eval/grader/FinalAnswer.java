package org.rlvr4j.eval.grader;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Final answer of a response: the contents of its last {@code \boxed{...}}. */
public final class FinalAnswer {

    private static final String BOX = "\\boxed";

    /** A number or a capital letter without braces, which ends a sentence, a formula or a line. */
    private static final Pattern BARE = Pattern.compile(
            "[ \\t]*+([-+]?\\d++(?:\\.\\d++)?+|(?<=[ \\t])[A-Z])(?=\\.?+[ \\t]*+(?:\\$|\\\\[\\])]|\\R|\\z)|\\.[ \\t])");

    /** What follows the command's name where it is only spoken of. */
    private static final Pattern MENTION = Pattern.compile(
            "[ \\t]++(?:as|command|notation|format|environment|macro|tag|above)\\b|[`'\")]|[.,;:!?](?=\\s)");

    private static final Pattern SPACE = Pattern.compile("\\s*+");

    private FinalAnswer() {}

    /**
     * The contents of the last box, unchanged; they may be blank.
     *
     * <p>White space may precede the brace, and a number or a capital letter needs none: {@code \boxed 5}. Empty if
     * there is no box, if something else follows its name, or if the brace is not closed. Braces are counted whether
     * escaped or not. An earlier box never stands in for the last one, empty or cut off as it may be, but where the
     * command is only named, as in "within \boxed as asked", there is no box.
     *
     * @param response text of the response
     */
    public static Optional<String> of(String response) {
        int box = response.lastIndexOf(BOX);
        while (box >= 0 && matcher(MENTION, response, box + BOX.length()).lookingAt()) {
            box = response.lastIndexOf(BOX, box - 1);
        }
        return box < 0 ? Optional.empty() : contents(response, box + BOX.length());
    }

    private static Optional<String> contents(String response, int end) {
        Matcher space = matcher(SPACE, response, end);
        int open = space.lookingAt() ? space.end() : end;
        if (!response.startsWith("{", open)) {
            Matcher bare = matcher(BARE, response, end);
            return bare.lookingAt() ? Optional.of(bare.group(1).strip()) : Optional.empty();
        }
        int depth = 0;
        for (int i = open; i < response.length(); i++) {
            switch (response.charAt(i)) {
                case '{' -> depth++;
                case '}' -> depth--;
                default -> {}
            }
            if (depth == 0) {
                return Optional.of(response.substring(open + 1, i));
            }
        }
        return Optional.empty();
    }

    private static Matcher matcher(Pattern pattern, String text, int from) {
        return pattern.matcher(text).region(from, text.length()).useTransparentBounds(true);
    }
}
