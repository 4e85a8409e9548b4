package org.rlvr4j.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * Times a piece of work: by the processor time of this thread if there is no other, and by the clock on the wall if
 * there are several.
 *
 * @param threads that share the work
 * @param atLeast seconds over which short work is repeated
 */
record Meter(int threads, double atLeast) {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** Seconds of one run. */
    double seconds(Runnable work) {
        long start = now();
        int runs = 0;
        double elapsed;
        do {
            work.run();
            runs++;
            elapsed = 1e-9 * (now() - start);
        } while (elapsed < atLeast);
        return elapsed / runs;
    }

    private long now() {
        return threads == 1 ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
    }
}
