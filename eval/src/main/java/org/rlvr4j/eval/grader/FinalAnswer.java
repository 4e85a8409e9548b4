package org.rlvr4j.eval.grader;

import java.util.Optional;

/** Finds the final answer in a response: the contents of its last {@code \boxed{...}}. */
public final class FinalAnswer {

    private static final String BOX = "\\boxed";

    private FinalAnswer() {}

    /**
     * What is in the last box, unchanged; it may be blank.
     *
     * <p>Nothing is found if there is no box, if a brace does not follow its name at once, or if it is not closed. Braces
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
