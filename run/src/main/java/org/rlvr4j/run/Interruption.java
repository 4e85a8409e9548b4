package org.rlvr4j.run;

/**
 * The wish that work end early. Work looks for it where it can end: between two tokens that are generated and between two
 * steps, but not within an update or while a checkpoint is written.
 */
public final class Interruption {

    private volatile boolean heeded;
    private volatile boolean wished;

    /** Work has ended early; the message says what is saved. */
    public static final class Heeded extends RuntimeException {

        private static final long serialVersionUID = 1;

        public Heeded(String message) {
            super(message);
        }
    }

    /** Asks for the end; from any thread. */
    public void wish() {
        wished = true;
    }

    /** Whether there is work that looks for the wish, and will end by it. */
    public boolean isHeeded() {
        return heeded;
    }

    /**
     * Called by work where it can end.
     *
     * @throws Heeded if it is to end now
     */
    public void check() {
        heeded = true;
        if (wished) {
            throw new Heeded("interrupted before the first step: the same command starts over");
        }
    }
}
