package org.rlvr4j.spark;

import java.io.Serializable;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.apache.spark.SparkEnv;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.BroadcastBlockId;
import org.jspecify.annotations.Nullable;

/**
 * A version of weights, as it travels: ranges that a worker fetches if it needs them.
 *
 * @param version number of the version, from 1
 * @param whole   all ranges
 * @param changes for each range its change since the version before; null where the range is sent whole, or if there is
 *                no version before
 */
@SuppressWarnings("serial") // the lists are ArrayLists
record Weights(long version, ArrayList<Broadcast<byte[]>> whole, ArrayList<@Nullable Broadcast<byte[]>> changes)
        implements Serializable {

    /** No weights, where there are none to send. */
    static final Weights NONE = new Weights(0, new ArrayList<>(), new ArrayList<>());

    private static final int TOGETHER = 4; // ranges that are fetched at the same time, and lie in the heap

    /**
     * Fetches this version, several ranges at a time, on a worker.
     *
     * @param to      memory of the worker's weights
     * @param present version that is there, of which changes are enough to make the next
     */
    void fetch(MemorySegment to, long present) {
        var ranges = new Ranges(to.byteSize());
        // Threads of their own: what a task's thread reads stays locked until the task ends, and could not be
        // forgotten.
        try (ExecutorService threads = Executors.newFixedThreadPool(TOGETHER)) {
            List<? extends Future<?>> fetching = IntStream.range(0, ranges.count())
                    .mapToObj(range -> threads.submit(() -> fetch(to, ranges, range, present == version - 1)))
                    .toList();
            for (Future<?> fetched : fetching) {
                fetched.get();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while weights are fetched", e);
        } catch (ExecutionException e) {
            throw new IllegalStateException("weights did not arrive: " + e.getCause(), e.getCause());
        }
    }

    private void fetch(MemorySegment to, Ranges ranges, int range, boolean isNext) {
        Broadcast<byte[]> change = changes.get(range);
        if (change != null && isNext) {
            Change.apply(change.value(), to, (long) range * Ranges.SIZE, ranges.numbers(range));
            forget(change);
        } else {
            Ranges.write(whole.get(range).value(), to, range);
            forget(whole.get(range));
        }
    }

    /** Drops the copy that Spark keeps for the next reader on this machine: there is none. Pieces for other machines stay. */
    private static void forget(Broadcast<byte[]> range) {
        SparkEnv.get().blockManager().removeBlock(new BroadcastBlockId(range.id(), ""), false);
    }
}
