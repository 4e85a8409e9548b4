package org.rlvr4j.bench;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * Timer of a piece of work: by the processor time of this thread if there is no other, and by the wall clock if there
 * are several.
 *
 * @param threads    number of threads that share the work
 * @param minSeconds seconds for which short work is repeated
 */
record Meter(int threads, double minSeconds) {

    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    /** Seconds per run. */
    double seconds(Runnable work) {
        long start = now();
        int runs = 0;
        double elapsed;
        do {
            work.run();
            runs++;
            elapsed = 1e-9 * (now() - start);
        } while (elapsed < minSeconds);
        return elapsed / runs;
    }

    private long now() {
        return threads == 1 ? THREADS.getCurrentThreadCpuTime() : System.nanoTime();
    }
}
