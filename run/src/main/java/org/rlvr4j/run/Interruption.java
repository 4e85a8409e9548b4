package org.rlvr4j.run;

/**
 * Request to end work early. Work checks for it where it can end: between two generated tokens, between two steps, and
 * within an update where nothing is lost by it, but not while a checkpoint is written.
 */
public final class Interruption {

    private static final String ANYTHING = "the token or micro-batch at hand";

    private volatile boolean checked;
    private volatile boolean requested;
    private volatile String unfinished = ANYTHING;

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

    /** Whether the end has been requested. */
    public boolean isRequested() {
        return requested;
    }

    /** Whether work has checked for the request at least once, so that it will end early when requested. */
    public boolean isChecked() {
        return checked;
    }

    /** What the work does before it can end, as a noun with its article. */
    public String unfinished() {
        return unfinished;
    }

    /**
     * Announces what the work does next without checking for the request in it.
     *
     * @param work the work, as a noun with its article
     */
    void begin(String work) {
        unfinished = work;
    }

    /**
     * Checks for the request; called by work where it can end.
     *
     * @throws EarlyEnd if the end has been requested
     */
    public void check() {
        checked = true;
        unfinished = ANYTHING;
        if (requested) {
            throw new EarlyEnd("interrupted before the first step: the same command starts over");
        }
    }
}
