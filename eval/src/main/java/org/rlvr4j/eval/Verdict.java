package org.rlvr4j.eval;

import java.util.Optional;

/**
 * What the grader found.
 *
 * @param stage  what decided
 * @param answer what the response gave as its final answer, if anything
 */
public record Verdict(Stage stage, Optional<String> answer) {

    /** The point at which a response is decided upon. */
    public enum Stage {
        /** There is no final answer in the response. */
        UNBOXED,
        /** An accepted answer is written the same way, up to spaces and other harmless LaTeX. */
        IDENTICAL,
        /** An accepted answer was shown to have the same value. */
        EQUAL,
        /** No accepted answer could be shown to be the same. */
        DIFFERENT
    }

    public boolean correct() {
        return stage == Stage.IDENTICAL || stage == Stage.EQUAL;
    }

    /** Whether the response has a final answer, right or wrong. */
    public boolean boxed() {
        return stage != Stage.UNBOXED;
    }
}
