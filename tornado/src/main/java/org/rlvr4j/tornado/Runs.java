package org.rlvr4j.tornado;

import java.util.Arrays;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Numbers of runs of each task graph, counted by its kernel on the device and by the host, which must agree.
 *
 * <p>A driver may refuse a launch or fail in it, and TornadoVM only print that it did. The device's counts come to the host
 * with whatever numbers do.
 */
final class Runs {

    /** Place of a graph's count, in the control array. */
    static final int SLOT = Program.INTEGERS - 1;

    /** Place of the number of this run, in the control array: the graph's count when it has run. */
    static final int NUMBER = Program.INTEGERS - 2;

    private static final int MASK = (1 << 20) - 1; // single precision holds so many integers exactly

    private final int[] launched;
    private final long[] oldest; // of each graph, the first launch that is not known to have run

    /** @param graphs number of task graphs */
    Runs(int graphs) {
        launched = new int[graphs];
        oldest = new long[graphs];
        Arrays.fill(oldest, Long.MAX_VALUE);
    }

    /** First statement of every kernel: its first thread counts the run. */
    static void count(KernelContext c, IntArray p, IntArray runs) {
        if (c.globalIdx == 0 && c.globalIdy == 0) {
            runs.set(p.get(SLOT), runs.get(p.get(SLOT)) + 1);
        }
    }

    /** A count, as a number in single precision. */
    static float exact(int count) {
        return (float) (count & MASK);
    }

    /** Counts a launch on the host. */
    void launched(int graph, long launch) {
        launched[graph]++;
        oldest[graph] = Math.min(oldest[graph], launch);
    }

    int launched(int graph) {
        return launched[graph];
    }

    /**
     * Compares the device's counts with the host's.
     *
     * @param counts array that holds the counts as {@link #exact} gives them
     * @param from   place of the first count in it
     * @param sender graph that has set the array, or should have
     * @return the graph that failed first, or -1 if all have run as often as they were launched
     */
    int firstFailure(FloatArray counts, int from, int sender) {
        if (counts.get(from + sender) != exact(launched[sender])) {
            return sender;
        }
        int failed = -1;
        for (int graph = 0; graph < launched.length; graph++) {
            if (counts.get(from + graph) == exact(launched[graph])) {
                oldest[graph] = Long.MAX_VALUE;
            } else if (failed < 0 || oldest[graph] < oldest[failed]) {
                failed = graph;
            }
        }
        return failed;
    }
}
