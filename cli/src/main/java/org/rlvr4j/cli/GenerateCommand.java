package org.rlvr4j.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.run.evaluation.ModelChoice;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code generate}. */
@Command(name = "generate", description = "Continues a prompt.", mixinStandardHelpOptions = true)
final class GenerateCommand implements Callable<Integer> {

    @Parameters(paramLabel = "PROMPT", description = "the user's turn")
    private String prompt = "";

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Option(
            names = "--temperature",
            paramLabel = "T",
            description = "0 for the most likely token each time (default: ${DEFAULT-VALUE})",
            defaultValue = "0")
    private double temperature;

    @Option(
            names = "--samples",
            paramLabel = "N",
            description =
                    "how many completions, of more than one at a temperature above 0 (default:" + " ${DEFAULT-VALUE})",
            defaultValue = "1")
    private int samples;

    @Override
    public Integer call() {
        if (samples > 1 && temperature == 0) {
            throw new IllegalArgumentException("--samples " + samples + " at --temperature 0 would be " + samples
                    + " times the same completion: give a --temperature above 0, or leave out --samples");
        }
        ModelChoice choice = model.choice();
        ChatConversation conversation = choice.conversation();
        var problem = new Problem("prompt", "command line", List.of(new Message("user", prompt)), List.of("unknown"));
        var sampling = new Sampling(samples, temperature, 0, 1, choice.maxNewTokens(), choice.seed());
        var tokenized = new Prompt(0, conversation.prompt(problem));
        choice.requirePositions(tokenized.tokens().length);
        try (Backend backend = model.backend();
                var workspace = new Workspace(backend, DType.F32);
                Qwen2 loaded = choice.load(workspace, conversation);
                var generator = new BatchGenerator(loaded, choice.maxSequences())) {
            for (Completion completion :
                    generator.generate(List.of(tokenized), sampling).getFirst()) {
                System.out.println(conversation.text(completion.tokens()));
            }
        }
        return 0;
    }
}
