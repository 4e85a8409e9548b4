package org.rlvr4j.data;

import java.util.List;
import java.util.Map;

/** Example of supervised learning: a prompt, and what a model shall learn to answer. */
public sealed interface Example {

    /** File and line, or row, that the example is from, for messages. */
    String place();

    /**
     * Example of plain text, to which no chat template is applied.
     *
     * @param place      file and line that the example is from
     * @param prompt     text before the completion; may be empty
     * @param completion text to learn
     */
    record Plain(String place, String prompt, String completion) implements Example {}

    /**
     * Example of a conversation.
     *
     * @param place     file and line that the example is from
     * @param messages  all messages, each with a {@code role} and a {@code content}, tool calls or reasoning, without nulls
     * @param given     number of first messages that are a prompt, of which nothing is learned; 0 if the example does not say
     *                  where its prompt ends
     * @param variables variables of the chat template that the example brings, such as {@code tools}
     */
    record Chat(String place, List<Map<String, Object>> messages, int given, Map<String, Object> variables)
            implements Example {

        public Chat {
            messages = List.copyOf(messages);
            variables = Map.copyOf(variables);
        }
    }
}
