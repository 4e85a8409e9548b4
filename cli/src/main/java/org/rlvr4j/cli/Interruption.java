package org.rlvr4j.cli;

import java.util.concurrent.CountDownLatch;

/**
 * The wish that work end early, by Ctrl-C or SIGTERM. Work looks for it where it can end: between two tokens that are
 * generated and between two steps, but not within an update or while a checkpoint is written.
 */
final class Interruption {

    /** Of a process that was interrupted, as shells have it for Ctrl-C. */
    static final int EXIT_CODE = 130;

    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean heeded;
    private volatile boolean wished;

    /** Work has ended early; the message says what is saved. */
    static final class Heeded extends RuntimeException {

        private static final long serialVersionUID = 1;

        Heeded(String message) {
            super(message);
        }
    }

    /** Has the end of the virtual machine that a signal asks for wait until the work that looks for it has ended. */
    void onSignals() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::awaitEnd, "rlvr4j-interruption"));
    }

    private void awaitEnd() {
        if (ended.getCount() == 0) {
            return; // nobody asked: the command is done, and exits by a code of its own
        }
        wish();
        try {
            if (heeded) {
                ended.await();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(EXIT_CODE);
    }

    void wish() {
        wished = true;
    }

    /** @throws Heeded if work is to end now */
    void check() {
        heeded = true;
        if (wished) {
            throw new Heeded("interrupted before the first step: the same command starts over");
        }
    }

    /** Work has ended, whatever its end. */
    void end() {
        ended.countDown();
    }
}
