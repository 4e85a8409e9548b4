package org.rlvr4j.tensor;

/** Argument checks that fail with a one-sentence message. */
public final class Require {

    private Require() {}

    /**
     * Requires a condition on an argument.
     *
     * @throws IllegalArgumentException with the message, if the condition does not hold
     */
    public static void that(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
