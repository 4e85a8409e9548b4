package org.rlvr4j.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.Message;

/**
 * Settings of the prompts that are made of problems.
 *
 * @param system    system message that is put before problems which have none; null for none
 * @param suffix    text that is added to the end of a problem's last message; null for none
 * @param variables variables of the chat template by name, such as {@code enable_thinking}: text, numbers, truth values,
 *                  lists or groups
 */
public record PromptSettings(
        @Nullable String system, @Nullable String suffix, Map<String, Object> variables) {

    /** Prompts as the problems' files have them. */
    public static final PromptSettings NONE = new PromptSettings(null, null, Map.of());

    private static final String SYSTEM = "system";

    /** The messages with system message and suffix. */
    List<Message> applied(List<Message> prompt) {
        var messages = new ArrayList<>(prompt);
        if (suffix != null) {
            Message last = messages.removeLast();
            messages.add(new Message(last.role(), last.content() + suffix));
        }
        if (system != null) {
            if (messages.getFirst().role().equals(SYSTEM)) {
                throw new IllegalArgumentException(
                        "prompt.system gives a system message, but a problem has one already: "
                                + prompt.getFirst().content());
            }
            messages.addFirst(new Message(SYSTEM, system));
        }
        return messages;
    }
}
