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
 * @param parts  numbers by name, of which a reward is made; empty if all there is to say is right, wrong or unanswered
 */
public record Verdict(Stage stage, Optional<String> answer, Map<String, Double> parts) {

    /** Name of the only part of a verdict that is one number. */
    public static final String VALUE = "value";

    /** Least value of a verdict that is one number and counts as right. */
    public static final double RIGHT = 1;

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
     * A verdict without parts.
     *
     * @param stage  stage of the grader that decided
     * @param answer the final answer, empty if there is none
     */
    public static Verdict of(Stage stage, Optional<String> answer) {
        return new Verdict(stage, answer, Map.of());
    }

    /**
     * The verdict on a response as a whole: right or wrong.
     *
     * @param right whether the answer is right
     */
    public static Verdict of(boolean right) {
        return of(right ? Stage.EXACT : Stage.DIFFERENT, Optional.empty());
    }

    /**
     * The verdict on a final answer, which votes in maj@k.
     *
     * @param right  whether the answer is right
     * @param answer the final answer
     */
    public static Verdict of(boolean right, String answer) {
        return of(right ? Stage.EXACT : Stage.DIFFERENT, Optional.of(answer));
    }

    /** The verdict on a response that gives no answer. */
    public static Verdict unanswered() {
        return of(Stage.UNBOXED, Optional.empty());
    }

    /**
     * The verdict that is one number; it counts as right if the number is {@value #RIGHT} or more.
     *
     * @param value the number
     */
    public static Verdict of(double value) {
        return of(value >= RIGHT).with(Map.of(VALUE, value));
    }

    /**
     * This verdict with numbers by name, in the order of the map, each of which is logged by itself; their sum is what the
     * response is worth.
     *
     * @param numbers numbers by name
     */
    public Verdict with(Map<String, Double> numbers) {
        return new Verdict(stage, answer, numbers);
    }

    /** Whether the answer is right. */
    public boolean correct() {
        return stage.isCorrect();
    }

    /** Whether the response has a final answer, right or wrong. */
    public boolean answered() {
        return stage != Stage.UNBOXED;
    }

    /** Whether the answer could be judged: it was understood, and compared to the end. */
    public boolean decided() {
        return stage != Stage.UNREADABLE && stage != Stage.LIMIT;
    }
}
