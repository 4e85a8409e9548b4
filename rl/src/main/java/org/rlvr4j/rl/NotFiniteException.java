package org.rlvr4j.rl;

/** Training has left the finite numbers: its message names the step and what is not finite. */
public final class NotFiniteException extends ArithmeticException {

    private static final long serialVersionUID = 1;

    NotFiniteException(String message) {
        super(message);
    }

    /** The same, whose message goes on with what to do, for a caller who knows the settings' names. */
    public NotFiniteException advising(String advice) {
        var advising = new NotFiniteException(getMessage() + ": " + advice);
        advising.initCause(this);
        return advising;
    }
}
