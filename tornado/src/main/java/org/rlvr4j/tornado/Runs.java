package org.rlvr4j.tornado;

import java.util.Arrays;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Numbers of runs of each kernel with each choice of banks, counted by itself on the device and by the host, which must agree.
 *
 * <p>A driver may refuse a launch or fail in it, and TornadoVM only print that it did. The device's counts come to the host
 * with whatever numbers do.
 */
final class Runs {

    /** Place of a kernel's count, in the control array. */
    static final int SLOT = Program.INTEGERS - 1;

    /** Place of the number of this run, in the control array: the kernel's count when it has run. */
    static final int NUMBER = Program.INTEGERS - 2;

    /** Count that belongs to no kernel, and is not compared. */
    static final int SPARE = 0;

    private static final int MASK = (1 << 20) - 1; // single precision holds so many integers exactly

    private final int[] launched;
    private final long[] oldest; // of each kernel, the first launch that is not known to have run

    /** @param slots number of counts, with the spare one */
    Runs(int slots) {
        launched = new int[slots];
        oldest = new long[slots];
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
    void launched(int slot, long launch) {
        launched[slot]++;
        oldest[slot] = Math.min(oldest[slot], launch);
    }

    int launched(int slot) {
        return launched[slot];
    }

    /**
     * Compares the device's counts with the host's.
     *
     * @param counts array that holds the counts as {@link #exact} gives them
     * @param from   place of the first count in it
     * @param sender slot of the kernel that has set the array, or should have
     * @return the slot of the kernel that failed first, or -1 if all have run as often as they were launched
     */
    int firstFailure(FloatArray counts, int from, int sender) {
        if (counts.get(from + sender) != exact(launched[sender])) {
            return sender;
        }
        int failed = -1;
        for (int slot = SPARE + 1; slot < launched.length; slot++) {
            if (counts.get(from + slot) == exact(launched[slot])) {
                oldest[slot] = Long.MAX_VALUE;
            } else if (failed < 0 || oldest[slot] < oldest[failed]) {
                failed = slot;
            }
        }
        return failed;
    }
}
