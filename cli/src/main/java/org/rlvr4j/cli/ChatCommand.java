package org.rlvr4j.cli;

import java.util.concurrent.Callable;
import org.rlvr4j.cli.option.ModelOptions;
import org.rlvr4j.cli.option.SamplingOptions;
import org.rlvr4j.cli.screen.Screen;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.run.evaluation.ModelChoice;
import org.rlvr4j.tensor.Backend;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** The command {@code chat}. */
@Command(
        name = "chat",
        description = "Talks with a model: every turn is answered with those before it in mind. /reset begins anew,"
                + " /exit or Ctrl-D ends. Without a terminal, each line of standard input is a turn.",
        mixinStandardHelpOptions = true)
final class ChatCommand implements Callable<Integer> {

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Override
    public Integer call() {
        ModelChoice choice = model.choice(1);
        Sampling longest = sampling.sampling(1, choice);
        try (Backend backend = model.backend(choice)) {
            Speaker.load(choice, backend, speaker -> new Chat(speaker, longest, Screen.hasTerminal())
                    .run(new StandardInput()));
        }
        return 0;
    }
}
