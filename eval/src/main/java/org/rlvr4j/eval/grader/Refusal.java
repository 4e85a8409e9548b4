package org.rlvr4j.eval.grader;

/** Why an answer is not understood or not compared. Often thrown and never shown, so without a stack trace. */
final class Refusal extends RuntimeException {

    private static final long serialVersionUID = 1;

    /** What is wrong with the answer. */
    enum Reason {
        /** It is not in the grammar, or has more than one reading. */
        UNREADABLE,
        /** It has no value, such as a quotient by zero. */
        UNDEFINED,
        /** It asks for more work than is allowed, or for more digits than are computed. */
        LIMIT
    }

    private final Reason reason;

    Refusal(Reason reason, String what) {
        super(what, null, false, false);
        this.reason = reason;
    }

    Reason reason() {
        return reason;
    }

    static void unless(boolean condition, Reason reason, String what) {
        if (!condition) {
            throw new Refusal(reason, what);
        }
    }
}
