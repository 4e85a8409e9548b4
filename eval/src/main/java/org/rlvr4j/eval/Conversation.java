package org.rlvr4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.rlvr4j.data.Problem;
import org.rlvr4j.model.ChatTemplate;
import org.rlvr4j.model.Tokenizer;

/**
 * The way from a problem to a prompt's tokens, and from a completion's tokens to text.
 *
 * @param template  turns messages into one text
 * @param tokenizer turns text into tokens and back
 */
public record Conversation(ChatTemplate template, Tokenizer tokenizer) {

    /** Reads tokenizer and chat template of a checkpoint. */
    public static Conversation load(Path folder) {
        return new Conversation(ChatTemplate.load(folder), Tokenizer.load(folder));
    }

    /** A problem's prompt, up to where the model's turn begins. */
    public int[] prompt(Problem problem) {
        List<Map<String, String>> messages = problem.prompt().stream()
                .map(message -> Map.of("role", message.role(), "content", message.content()))
                .toList();
        return tokenizer.encode(template.render(messages, true));
    }

    /** A completion's text without special tokens. */
    public String text(int[] tokens) {
        return tokenizer.decode(tokens, true);
    }
}
