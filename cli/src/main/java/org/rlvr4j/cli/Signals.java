package org.rlvr4j.cli;

import java.util.concurrent.CountDownLatch;
import org.rlvr4j.run.Interruption;

/** Ctrl-C and SIGTERM, which ask work to end early where it looks for that, and end anything else at once. */
final class Signals {

    /** Of a process that was interrupted, as shells have it for Ctrl-C. */
    static final int EXIT_CODE = 130;

    private final Interruption interruption;
    private final CountDownLatch ended = new CountDownLatch(1);

    Signals(Interruption interruption) {
        this.interruption = interruption;
    }

    /** Has the end of the virtual machine that a signal asks for wait until the work that looks for it has ended. */
    void listen() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::awaitEnd, "rlvr4j-interruption"));
    }

    private void awaitEnd() {
        if (ended.getCount() == 0) {
            return; // nobody asked: the command is done, and exits by a code of its own
        }
        interruption.wish();
        try {
            if (interruption.isHeeded()) {
                ended.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(EXIT_CODE);
    }

    /** Work has ended, whatever its end. */
    void end() {
        ended.countDown();
    }
}
