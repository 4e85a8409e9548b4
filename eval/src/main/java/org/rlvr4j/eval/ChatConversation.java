package org.rlvr4j.eval;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.model.text.ChatTemplate;
import org.rlvr4j.model.text.Tokenizer;

/** Conversation with a checkpoint's chat template and tokenizer. */
public final class ChatConversation implements Conversation {

    private final ChatTemplate template;
    private final Tokenizer tokenizer;
    private final PromptSettings settings;
    private final Map<List<Message>, int[]> prompts = new ConcurrentHashMap<>();

    /**
     * @param template  chat template, which turns messages into one text
     * @param tokenizer tokenizer, which turns text into tokens and back
     */
    public ChatConversation(ChatTemplate template, Tokenizer tokenizer) {
        this(template, tokenizer, PromptSettings.NONE);
    }

    private ChatConversation(ChatTemplate template, Tokenizer tokenizer, PromptSettings settings) {
        this.template = template;
        this.tokenizer = tokenizer;
        this.settings = settings;
    }

    /**
     * Loads the tokenizer and the chat template of a checkpoint.
     *
     * @param folder folder of the checkpoint
     */
    public static ChatConversation load(Path folder) {
        return new ChatConversation(ChatTemplate.load(folder), Tokenizer.load(folder));
    }

    /**
     * This conversation with other settings of the prompts.
     *
     * @param other settings in place of the present ones
     */
    public ChatConversation with(PromptSettings other) {
        return new ChatConversation(template, tokenizer, other);
    }

    public ChatTemplate template() {
        return template;
    }

    public Tokenizer tokenizer() {
        return tokenizer;
    }

    /**
     * {@inheritDoc} Each prompt is rendered and tokenised once.
     *
     * @throws IllegalArgumentException if the problem has a system message and the settings give another, or the template
     *                                  fails
     */
    @Override
    public int[] prompt(Problem problem) {
        return prompts.computeIfAbsent(problem.prompt(), this::encode);
    }

    /** The tokens of a prompt by the chat template. */
    int[] encode(List<Message> prompt) {
        return tokenizer.encodePrompt(template.render(messages(prompt), true, settings.variables()));
    }

    /** The messages of a prompt with the system message and the suffix of the settings. */
    List<Map<String, Object>> messages(List<Message> prompt) {
        List<Map<String, Object>> messages = prompt.stream()
                .map(message -> Map.<String, Object>of("role", message.role(), "content", message.content()))
                .toList();
        return settings.applied(messages, "a problem");
    }

    @Override
    public String text(int[] tokens) {
        return tokenizer.decode(tokens, true);
    }
}
