package org.rlvr4j.cli;

import java.util.concurrent.CountDownLatch;
import org.rlvr4j.run.Interruption;

/**
 * Signal handler: Ctrl-C and SIGTERM request an early end of work that checks for it, and end all other work at once.
 */
final class Signals {

    /** Exit code of an interrupted process, as shells report it for Ctrl-C. */
    static final int EXIT_CODE = 130;

    private final Interruption interruption;
    private final CountDownLatch ended = new CountDownLatch(1);

    /** @param interruption receives the request to end early */
    Signals(Interruption interruption) {
        this.interruption = interruption;
    }

    /**
     * Adds a shutdown hook, so that the virtual machine's shutdown by a signal waits for work that checks for the
     * request.
     */
    void listen() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::awaitEnd, "rlvr4j-interruption"));
    }

    private void awaitEnd() {
        if (ended.getCount() == 0) {
            return; // no signal: the command has ended and exits with its own code
        }
        interruption.request();
        try {
            if (interruption.isChecked()) {
                ended.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(EXIT_CODE);
    }

    /** Reports that the command has ended, whether it succeeded or failed. */
    void end() {
        ended.countDown();
    }
}
