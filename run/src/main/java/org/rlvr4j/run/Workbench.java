package org.rlvr4j.run;

import java.nio.file.Path;
import java.util.function.LongSupplier;
import org.rlvr4j.eval.Answering;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.eval.grader.Grader;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;

/**
 * What all runs of a training share.
 *
 * @param policy       which they train in turn
 * @param conversation of the policy's tokenizer
 * @param generator    of the rollouts and of greedy answers in between
 * @param frozen       digest of the weights that are not trained, empty if all are
 * @param interruption that all work looks for
 * @param nanoTime     clock in nanoseconds
 * @param owned        whether the backend is closed with the workbench
 */
record Workbench(
        RunConfig config,
        RunListener listener,
        Workspace workspace,
        Qwen2 policy,
        ChatConversation conversation,
        Wiring.Sets sets,
        BatchGenerator generator,
        String frozen,
        Interruption interruption,
        LongSupplier nanoTime,
        boolean owned)
        implements AutoCloseable {

    static Workbench of(Training training, RunListener listener) {
        RunConfig config = training.config();
        Wiring.check(config); // a mistake in the settings shows before anything is read
        Prepared prepared = Prepared.of(config, listener);
        MemoryPlan plan = prepared.plan();
        MachineMemory machine = MachineMemory.ofMachine();
        machine.require(plan, config);
        listener.planned(plan, machine);
        Backend backend = training.backend() != null
                ? training.backend()
                : training.device().open(config.threads(), plan.total() - plan.runtime(), listener::warned);
        var workspace = new Workspace(backend, DType.F32, config.training().recompute(), plan.activations());
        Qwen2 policy = Wiring.model(config.model(), workspace);
        var generator = new BatchGenerator(
                policy, config.training().maxSequences(), policy.config().stopTokens(), training.interruption()::check);
        return new Workbench(
                config,
                listener,
                workspace,
                policy,
                prepared.conversation(),
                prepared.sets(),
                generator,
                ReferencePolicy.digest(config.model()),
                training.interruption(),
                training.nanoTime(),
                training.backend() == null);
    }

    /** The way from problems to judged answers of the policy as it is. */
    Answering answering() {
        return new Answering(generator, conversation, new Grader());
    }

    /** The folder of the weights that every run starts from. */
    Path start() {
        return config.output().resolve("start");
    }

    /** Names the content of the weights that every run starts from. */
    String startDigest() {
        return SealedFolder.digest(start()) + frozen;
    }

    @Override
    public void close() {
        generator.close();
        policy.close();
        workspace.close();
        if (owned) {
            workspace.backend().close();
        }
    }
}
