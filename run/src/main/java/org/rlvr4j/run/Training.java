package org.rlvr4j.run;

import java.util.ArrayList;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.Verifier;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.run.config.MethodChoice;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.disk.DiskPlan;
import org.rlvr4j.run.files.FolderLock;
import org.rlvr4j.run.reward.Rewards;
import org.rlvr4j.run.workers.WorkersPlan;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.Require;

/**
 * Training by a configuration: every method with every seed, from the same start, measured before, during and after it.
 *
 * <pre>{@code Results results = Training.of(RunConfig.read(path)).run(listener);}</pre>
 *
 * <p>All files are written to the configuration's {@code output} folder, and an interrupted training continues from
 * its newest checkpoints. The same configuration gives the same bits, whatever the number of threads.
 *
 * @param config       model, problems, methods, seeds and all other settings
 * @param device       device to compute on if {@code backend} is null
 * @param backend      backend to compute on, which stays open; null to open the device
 * @param fresh        whether checkpoints of earlier runs are removed instead of resumed
 * @param interruption request to end early, which the training checks for
 * @param nanoTime     clock in nanoseconds, for timings only
 * @param workers      name of processes that generate and learn for this one, such as {@code spark}; null for none
 * @param rewards      who judges the answers, and what the verdicts are worth; null for what the configuration says
 */
public record Training(
        RunConfig config,
        Device device,
        @Nullable Backend backend,
        boolean fresh,
        Interruption interruption,
        LongSupplier nanoTime,
        @Nullable String workers,
        @Nullable Rewards rewards) {

    /**
     * @throws IllegalArgumentException if both the configuration and {@code rewards} say what is rewarded, or if there are to be
     *                                  workers and another device than the processor
     */
    public Training {
        Require.that(
                rewards == null || config.reward() == null,
                "the configuration has a reward, so the program cannot give another");
        Require.that(
                workers == null || device.isCpu(),
                "workers compute on their processors, so that --workers and another --device than cpu do not go"
                        + " together");
    }

    /**
     * A training on all cores of this machine, which resumes checkpoints of earlier runs.
     *
     * @param config model, problems, methods, seeds and all other settings
     */
    public static Training of(RunConfig config) {
        return new Training(config, Device.cpu(), null, false, new Interruption(), System::nanoTime, null, null);
    }

    /**
     * This training on the given device, which is opened when the work begins and closed when it ends.
     *
     * @param other device to compute on
     */
    public Training on(Device other) {
        return new Training(config, other, null, fresh, interruption, nanoTime, workers, rewards);
    }

    /**
     * This training on the given backend, which the caller closes.
     *
     * @param other backend to compute on
     */
    public Training on(Backend other) {
        return new Training(config, device, other, fresh, interruption, nanoTime, workers, rewards);
    }

    /**
     * This training, resumed or from the start.
     *
     * @param startsOver whether checkpoints of earlier runs are removed instead of resumed
     */
    public Training fresh(boolean startsOver) {
        return new Training(config, device, backend, startsOver, interruption, nanoTime, workers, rewards);
    }

    /**
     * This training with the given interruption, by which it can be asked to end early.
     *
     * @param other interruption to check for
     */
    public Training until(Interruption other) {
        return new Training(config, device, backend, fresh, other, nanoTime, workers, rewards);
    }

    /**
     * This training with a program's own verifier as its reward: 1 for a right answer and otherwise 0, or the verdict's
     * numbers.
     *
     * @param name     name of the reward in logs: letters, digits, {@code _} and {@code -}
     * @param verifier judge of the answers, which is called on several threads
     */
    public Training rewardedBy(String name, Verifier verifier) {
        return with(Rewards.of(name, verifier));
    }

    /**
     * This training with the given rewards, in place of those of the configuration or its methods.
     *
     * @param others rewards in place of those of the configuration
     */
    public Training with(Rewards others) {
        return new Training(config, device, backend, fresh, interruption, nanoTime, workers, others);
    }

    /** The rewards given, or else those of the configuration, whose classes are those of the calling thread's loader. */
    Rewards effectiveRewards() {
        return rewards != null
                ? rewards
                : Rewards.of(config.reward(), Thread.currentThread().getContextClassLoader());
    }

    /**
     * This training with workers, which are started when the work begins and ended when it ends.
     *
     * @param name name of the workers, such as {@code spark}; null for none
     */
    public Training withWorkers(@Nullable String name) {
        return new Training(config, device, backend, fresh, interruption, nanoTime, name, rewards);
    }

    /**
     * This training with the given clock, in nanoseconds, for timings.
     *
     * @param clock clock in nanoseconds
     */
    public Training timedBy(LongSupplier clock) {
        return new Training(config, device, backend, fresh, interruption, clock, workers, rewards);
    }

    /**
     * Returns the memory that the training will need, in bytes; no weights are loaded for it.
     *
     * @param listener receives a message if training problems are left out
     * @throws IllegalArgumentException if the tokenizer, the problems or a setting cannot be used
     */
    public MemoryPlan plan(RunListener listener) {
        return Prepared.of(config, effectiveRewards(), listener).plan();
    }

    /**
     * Returns the memory that the training will need with workers; no weights are loaded for it.
     *
     * @param count    number of workers, at least 1
     * @param listener receives a message if training problems are left out
     * @throws IllegalArgumentException if the tokenizer, the problems or a setting cannot be used
     */
    public WorkersPlan plan(int count, RunListener listener) {
        Require.that(count >= 1, "the number of workers must be 1 or more, not " + count);
        return Prepared.of(config, effectiveRewards(), listener).plan(count);
    }

    /**
     * Returns the disk space that the training will need in its output folder; no weights are loaded for it.
     *
     * @throws IllegalArgumentException if the model's configuration cannot be used
     */
    public DiskPlan diskPlan() {
        return DiskPlan.of(config, Wiring.config(config.model()));
    }

    /**
     * Trains all runs to their last step, and measures the trained policies.
     *
     * @param listener receives progress, metrics and messages
     * @return results of all runs, which are also written to the {@code output} folder
     * @throws IllegalArgumentException            if the configuration cannot be used; the message is one sentence
     * @throws java.io.UncheckedIOException        if a file cannot be read or written
     * @throws org.rlvr4j.rl.NotFiniteException    if too many updates in a row had a loss or gradient that is not
     *                                             finite
     * @throws Interruption.EarlyEnd               if it was asked to end early; the next training continues from what
     *                                             is saved
     */
    public Results run(RunListener listener) {
        try (var _ = FolderLock.of(config.output())) {
            var report = new LiveReport(config.output(), listener, nanoTime);
            var parts = new ArrayList<Results>();
            for (RunConfig part : config.byStart()) {
                try (var bench = Workbench.of(this, part, listener, report)) {
                    parts.add(new Experiment(bench, config, fresh).run());
                }
            }
            Results results = Results.of(config, parts);
            results.write();
            if (results.failures().isEmpty()) {
                removeCheckpoints();
            }
            return results;
        }
    }

    /** Removes what only runs that have not ended need. */
    private void removeCheckpoints() {
        for (MethodChoice method : config.methods()) {
            config.seeds().forEach(seed -> Checkpoints.of(config, method, seed).ended());
        }
    }
}
