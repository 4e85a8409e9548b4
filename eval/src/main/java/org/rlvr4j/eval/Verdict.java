package org.rlvr4j.eval;

import java.util.Optional;

/**
 * What the grader found.
 *
 * @param stage  what decided
 * @param answer what the response gave as its final answer, if anything
 */
public record Verdict(Stage stage, Optional<String> answer) {

    /** The point at which a response is decided upon; the earlier, the surer that it is right. */
    public enum Stage {
        /** An accepted answer is written the same way, up to spaces and other harmless LaTeX, or in the same words. */
        IDENTICAL,
        /** An accepted answer has the same exact value, in each of its parts. */
        EXACT,
        /** An accepted answer has the same value at several points, to at least 48 digits. */
        NUMERIC,
        /** The answer was read, and no accepted answer is the same. */
        DIFFERENT,
        /** The answer, or the accepted one, was not understood, and they are not written the same way. */
        UNREADABLE,
        /** The comparison would take more work than is allowed. */
        LIMIT,
        /** There is no final answer in the response. */
        UNBOXED;

        boolean isCorrect() {
            return compareTo(NUMERIC) <= 0;
        }
    }

    public boolean correct() {
        return stage.isCorrect();
    }

    /** Whether the response has a final answer, right or wrong. */
    public boolean boxed() {
        return stage != Stage.UNBOXED;
    }
}
