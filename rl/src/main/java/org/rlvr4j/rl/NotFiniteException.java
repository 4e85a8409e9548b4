package org.rlvr4j.rl;

/** Failure of a training whose loss or gradient is not finite; the message names the step and the value. */
public final class NotFiniteException extends ArithmeticException {

    private static final long serialVersionUID = 1;

    NotFiniteException(String message) {
        super(message);
    }

    /**
     * This failure with advice at the end of its message, for a caller who knows the names of the settings.
     *
     * @param advice advice to the user, such as {@code lower training.learningRate}
     */
    public NotFiniteException advising(String advice) {
        var advising = new NotFiniteException(getMessage() + ": " + advice);
        advising.initCause(this);
        return advising;
    }
}
