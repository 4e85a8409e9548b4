package org.rlvr4j.run.workers;

import java.util.List;
import java.util.Locale;
import org.rlvr4j.model.MemoryPlan;

/**
 * Plan of the memory of a driver and of each of its workers, beside the heap of their Java virtual machines and in it.
 *
 * @param workers    number of workers
 * @param driver     memory of the driver beside its heap
 * @param driverHeap bytes of the driver's heap, where weights lie as they were sent last
 * @param worker     memory of a worker beside its heap
 * @param workerHeap bytes of a worker's heap, through which weights and gradients travel
 */
public record WorkersPlan(int workers, MemoryPlan driver, long driverHeap, MemoryPlan worker, long workerHeap) {

    /** Bytes of a gradient that travels whole; a larger one is added up on the workers, range by range. */
    public static final long COLLECTED = 128 << 20;

    /** Tasks of a generation for each worker: more of them waste less time at the end, and compute shared work more often. */
    public static final int TASKS = 3;

    private static final long HEAP = 1L << 30;
    private static final long RANGE = 64 << 20; // of a gradient on its way
    private static final double MEBIBYTE = 1 << 20;

    /**
     * Plan for a training.
     *
     * @param workers number of workers
     * @param blocks  number of blocks of shards that are computed apart
     * @param worker  memory of a worker beside its heap
     * @param driver  memory of the driver beside its heap
     */
    public static WorkersPlan of(int workers, int blocks, MemoryPlan worker, MemoryPlan driver) {
        long gradient = driver.gradients();
        long adding = gradient > COLLECTED ? 2L * blocks * RANGE : 0;
        return new WorkersPlan(workers, driver, HEAP + 2 * gradient, worker, HEAP + adding);
    }

    /**
     * Number of blocks of consecutive shards that so many workers compute: the least power of two that gives each of them one,
     * or all shards.
     *
     * @param shards  number of shards, a power of two
     * @param workers number of workers, at least 1
     */
    public static int blocks(int shards, int workers) {
        return Math.min(shards, Integer.highestOneBit(2 * workers - 1));
    }

    /** Memory of the driver with its heap, as a part of what its runtime takes. */
    public MemoryPlan driverInAll() {
        return new MemoryPlan(
                driver.weights(),
                driver.gradients(),
                driver.moments(),
                driver.activations(),
                driver.keysAndValues(),
                driver.runtime() + driverHeap,
                driver.device());
    }

    /** Options of spark-submit that give driver and workers this memory. */
    public List<String> options() {
        return List.of(
                "--driver-memory " + mebibytes(driverHeap),
                "--conf spark.driver.memoryOverhead=" + mebibytes(driver.total()),
                "--executor-memory " + mebibytes(workerHeap),
                "--conf spark.executor.memoryOverhead=" + mebibytes(worker.total()));
    }

    private static String mebibytes(long bytes) {
        return String.format(Locale.ROOT, "%.0fm", Math.ceil(bytes / MEBIBYTE));
    }
}
