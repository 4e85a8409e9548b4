package org.rlvr4j.tensor.vector;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Thread pool whose threads share the chunks of one job at a time.
 *
 * <p>Each thread has a range of a job's chunks, of the same place in every job: what it has just written for some rows it
 * finds in its own cache when the next job reads these rows. Chunks are taken from counters, and from those of others
 * when the own range is used up, so a thread that loses its core for a while delays no other. The result of a chunk must
 * not depend on the thread that runs it. Between jobs the threads spin for a moment, then sleep.
 */
public final class ThreadTeam implements AutoCloseable {

    private static final int SPINS = 20_000; // a few hundred microseconds: jobs follow one another closely

    /** Code of a job, called once for each chunk; {@code worker} is the index of the thread, for memory per thread. */
    @FunctionalInterface
    public interface Work {
        /**
         * Computes one chunk.
         *
         * @param chunk  chunk, from 0
         * @param worker thread that runs it, from 0
         */
        void run(int chunk, int worker);
    }

    private static final class Job {
        private static final int DISTANCE = 32; // elements between counters: two cache lines, so that none is shared

        final Work work;
        final int chunks;
        final int threads;
        final AtomicIntegerArray next; // chunk of each thread's range
        final AtomicInteger finished = new AtomicInteger();
        volatile @Nullable Throwable failure;

        Job(Work work, int chunks, int threads) {
            this.work = work;
            this.chunks = chunks;
            this.threads = threads;
            next = new AtomicIntegerArray(threads * DISTANCE);
            for (int thread = 1; thread < threads; thread++) {
                next.setPlain(thread * DISTANCE, first(thread));
            }
        }

        private int first(int thread) {
            return (int) ((long) chunks * thread / threads);
        }

        void runChunks(int worker) {
            int count = 0;
            for (int i = 0; i < threads; i++) {
                int thread = (worker + i) % threads;
                int end = first(thread + 1);
                int at = thread * DISTANCE;
                for (int chunk = next.getAndIncrement(at); chunk < end; chunk = next.getAndIncrement(at)) {
                    try {
                        work.run(chunk, worker);
                    } catch (Throwable e) {
                        failure = e;
                    }
                    count++;
                }
            }
            finished.addAndGet(count);
        }
    }

    private final class Worker extends Thread {
        private final int index;
        private volatile boolean asleep;

        Worker(int index) {
            super("rlvr4j-" + index);
            this.index = index;
            setDaemon(true);
        }

        @Override
        public void run() {
            Job last = null;
            while (!closed) {
                Job current = awaitNext(last);
                if (current != null) {
                    current.runChunks(index);
                }
                last = current;
            }
        }

        private @Nullable Job awaitNext(@Nullable Job last) {
            for (int spin = 0; spin < SPINS; spin++) {
                if (job != last) {
                    return job;
                }
                Thread.onSpinWait();
            }
            asleep = true;
            while (job == last && !closed) {
                LockSupport.park(this);
            }
            asleep = false;
            return job;
        }

        void wake() {
            if (asleep) {
                LockSupport.unpark(this);
            }
        }
    }

    private final Worker[] workers;
    private volatile @Nullable Job job;
    private volatile boolean closed;

    /** @param threads number of threads that work on a job, the caller's thread included */
    public ThreadTeam(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("a team needs at least 1 thread, not " + threads);
        }
        workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
            workers[i].start();
        }
    }

    /** Number of threads, the caller's thread included. */
    public int size() {
        return workers.length + 1;
    }

    /**
     * Runs chunks 0 to {@code chunks - 1} and returns when all have ended.
     *
     * @param chunks number of chunks
     * @param work   the work on one chunk
     */
    public void forEach(int chunks, Work work) {
        forEach(chunks, false, work);
    }

    /**
     * Runs chunks 0 to {@code chunks - 1}; {@code serial} runs them all on the calling thread, for too little work to
     * share.
     */
    void forEach(int chunks, boolean serial, Work work) {
        if (serial || workers.length == 0 || chunks <= 1) {
            for (int chunk = 0; chunk < chunks; chunk++) {
                work.run(chunk, 0);
            }
            return;
        }
        var newJob = new Job(work, chunks, size());
        job = newJob;
        for (Worker worker : workers) {
            worker.wake();
        }
        newJob.runChunks(0);
        while (newJob.finished.get() < chunks) {
            Thread.onSpinWait();
        }
        if (newJob.failure != null) {
            throw new IllegalStateException("a kernel failed", newJob.failure);
        }
    }

    @Override
    public void close() {
        closed = true;
        for (Worker worker : workers) {
            LockSupport.unpark(worker);
        }
    }
}
