package org.rlvr4j.cli.download;

import java.time.Duration;

/**
 * How long a server is waited for.
 *
 * @param connect     for a connection
 * @param silence     for an answer, and between two pieces of it
 * @param backOff     before the second attempt; it doubles with each further one
 * @param longestWait the longest wait that a server may ask for
 */
record Patience(Duration connect, Duration silence, Duration backOff, Duration longestWait) {

    static final Patience USUAL =
            new Patience(Duration.ofSeconds(15), Duration.ofSeconds(60), Duration.ofSeconds(1), Duration.ofMinutes(5));
}
