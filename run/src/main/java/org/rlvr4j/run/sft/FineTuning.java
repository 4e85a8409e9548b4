package org.rlvr4j.run.sft;

import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.run.Device;
import org.rlvr4j.run.Interruption;
import org.rlvr4j.run.MachineMemory;
import org.rlvr4j.run.RunListener;
import org.rlvr4j.run.Wiring;
import org.rlvr4j.run.config.Demonstrations;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.config.SupervisedConfig;
import org.rlvr4j.run.disk.DiskPlan;
import org.rlvr4j.run.disk.DiskSpace;
import org.rlvr4j.run.files.FolderLock;
import org.rlvr4j.run.supervised.DemonstrationSets;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;

/**
 * Fine-tuning: supervised learning from a user's examples, by a configuration.
 *
 * <pre>{@code FineTuned result = FineTuning.of(SupervisedConfig.read(path, List.of(), List.of())).run(listener);}</pre>
 *
 * <p>All files are written to the configuration's {@code output} folder, and an interrupted training continues from its newest
 * checkpoint. The same configuration gives the same bits, whatever the number of threads.
 *
 * @param config       model, examples and all other settings
 * @param device       device to compute on if {@code backend} is null
 * @param backend      backend to compute on, which stays open; null to open the device
 * @param fresh        whether checkpoints of earlier trainings are removed instead of resumed
 * @param interruption request to end early, which the training checks for
 * @param nanoTime     clock in nanoseconds, for timings only
 */
public record FineTuning(
        SupervisedConfig config,
        Device device,
        @Nullable Backend backend,
        boolean fresh,
        Interruption interruption,
        LongSupplier nanoTime) {

    /**
     * A fine-tuning on all cores of this machine, which resumes checkpoints of earlier trainings.
     *
     * @param config model, examples and all other settings
     */
    public static FineTuning of(SupervisedConfig config) {
        return new FineTuning(config, Device.cpu(), null, false, new Interruption(), System::nanoTime);
    }

    /**
     * This fine-tuning on the given device, which is opened when the work begins and closed when it ends.
     *
     * @param other device to compute on
     */
    public FineTuning on(Device other) {
        return new FineTuning(config, other, null, fresh, interruption, nanoTime);
    }

    /**
     * This fine-tuning on the given backend, which the caller closes.
     *
     * @param other backend to compute on
     */
    public FineTuning on(Backend other) {
        return new FineTuning(config, device, other, fresh, interruption, nanoTime);
    }

    /**
     * This fine-tuning, resumed or from the start.
     *
     * @param startsOver whether checkpoints of earlier trainings are removed instead of resumed
     */
    public FineTuning fresh(boolean startsOver) {
        return new FineTuning(config, device, backend, startsOver, interruption, nanoTime);
    }

    /**
     * This fine-tuning with the given interruption, by which it can be asked to end early.
     *
     * @param other interruption to check for
     */
    public FineTuning until(Interruption other) {
        return new FineTuning(config, device, backend, fresh, other, nanoTime);
    }

    /**
     * This fine-tuning with the given clock, in nanoseconds, for timings.
     *
     * @param clock clock in nanoseconds
     */
    public FineTuning timedBy(LongSupplier clock) {
        return new FineTuning(config, device, backend, fresh, interruption, clock);
    }

    /**
     * Returns the memory that the training will need, in bytes; no weights are loaded for it.
     *
     * @param listener receives a message if examples are left out
     * @throws IllegalArgumentException if the tokenizer, the examples or a setting cannot be used
     */
    public MemoryPlan plan(RunListener listener) {
        return plan(sets(listener));
    }

    /**
     * Returns the disk space that the training will need in its output folder; no weights are loaded for it.
     *
     * @throws IllegalArgumentException if the tokenizer, the examples or a setting cannot be used
     */
    public DiskPlan diskPlan() {
        return diskPlan(sets(RunListener.SILENT));
    }

    /**
     * Trains to the last step, and writes the model.
     *
     * @param listener receives progress, metrics and messages
     * @throws IllegalArgumentException         if the configuration cannot be used; the message is one sentence
     * @throws java.io.UncheckedIOException     if a file cannot be read or written
     * @throws org.rlvr4j.rl.NotFiniteException if a gradient was not finite
     * @throws Interruption.EarlyEnd            if it was asked to end early; the next training continues from what is saved
     */
    public FineTuned run(RunListener listener) {
        try (var _ = FolderLock.of(config.output())) {
            DemonstrationSets sets = sets(listener);
            MemoryPlan plan = plan(sets);
            MachineMemory machine = MachineMemory.ofMachine();
            MemoryPlan onHost = device.onHost(plan);
            machine.require(onHost, config);
            DiskSpace.of(config.output()).require(diskPlan(sets), config);
            listener.planned(onHost, machine);
            Backend opened =
                    backend != null ? backend : device.open(config.threads(), plan.onDevice(), listener::warned);
            try (var workspace = new Workspace(opened, DType.F32, config.recompute(), plan.activations());
                    Decoder model = Wiring.model(config.model(), workspace)) {
                return new FineTuningRun(this, listener, sets, model).run();
            } finally {
                if (backend == null) {
                    opened.close();
                }
            }
        }
    }

    private DemonstrationSets sets(RunListener listener) {
        ModelConfig shape = Wiring.config(config.model());
        if (config.model() instanceof RunConfig.Start.Checkpoint checkpoint) {
            Checkpoint.require(checkpoint.path());
        }
        return DemonstrationSets.of(
                config.training(),
                "training",
                config.model().tokenizer(),
                config.prompt(),
                shape.maxPositions(),
                listener::message);
    }

    private DiskPlan diskPlan(DemonstrationSets sets) {
        int steps = config.training()
                .totalSteps(
                        Math.ceilDiv(sets.training().size(), config.training().batchSize()));
        return DiskPlan.of(config, Wiring.config(config.model()), steps);
    }

    private MemoryPlan plan(DemonstrationSets sets) {
        Demonstrations training = config.training();
        ModelConfig shape = Wiring.config(config.model());
        var load = new MemoryPlan.Load(
                sets.largestPass(training),
                sets.largestBatch(training.batchSize()),
                config.recompute(),
                false,
                List.of(),
                List.of());
        return config.model() instanceof RunConfig.Start.Checkpoint checkpoint && checkpoint.lora() != null
                ? MemoryPlan.of(shape, load, checkpoint.lora(), Checkpoint.matrixType(checkpoint.path()))
                : MemoryPlan.of(shape, load);
    }
}
