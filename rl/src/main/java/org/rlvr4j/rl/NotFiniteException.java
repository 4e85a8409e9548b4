package org.rlvr4j.rl;

/** Training has left the finite numbers: its message names the step and what is not finite, and says what to change. */
public final class NotFiniteException extends ArithmeticException {

    private static final long serialVersionUID = 1;

    NotFiniteException(String message) {
        super(message);
    }
}
