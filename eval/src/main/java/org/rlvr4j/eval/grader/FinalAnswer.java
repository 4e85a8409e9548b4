package org.rlvr4j.eval.grader;

import java.util.Optional;

/** Final answer of a response: the contents of its last {@code \boxed{...}}. */
public final class FinalAnswer {

    private static final String BOX = "\\boxed";

    private FinalAnswer() {}

    /**
     * The contents of the last box, unchanged; they may be blank.
     *
     * <p>Empty if there is no box, if no brace follows its name at once, or if that brace is not closed. Braces
     * are counted whether escaped or not, and an earlier box never stands in for the last one.
     */
    public static Optional<String> of(String response) {
        int box = response.lastIndexOf(BOX);
        int open = box + BOX.length();
        if (box < 0 || !response.startsWith("{", open)) {
            return Optional.empty();
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
}
