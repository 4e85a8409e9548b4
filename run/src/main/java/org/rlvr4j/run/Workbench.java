package org.rlvr4j.run;

import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.Answering;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.ClosableGenerator;
import org.rlvr4j.rl.Learner;
import org.rlvr4j.rl.LocalLearner;
import org.rlvr4j.rl.ScoredGenerator;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.disk.DiskSpace;
import org.rlvr4j.run.report.TrainingFolder;
import org.rlvr4j.run.reward.Rewards;
import org.rlvr4j.run.workers.Workers;
import org.rlvr4j.run.workers.WorkersProvider;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;

/**
 * Workbench: resources shared by all runs of a training.
 *
 * @param config       configuration of the training
 * @param listener     receiver of progress and results
 * @param workspace    memory of the policy and its activations
 * @param policy       model that the runs train, one after the other
 * @param conversation tokenizer and chat template of the policy
 * @param sets         problems to train and evaluate on
 * @param workers      processes that generate and learn for this one; null if there are none
 * @param rewards      judge of the answers, and what its verdicts are worth
 * @param generator    generator of the rollouts and of the greedy answers between steps
 * @param start        weights that every run starts from
 * @param resultType   element type in which trained weights are written when a run ends
 * @param report       report that is written while the training goes on
 * @param interruption request to end early, which all work checks for
 * @param nanoTime     clock in nanoseconds
 * @param ownsBackend  whether closing the workbench closes the backend
 */
record Workbench(
        RunConfig config,
        RunListener listener,
        Workspace workspace,
        Decoder policy,
        ChatConversation conversation,
        Wiring.Sets sets,
        @Nullable Workers workers,
        Rewards rewards,
        ClosableGenerator generator,
        StartWeights start,
        Safetensors.Dtype resultType,
        LiveReport report,
        Interruption interruption,
        LongSupplier nanoTime,
        boolean ownsBackend)
        implements AutoCloseable {

    /**
     * Reads tokenizer and problems, checks memory and disk, opens the backend and loads the policy.
     *
     * @param training the whole training
     * @param config   configuration of the part of it that starts from the same weights
     */
    static Workbench of(Training training, RunConfig config, RunListener listener, LiveReport report) {
        Wiring.check(config); // reports wrong settings before any file is read
        Rewards rewards = training.effectiveRewards();
        Prepared prepared = Prepared.of(config, rewards, listener);
        MemoryPlan plan =
                training.workers() == null ? prepared.plan() : prepared.plan(1).driverInAll();
        MachineMemory machine = MachineMemory.ofMachine();
        MemoryPlan onHost = training.device().onHost(plan);
        machine.require(onHost, config);
        DiskSpace.of(config.output()).require(training.diskPlan(), config);
        listener.planned(onHost, machine);
        Backend backend = training.backend() != null
                ? training.backend()
                : training.device().open(config.threads(), plan.onDevice(), listener::warned);
        var workspace = new Workspace(backend, DType.F32, config.training().recompute(), plan.activations());
        Decoder policy = Wiring.model(config.model(), workspace);
        Workers workers = workers(training, prepared, policy);
        ClosableGenerator generator =
                generator(config, policy, workers, config.training().maxSequences(), training.interruption());
        if (!generator.isExact()) {
            boolean isOldPolicy = config.training().oldPolicy() == ScoredGenerator.OldPolicy.TRAINER;
            listener.message((backend.isExact()
                            ? "training.cacheType " + config.training().cacheType()
                            : "products in " + training.device().precision().text())
                    + ": log-probabilities of rollouts are not bit-equal with the training forward's, which are"
                    + " computed after each rollout "
                    + (isOldPolicy
                            ? "and used as the old policy's"
                            : "for the metrics mismatch, maxMismatch and mismatchKl"));
        }
        return new Workbench(
                config,
                listener,
                workspace,
                policy,
                prepared.conversation(),
                prepared.sets(),
                workers,
                rewards,
                generator,
                StartWeights.of(config),
                config.training().resultType().dtype(config.model()),
                report,
                training.interruption(),
                training.nanoTime(),
                training.backend() == null);
    }

    private static @Nullable Workers workers(Training training, Prepared prepared, Decoder policy) {
        RunConfig config = prepared.config();
        if (training.workers() == null) {
            return null;
        }
        DType frozenType = config.model() instanceof RunConfig.Start.Checkpoint checkpoint
                ? Checkpoint.matrixType(checkpoint.path())
                : DType.F32;
        return WorkersProvider.named(
                training.workers(),
                new WorkersProvider.Task(
                        policy,
                        frozenType,
                        true,
                        config.training().recompute(),
                        count -> prepared.plan(count).worker(),
                        training.interruption()::check));
    }

    private static ClosableGenerator generator(
            RunConfig config, Decoder policy, @Nullable Workers workers, int maxSequences, Interruption interruption) {
        DType cacheType = config.training().cacheType().type();
        if (workers != null) {
            return workers.generator(maxSequences, cacheType);
        }
        return Configs.named(
                "training.cacheType",
                () -> new BatchGenerator(
                        policy, maxSequences, policy.config().stopTokens(), interruption::check, cacheType));
    }

    /**
     * Another generator of the current policy, which the caller closes.
     *
     * @param maxSequences number of sequences that take a step together, at most
     */
    ClosableGenerator newGenerator(int maxSequences) {
        return generator(config, policy, workers, maxSequences, interruption);
    }

    /** This workbench with other sets of problems. */
    Workbench with(Wiring.Sets others) {
        return new Workbench(
                config,
                listener,
                workspace,
                policy,
                conversation,
                others,
                workers,
                rewards,
                generator,
                start,
                resultType,
                report,
                interruption,
                nanoTime,
                ownsBackend);
    }

    /**
     * Learner of a run, on the workers if there are any.
     *
     * @param run       configuration of the run
     * @param reference frozen reference policy of the KL penalty; null if there is no penalty
     */
    Learner learner(RunConfig run, @Nullable Decoder reference) {
        if (workers != null) {
            return workers.learner(run, reference);
        }
        RunConfig.Training training = run.training();
        return new LocalLearner(
                policy,
                reference,
                run.methods().getFirst().method().loss(),
                training.microBatchTokens(),
                training.temperature(),
                training.sharePrompts(),
                training.gradientShards());
    }

    /** Generation and grading of answers by the current policy. */
    Answering answering() {
        return new Answering(generator, conversation, rewards.verifier());
    }

    /** File of the warm-up's losses. */
    Path warmUpLosses() {
        return config.output()
                .resolve(
                        config.hasStartForEachSeed()
                                ? TrainingFolder.warmUp(config.seeds().getFirst())
                                : TrainingFolder.WARM_UP);
    }

    /** Releases the memory that work which has failed still holds. */
    void release() {
        generator.close();
        workspace.release();
    }

    @Override
    public void close() {
        generator.close();
        if (workers != null) {
            workers.close();
        }
        policy.close();
        workspace.close();
        if (ownsBackend) {
            workspace.backend().close();
        }
    }
}
