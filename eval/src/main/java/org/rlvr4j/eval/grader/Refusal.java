package org.rlvr4j.eval.grader;

/** Refusal to understand or to compare an answer. Often thrown and never shown, so without a stack trace. */
final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** Reason for a refusal. */
    enum Reason {
        /** The answer is not in the grammar, or has more than one reading. */
        UNREADABLE,
        /** The answer has no value, such as a quotient by zero. */
        UNDEFINED,
        /** The answer needs more work than is allowed, or more digits than are computed. */
        LIMIT
    }

    private final Reason reason;

    Refusal(Reason reason, String message) {
        super(message, null, false, false);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }

    static void unless(boolean condition, Reason reason, String message) {
        if (!condition) {
            throw new Refusal(reason, message);
        }
    }
}
