package org.rlvr4j.eval;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Verdict on one answer.
 *
 * @param stage  stage at which the answer was decided
 * @param answer final answer of the response, if any: it votes in maj@k
 * @param parts  numbers by name, from which a reward can be made, such as {@code accuracy}
 */
public record Verdict(Stage stage, Optional<String> answer, Map<String, Double> parts) {

    /** Name of the part that every verdict has: 1 for a right answer, 0 for any other. */
    public static final String ACCURACY = "accuracy";

    /** Stage at which an answer is decided; the earlier, the surer that it is right. */
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

        /** Whether an answer decided at this stage is right. */
        public boolean isCorrect() {
            return compareTo(NUMERIC) <= 0;
        }
    }

    public Verdict {
        parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
    }

    /**
     * A verdict whose only part is its accuracy.
     *
     * @param stage  stage of the grader that decided
     * @param answer the final answer, empty if there is none
     */
    public static Verdict of(Stage stage, Optional<String> answer) {
        return new Verdict(stage, answer, Map.of(ACCURACY, stage.isCorrect() ? 1.0 : 0.0));
    }

    /** Whether the answer is right. */
    public boolean correct() {
        return stage.isCorrect();
    }

    /** Whether the response has a final answer, right or wrong. */
    public boolean answered() {
        return answer.isPresent();
    }

    /** Whether the answer could be judged: it was understood, and compared to the end. */
    public boolean decided() {
        return stage != Stage.UNREADABLE && stage != Stage.LIMIT;
    }
}
