package org.rlvr4j.tensor;

/** Argument checks that fail with a one-sentence message. */
public final class Require {

    private Require() {}

    /**
     * Requires a condition on an argument.
     *
     * @param condition what must hold
     * @param message   one sentence with the value that is wrong
     * @throws IllegalArgumentException with the message, if the condition does not hold
     */
    public static void that(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
