package org.rlvr4j.run;

import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.rlvr4j.eval.Answering;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.disk.DiskSpace;
import org.rlvr4j.run.report.TrainingFolder;
import org.rlvr4j.run.reward.Rewards;
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
        Rewards rewards,
        BatchGenerator generator,
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
        MemoryPlan plan = prepared.plan();
        MachineMemory machine = MachineMemory.ofMachine();
        machine.require(plan, config);
        DiskSpace.of(config.output()).require(training.diskPlan(), config);
        listener.planned(plan, machine);
        Backend backend = training.backend() != null
                ? training.backend()
                : training.device().open(config.threads(), plan.total() - plan.runtime(), listener::warned);
        var workspace = new Workspace(backend, DType.F32, config.training().recompute(), plan.activations());
        Decoder policy = Wiring.model(config.model(), workspace);
        BatchGenerator generator = generator(config, policy, config.training().maxSequences(), training.interruption());
        if (!generator.isExact()) {
            listener.message("training.cacheType " + config.training().cacheType()
                    + ": log-probabilities of rollouts are not bit-equal with the training forward's, which are"
                    + " computed after each rollout and used as the old policy's");
        }
        return new Workbench(
                config,
                listener,
                workspace,
                policy,
                prepared.conversation(),
                prepared.sets(),
                rewards,
                generator,
                StartWeights.of(config),
                config.training().resultType().dtype(config.model()),
                report,
                training.interruption(),
                training.nanoTime(),
                training.backend() == null);
    }

    private static BatchGenerator generator(
            RunConfig config, Decoder policy, int maxSequences, Interruption interruption) {
        return Configs.named(
                "training.cacheType",
                () -> new BatchGenerator(
                        policy,
                        maxSequences,
                        policy.config().stopTokens(),
                        interruption::check,
                        config.training().cacheType().type()));
    }

    /**
     * Another generator of the current policy, which the caller closes.
     *
     * @param maxSequences number of sequences that take a step together, at most
     */
    BatchGenerator newGenerator(int maxSequences) {
        return generator(config, policy, maxSequences, interruption);
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
                rewards,
                generator,
                start,
                resultType,
                report,
                interruption,
                nanoTime,
                ownsBackend);
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
        policy.close();
        workspace.close();
        if (ownsBackend) {
            workspace.backend().close();
        }
    }
}
