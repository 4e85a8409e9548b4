package org.rlvr4j.eval;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.Example;
import org.rlvr4j.model.text.ChatTemplate;
import org.rlvr4j.model.text.MarkedText;
import org.rlvr4j.model.text.SpecialTokens;
import org.rlvr4j.model.text.Tokenizer;

/**
 * Encoder of examples, which learns what TRL's {@code SFTTrainer} learns of them.
 *
 * <p>Of a conversation these are the tokens that the chat template's {@code generation} blocks mark; of one that says where its
 * prompt ends, those of them behind the prompt. If the template has no such blocks, they are the tokens behind the prompt as it
 * is rendered for generation: where the example does not say, the prompt ends before the last turn, which is the assistant's.
 * Plain text has no template; its completion ends in the token that ends a text.
 *
 * @see <a href="https://huggingface.co/docs/trl/sft_trainer">TRL, SFT Trainer</a>
 */
public final class DemonstrationEncoder {

    private static final String ASSISTANT = "assistant";

    private final Path folder;
    private final Tokenizer tokenizer;
    private final PromptSettings settings;
    private @Nullable ChatTemplate template;

    private DemonstrationEncoder(Path folder, Tokenizer tokenizer, PromptSettings settings) {
        this.folder = folder;
        this.tokenizer = tokenizer;
        this.settings = settings;
    }

    /**
     * Loads the tokenizer of a checkpoint, and its chat template when a conversation needs it.
     *
     * @param folder   folder of the checkpoint
     * @param settings settings of the conversations' prompts; plain text stays as it is
     */
    public static DemonstrationEncoder load(Path folder, PromptSettings settings) {
        return new DemonstrationEncoder(folder, Tokenizer.load(folder), settings);
    }

    /**
     * Tokens of an example, and which of them are learned.
     *
     * @param example the example
     * @throws IllegalArgumentException if the example cannot be encoded, or has nothing to learn; the message is one sentence
     *                                  that names file and line
     */
    public Demonstration encode(Example example) {
        return switch (example) {
            case Example.Plain plain -> plain(plain);
            case Example.Chat chat -> {
                try {
                    yield chat(chat);
                } catch (IllegalArgumentException e) {
                    throw e.getMessage() != null && e.getMessage().startsWith(chat.place())
                            ? e
                            : new IllegalArgumentException(chat.place() + ": " + e.getMessage(), e);
                }
            }
        };
    }

    /**
     * Whether turns of the assistant before the last one are not learned, because the chat template does not mark them.
     *
     * @param example the example
     */
    public boolean leavesTurns(Example example) {
        return example instanceof Example.Chat chat
                && chat.given() == 0
                && !template().hasMarks()
                && chat.messages().stream()
                                .filter(message -> ASSISTANT.equals(message.get("role")))
                                .count()
                        > 1;
    }

    private Demonstration plain(Example.Plain example) {
        String end = SpecialTokens.endOfText(folder)
                .orElseThrow(() -> new IllegalArgumentException("tokenizer_config.json of " + folder
                        + " has no eos_token, which ends the completion of plain text; name it there"));
        String completion = example.completion().endsWith(end) ? example.completion() : example.completion() + end;
        int[] tokens = tokenizer.encode(example.prompt() + completion);
        int[] prompt = tokenizer.encode(example.prompt());
        if (!startsWith(tokens, prompt)) {
            throw new IllegalArgumentException(
                    example.place() + ": the tokens of prompt and completion do not begin with those of the prompt, as"
                            + " a token goes across; move the space or line break between them from the end of"
                            + " the prompt to the beginning of the completion, or add one");
        }
        return begun(example.place(), tokens, behind(prompt.length, all(tokens.length)));
    }

    private Demonstration chat(Example.Chat example) {
        ChatTemplate marking = template();
        var variables = new HashMap<String, Object>(settings.variables());
        variables.putAll(example.variables());
        int end = example.given() > 0 ? example.given() : endOfPrompt(example, marking.hasMarks());
        List<Map<String, Object>> prompt =
                end == 0 ? List.of() : settings.applied(example.messages().subList(0, end), "the example");
        var whole = new ArrayList<>(prompt);
        whole.addAll(example.messages().subList(end, example.messages().size()));
        MarkedText marked = marking.hasMarks() ? marking.renderMarked(whole, variables) : null;
        int[] tokens = tokenizer.encode(marked == null ? marking.render(whole, false, variables) : marked.text());
        boolean[] learned = marked == null ? all(tokens.length) : marked.marks(tokenizer, tokens);
        if (example.given() > 0 || !marking.hasMarks()) {
            int[] promptTokens = tokenizer.encode(marking.render(prompt, true, variables));
            if (!startsWith(tokens, promptTokens)) {
                throw new IllegalArgumentException(
                        "the tokens of the conversation do not begin with those of its prompt, so where the answer"
                                + " begins is not known: the chat template writes the prompt otherwise when it is to be"
                                + " answered; add {% generation %} marks to the template, or set its variables by"
                                + " prompt.variables");
            }
            learned = behind(promptTokens.length, learned);
        }
        return begun(example.place(), tokens, learned);
    }

    /** The demonstration of marked tokens, behind those that the tokenizer begins a text with. */
    private Demonstration begun(String place, int[] tokens, boolean[] learned) {
        int[] all = tokenizer.begun(tokens);
        var marks = new boolean[all.length];
        System.arraycopy(learned, 0, marks, all.length - learned.length, learned.length);
        return new Demonstration(place, all, marks);
    }

    /** Index of the last turn of the assistant, before which the prompt ends. */
    private static int endOfPrompt(Example.Chat example, boolean hasMarks) {
        List<Map<String, Object>> messages = example.messages();
        int last = messages.size() - 1;
        while (last >= 0 && !ASSISTANT.equals(messages.get(last).get("role"))) {
            last--;
        }
        if (last < 0) {
            throw new IllegalArgumentException("has no message of the assistant to learn");
        }
        if (!hasMarks && (last == 0 || last < messages.size() - 1)) {
            throw new IllegalArgumentException(
                    "should end in a message of the assistant, with others before it, as the chat"
                            + " template has no {% generation %} marks");
        }
        return last;
    }

    private ChatTemplate template() {
        if (template == null) {
            template = ChatTemplate.load(folder);
        }
        return template;
    }

    private static boolean startsWith(int[] tokens, int[] prompt) {
        return prompt.length <= tokens.length && Arrays.equals(prompt, 0, prompt.length, tokens, 0, prompt.length);
    }

    private static boolean[] all(int length) {
        var marks = new boolean[length];
        Arrays.fill(marks, true);
        return marks;
    }

    private static boolean[] behind(int prompt, boolean[] marks) {
        Arrays.fill(marks, 0, prompt, false);
        return marks;
    }
}
