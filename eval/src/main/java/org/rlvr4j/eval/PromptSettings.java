package org.rlvr4j.eval;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Settings of the prompts that are made of problems, and of conversations that are learned.
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
    private static final String ROLE = "role";
    private static final String CONTENT = "content";

    /**
     * The messages with system message and suffix.
     *
     * @param whose owner of the messages, for the message of a failure
     */
    List<Map<String, Object>> applied(List<Map<String, Object>> prompt, String whose) {
        var messages = new ArrayList<>(prompt);
        if (suffix != null) {
            var last = new LinkedHashMap<>(messages.removeLast());
            if (!(last.get(CONTENT) instanceof String content)) {
                throw new IllegalArgumentException(
                        "prompt.suffix is added to a prompt's last message, but that of " + whose + " has no text");
            }
            last.put(CONTENT, content + suffix);
            messages.add(last);
        }
        if (system != null) {
            if (SYSTEM.equals(messages.getFirst().get(ROLE))) {
                throw new IllegalArgumentException("prompt.system gives a system message, but " + whose
                        + " has one already: " + prompt.getFirst().get(CONTENT));
            }
            messages.addFirst(Map.of(ROLE, SYSTEM, CONTENT, system));
        }
        return messages;
    }
}
