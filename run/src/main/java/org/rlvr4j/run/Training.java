package org.rlvr4j.run;

import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.tensor.Backend;

/**
 * Training by a configuration: every method with every seed, from the same start, measured before, in between and after.
 *
 * <pre>{@code Results results = Training.of(RunConfig.read(path)).run(listener);}</pre>
 *
 * <p>Everything is written to the configuration's folder, and a training that was interrupted goes on from its newest
 * checkpoints. The same configuration gives the same bits, whatever the number of threads.
 *
 * @param config       what is trained, and how
 * @param device       that is computed on if there is no backend
 * @param backend      that is computed on; it stays open. Null opens the device
 * @param fresh        whether checkpoints of earlier runs are removed rather than resumed
 * @param interruption that the work looks for
 * @param nanoTime     clock in nanoseconds, for timings alone
 */
public record Training(
        RunConfig config,
        Device device,
        @Nullable Backend backend,
        boolean fresh,
        Interruption interruption,
        LongSupplier nanoTime) {

    /** Training on all cores of this machine. */
    public static Training of(RunConfig config) {
        return new Training(config, Device.cpu(), null, false, new Interruption(), System::nanoTime);
    }

    /** The same on a device, which is opened when the work begins, and closed after it. */
    public Training on(Device other) {
        return new Training(config, other, null, fresh, interruption, nanoTime);
    }

    /** The same on a backend, which stays the caller's to close. */
    public Training on(Backend other) {
        return new Training(config, device, other, fresh, interruption, nanoTime);
    }

    /** The same from the start, whatever earlier runs have left, if so. */
    public Training fresh(boolean startsOver) {
        return new Training(config, device, backend, startsOver, interruption, nanoTime);
    }

    /** The same, which can be asked to end early. */
    public Training until(Interruption other) {
        return new Training(config, device, backend, fresh, other, nanoTime);
    }

    /** The same by another clock in nanoseconds. */
    public Training timedBy(LongSupplier clock) {
        return new Training(config, device, backend, fresh, interruption, clock);
    }

    /**
     * The memory that it will take, said before any of it is taken: in bytes.
     *
     * @throws IllegalArgumentException if tokenizer, problems or settings cannot be used
     */
    public MemoryPlan plan(RunListener listener) {
        return Prepared.of(config, listener).plan();
    }

    /**
     * Trains to the end, and measures what came of it.
     *
     * @throws IllegalArgumentException            if the configuration cannot be used, with one sentence that says why
     * @throws java.io.UncheckedIOException        if a file cannot be read or written
     * @throws org.rlvr4j.rl.NotFiniteException    if the numbers leave the finite ones
     * @throws Interruption.Heeded                 if it was asked to end early; what is saved is gone on from
     */
    public Results run(RunListener listener) {
        try (var _ = FolderLock.of(config.output());
                var bench = Workbench.of(this, listener)) {
            return new Experiment(bench, fresh).run();
        }
    }
}
