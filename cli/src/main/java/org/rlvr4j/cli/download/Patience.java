package org.rlvr4j.cli.download;

import java.time.Duration;

/**
 * Patience: how long the client waits for a server.
 *
 * @param connect     longest time until a connection is made
 * @param silence     longest time until an answer begins, and between two pieces of it
 * @param backOff     pause before the second attempt; it doubles for each further attempt
 * @param longestWait longest pause that a server may ask for
 */
record Patience(Duration connect, Duration silence, Duration backOff, Duration longestWait) {

    static final Patience USUAL =
            new Patience(Duration.ofSeconds(15), Duration.ofSeconds(60), Duration.ofSeconds(1), Duration.ofMinutes(5));
}
