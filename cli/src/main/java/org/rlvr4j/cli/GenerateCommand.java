package org.rlvr4j.cli;

import java.util.List;
import org.rlvr4j.cli.report.Screen;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Conversation;
import org.rlvr4j.model.BatchGenerator;
import org.rlvr4j.model.Completion;
import org.rlvr4j.model.Prompt;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.model.Sampling;
import org.rlvr4j.tensor.Workspace;

/** Prints what a checkpoint answers. */
record GenerateCommand(ModelOptions options, double temperature, int samples) {

    void run(String text, Screen screen) {
        Conversation conversation = options.conversation();
        var problem = new Problem("prompt", "command line", List.of(new Message("user", text)), List.of("unknown"));
        var sampling = new Sampling(samples, temperature, 0, 1, options.maxNewTokens(), options.seed());
        try (Workspace workspace = options.workspace();
                Qwen2 model = options.load(workspace, conversation);
                var generator = new BatchGenerator(model, options.maxSequences())) {
            var prompt = new Prompt(0, conversation.prompt(problem));
            for (Completion completion :
                    generator.generate(List.of(prompt), sampling).getFirst()) {
                screen.out().println(conversation.text(completion.tokens()));
            }
        }
    }
}
