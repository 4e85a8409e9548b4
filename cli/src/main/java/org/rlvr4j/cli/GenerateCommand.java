package org.rlvr4j.cli;

import java.util.List;
import java.util.concurrent.Callable;
import org.rlvr4j.cli.option.BatchOptions;
import org.rlvr4j.cli.option.ModelOptions;
import org.rlvr4j.cli.option.SamplingOptions;
import org.rlvr4j.data.Message;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.run.evaluation.ModelChoice;
import org.rlvr4j.tensor.Backend;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code generate}. */
@Command(name = "generate", description = "Answers a prompt.", mixinStandardHelpOptions = true)
final class GenerateCommand implements Callable<Integer> {

    private static final String STANDARD_INPUT = "-";

    @Parameters(paramLabel = "PROMPT", description = "the user's turn; - reads it from standard input")
    private String prompt = "";

    @Mixin
    private ModelOptions model = new ModelOptions();

    @Mixin
    private BatchOptions batch = new BatchOptions();

    @Mixin
    private SamplingOptions sampling = new SamplingOptions();

    @Option(
            names = "--samples",
            paramLabel = "N",
            description = "how many answers, more than one at a temperature above 0; a single one is printed as it is"
                    + " generated (default: ${DEFAULT-VALUE})",
            defaultValue = "1")
    private int samples;

    @Override
    public Integer call() {
        ModelChoice choice = model.choice(batch.maxSequences());
        Sampling drawn = sampling.sampling(samples, choice);
        String text = prompt.equals(STANDARD_INPUT) ? new StandardInput().rest() : prompt;
        if (samples > 1 && drawn.temperature() == 0) {
            throw new IllegalArgumentException("--samples " + samples + " at --temperature 0 would be " + samples
                    + " times the same completion: give a --temperature above 0, or leave out --samples");
        }
        if (text.isBlank()) {
            throw new IllegalArgumentException("the prompt is empty");
        }
        ChatConversation conversation = choice.conversation();
        Prompt tokenized = Speaker.prompt(conversation, 0, List.of(new Message("user", text)));
        choice.requirePositions(tokenized.tokens().length);
        long tokens = tokenized.tokens().length + (long) samples * drawn.maxNewTokens();
        try (Backend backend = model.backendFor(choice, tokens)) {
            Speaker.load(choice, backend, speaker -> answer(speaker, text, drawn));
        }
        return 0;
    }

    private static void answer(Speaker speaker, String text, Sampling sampling) {
        Prompt tokens = speaker.prompt(0, List.of(new Message("user", text)));
        List<Completion> answers =
                sampling.samples() == 1 ? List.of(speaker.stream(tokens, sampling)) : speaker.answers(tokens, sampling);
        long truncated = answers.stream().filter(Completion::isTruncated).count();
        if (truncated > 0) {
            String which = answers.size() == 1 ? "the answer was" : truncated + " of the answers were";
            ModelOptions.warn(which + " cut off at " + sampling.maxNewTokens() + " tokens: raise --max-new-tokens");
        }
    }
}
