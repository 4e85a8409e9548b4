package org.rlvr4j.cli;

import java.nio.file.Path;
import org.rlvr4j.cli.report.Screen;
import org.rlvr4j.eval.Conversation;
import org.rlvr4j.model.BatchGenerator;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;

/**
 * What all runs of an experiment share.
 *
 * @param plan      of the memory that it all takes
 * @param policy    which they train in turn
 * @param generator of the rollouts and of greedy answers in between
 * @param frozen    digest of the weights that are not trained, empty if all are
 * @param interruption that all work looks for
 */
record Workbench(
        RunConfig config,
        Screen screen,
        MemoryPlan plan,
        Workspace workspace,
        Qwen2 policy,
        Conversation conversation,
        Wiring.Sets sets,
        BatchGenerator generator,
        String frozen,
        Interruption interruption)
        implements AutoCloseable {

    static Workbench of(RunConfig config, Device device, Screen screen, Interruption interruption) {
        Prepared prepared = Prepared.of(config, screen);
        MemoryPlan plan = prepared.plan();
        Memory machine = Memory.ofMachine();
        machine.require(plan, config);
        screen.out().println("needs " + plan + "; the machine has " + machine);
        Backend backend = device.open(config.threads(), plan.total() - plan.runtime());
        var workspace = new Workspace(backend, DType.F32, config.training().recompute(), plan.activations());
        Qwen2 policy = Wiring.model(config.model(), workspace);
        var generator = new BatchGenerator(
                policy, config.training().maxSequences(), policy.config().stopTokens(), interruption::check);
        return new Workbench(
                config,
                screen,
                plan,
                workspace,
                policy,
                prepared.conversation(),
                prepared.sets(),
                generator,
                Frozen.digest(config.model()),
                interruption);
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
        workspace.backend().close();
    }
}
