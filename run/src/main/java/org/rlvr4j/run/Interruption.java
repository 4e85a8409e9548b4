package org.rlvr4j.run;

/**
 * Request to end work early. Work checks for it where it can end: between two generated tokens and between two steps,
 * but not within an update or while a checkpoint is written.
 */
public final class Interruption {

    private volatile boolean checked;
    private volatile boolean requested;

    /** Exception of work that ended early by request; the message says what is saved. */
    public static final class EarlyEnd extends RuntimeException {

        private static final long serialVersionUID = 1;

        /** @param message sentence that says what is saved and how the work can be continued */
        public EarlyEnd(String message) {
            super(message);
        }
    }

    /** Requests that the work end; can be called from any thread. */
    public void request() {
        requested = true;
    }

    /** Whether work has checked for the request at least once, so that it will end early when requested. */
    public boolean isChecked() {
        return checked;
    }

    /**
     * Checks for the request; called by work where it can end.
     *
     * @throws EarlyEnd if the end has been requested
     */
    public void check() {
        checked = true;
        if (requested) {
            throw new EarlyEnd("interrupted before the first step: the same command starts over");
        }
    }
}
