package org.rlvr4j.eval;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.rlvr4j.data.Message;

/**
 * Protocol of a suite: how its problems are asked, and where an answer ends.
 *
 * @param form     form of the prompts
 * @param before   text before each question; may be empty
 * @param after    text after each question; may be empty
 * @param examples answered questions that stand before each problem; may be empty
 * @param ends     texts at the first of which an answer ends, though the model has written on
 */
public record Protocol(Form form, String before, String after, List<Example> examples, List<String> ends) {

    /** Problems as their files have them, and answers as the model ends them. */
    public static final Protocol PLAIN = new Protocol(Form.CHAT, "", "", List.of(), List.of());

    private static final String SYSTEM = "system";
    private static final String USER = "user";
    private static final String ASSISTANT = "assistant";
    private static final String ANSWER = " "; // between a question and its answer in plain text
    private static final String NEXT = "\n\n";

    /** Form of prompts. */
    public enum Form {
        /** By the chat template; an example is a turn of the user and one of the assistant. */
        CHAT,
        /** One text without a chat template, as base models are asked: examples are paragraphs before the problem. */
        TEXT
    }

    /**
     * Example: a question with its answer.
     *
     * @param question question as a file has it
     * @param answer   the whole answer
     */
    public record Example(String question, String answer) {}

    public Protocol {
        examples = List.copyOf(examples);
        ends = List.copyOf(ends);
    }

    /** The turns of a prompt, with the examples after its system message and the texts around its last message. */
    List<Message> turns(List<Message> prompt) {
        int last = prompt.size() - 1;
        int first = prompt.getFirst().role().equals(SYSTEM) ? Math.min(1, last) : 0;
        var turns = new ArrayList<>(prompt.subList(0, first));
        for (Example example : examples) {
            turns.add(new Message(USER, before + example.question + after));
            turns.add(new Message(ASSISTANT, example.answer));
        }
        turns.addAll(prompt.subList(first, last));
        turns.add(new Message(prompt.get(last).role(), before + prompt.get(last).content() + after));
        return turns;
    }

    /** The text of messages, without a chat template: an answer stands after its question, all else in a paragraph. */
    static String text(List<Map<String, Object>> messages) {
        var text = new StringBuilder();
        for (int i = 0; i < messages.size(); i++) {
            boolean isAnswered = i + 1 < messages.size()
                    && ASSISTANT.equals(messages.get(i + 1).get("role"));
            text.append(messages.get(i).get("content"));
            if (i + 1 < messages.size()) {
                text.append(isAnswered ? ANSWER : NEXT);
            }
        }
        return text.toString();
    }

    /**
     * A response up to where it ends.
     *
     * @param response text that the model wrote
     */
    public String ended(String response) {
        int end = ends.stream()
                .mapToInt(response::indexOf)
                .filter(index -> index >= 0)
                .min()
                .orElse(response.length());
        return response.substring(0, end);
    }
}
