package org.rlvr4j.cli;

import java.nio.file.Path;
import java.util.List;
import org.rlvr4j.cli.report.Screen;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Conversation;
import org.rlvr4j.model.BatchGenerator;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.tensor.Workspace;

/**
 * What all runs of an experiment share.
 *
 * @param policy    which they train in turn
 * @param generator of the rollouts and of greedy answers in between
 * @param frozen    digest of the weights that are not trained, empty if all are
 */
record Workbench(
        RunConfig config,
        Screen screen,
        Workspace workspace,
        Qwen2 policy,
        Conversation conversation,
        Wiring.Sets sets,
        BatchGenerator generator,
        String frozen)
        implements AutoCloseable {

    static Workbench of(RunConfig config, Screen screen) {
        Conversation conversation = Wiring.conversation(config.model().tokenizer());
        Wiring.Sets sets = Wiring.problems(config.problems());
        Wiring.Sets fitting =
                sets.training(fitting(sets.training(), config.training().maxPromptTokens(), conversation, screen));
        Wiring.requireSuites(config.evaluation().sampledSuites(), sets.heldBack());
        Memory.ofMachine().require(config, fitting, screen);
        Workspace workspace =
                Wiring.workspace(config.threads(), config.training().recompute());
        Qwen2 policy = Wiring.model(config.model(), workspace);
        var generator = new BatchGenerator(policy, config.training().maxSequences());
        return new Workbench(
                config, screen, workspace, policy, conversation, fitting, generator, Frozen.digest(config.model()));
    }

    private static List<Problem> fitting(List<Problem> problems, int limit, Conversation conversation, Screen screen) {
        List<Problem> fitting = problems.stream()
                .filter(problem -> conversation.prompt(problem).length <= limit)
                .toList();
        if (fitting.isEmpty()) {
            throw new IllegalArgumentException("no training problem has a prompt of at most " + limit + " tokens");
        }
        if (fitting.size() < problems.size()) {
            screen.out()
                    .println((problems.size() - fitting.size()) + " of " + problems.size()
                            + " training problems are left out: their prompts are longer than " + limit + " tokens");
        }
        return fitting;
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
