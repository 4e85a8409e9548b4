package org.rlvr4j.cli;

import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.model.generate.Completion;
import org.rlvr4j.model.generate.Prompt;
import org.rlvr4j.model.generate.Sampling;
import org.rlvr4j.run.evaluation.ModelChoice;
import org.rlvr4j.tensor.Backend;

/**
 * Loaded model that answers turns of a conversation and prints its answers.
 *
 * @param conversation tokenizer and chat template
 * @param generator    source of the answers
 * @param positions    most tokens of a conversation
 * @param out          stream that answers are printed to
 */
record Speaker(ChatConversation conversation, BatchGenerator generator, int positions, PrintStream out) {

    /**
     * Loads a model, lets it be used, and frees its memory.
     *
     * @param choice  model and settings of generation
     * @param backend backend to compute on, which stays open
     * @param use     uses the speaker, which prints to standard output in UTF-8
     */
    static void load(ModelChoice choice, Backend backend, Consumer<Speaker> use) {
        ChatConversation conversation = choice.conversation();
        try (var workspace = choice.workspace(backend);
                Decoder model = choice.load(workspace, conversation);
                BatchGenerator generator = choice.generator(model)) {
            var out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
            use.accept(new Speaker(conversation, generator, model.config().maxPositions(), out));
        }
    }

    /** Tokens of the turns with the chat template, to where the answer begins; the id selects random streams. */
    Prompt prompt(long id, List<Message> turns) {
        return prompt(conversation, id, turns);
    }

    /** Tokens of the turns with the chat template, before a model is loaded. */
    static Prompt prompt(ChatConversation conversation, long id, List<Message> turns) {
        var problem = new Problem("prompt", "command line", turns, List.of("unknown"));
        return new Prompt(id, conversation.prompt(problem));
    }

    /** Answers once, and prints the answer while it is generated. */
    Completion stream(Prompt prompt, Sampling sampling) {
        var text = new TokenText(conversation::text);
        Completion completion = generator.stream(List.of(prompt), sampling, (_, _, token) -> print(text.append(token)))
                .getFirst()
                .getFirst();
        out.println(text.end());
        return completion;
    }

    /** Answers several times, and prints the answers when all are there. */
    List<Completion> answers(Prompt prompt, Sampling sampling) {
        List<Completion> completions =
                generator.generate(List.of(prompt), sampling).getFirst();
        completions.forEach(completion -> out.println(text(completion)));
        return completions;
    }

    /** Text of an answer, without special tokens. */
    String text(Completion completion) {
        return conversation.text(completion.tokens());
    }

    private void print(String text) {
        out.print(text);
        out.flush();
    }
}
