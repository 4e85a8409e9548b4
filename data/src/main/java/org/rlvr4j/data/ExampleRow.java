package org.rlvr4j.data;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Line or row of a file of examples.
 *
 * @param place file and line, for messages
 * @param kind  what a value by name is called in such a file: field or column
 * @param cells values by name, which are text, numbers, truth values, lists, maps or null
 */
record ExampleRow(String place, String kind, Map<String, @Nullable Object> cells) {

    /** Names of all values that are read. */
    static final Set<String> COLUMNS =
            Set.of("messages", "prompt", "completion", "question", "answer", "tools", "chat_template_kwargs");

    private static final JsonMapper JSON = new JsonMapper();
    private static final String USER = "user";
    private static final String ASSISTANT = "assistant";

    Example example() {
        if (has("prompt") && has("completion")) {
            return promptAndCompletion();
        }
        if (has("messages")) {
            return chat(messages("messages"), 0);
        }
        if (has("question") && has("answer")) {
            return chat(List.of(turn(USER, text("question")), turn(ASSISTANT, nonEmpty("answer"))), 1);
        }
        throw new IllegalArgumentException(
                place + ": an example has messages, or prompt and completion, or question and answer, but this has "
                        + (cells.isEmpty() ? "none of them" : String.join(", ", cells.keySet())));
    }

    private Example promptAndCompletion() {
        if (cells.get("prompt") instanceof String && cells.get("completion") instanceof String) {
            return new Example.Plain(place, text("prompt"), nonEmpty("completion"));
        }
        if (cells.get("prompt") instanceof String || cells.get("completion") instanceof String) {
            throw error(
                    "completion", "should be text if prompt is text, and a list of {role, content} if prompt is one");
        }
        List<Map<String, Object>> prompt = messages("prompt");
        return chat(
                Stream.concat(prompt.stream(), messages("completion").stream()).toList(), prompt.size());
    }

    private Example chat(List<Map<String, Object>> messages, int given) {
        var variables = new HashMap<String, Object>();
        if (has("chat_template_kwargs")) {
            if (!(cells.get("chat_template_kwargs") instanceof Map<?, ?> kwargs)) {
                throw error("chat_template_kwargs", "should be an object");
            }
            kwargs.forEach((name, value) -> {
                if (value != null) {
                    variables.put(String.valueOf(name), value);
                }
            });
        }
        if (has("tools")) {
            variables.put("tools", tools());
        }
        return new Example.Chat(place, messages, given, variables);
    }

    /** A list, which some files hold as JSON, as a column of Parquet has one type of struct. */
    private List<?> tools() {
        Object tools = cells.get("tools");
        try {
            Object parsed = tools instanceof String json ? JSON.readValue(json, new TypeReference<>() {}) : tools;
            if (parsed instanceof List<?> list) {
                return list;
            }
        } catch (JacksonException e) {
            throw error("tools", "should be a list, or text that is one in JSON");
        }
        throw error("tools", "should be a list, or text that is one in JSON");
    }

    private List<Map<String, Object>> messages(String column) {
        if (!(cells.get(column) instanceof List<?> turns) || turns.isEmpty()) {
            throw error(column, "should be a list of {role, content}, one at least");
        }
        var messages = new ArrayList<Map<String, Object>>();
        for (Object turn : turns) {
            messages.add(message(column + "." + messages.size(), turn));
        }
        return messages;
    }

    private Map<String, Object> message(String name, @Nullable Object turn) {
        if (!(turn instanceof Map<?, ?> fields) || !(fields.get("role") instanceof String)) {
            throw error(name, "should have a role");
        }
        var message = new LinkedHashMap<String, Object>();
        fields.forEach((field, value) -> {
            if (value != null) {
                message.put(String.valueOf(field), value);
            }
        });
        boolean hasText = message.get("content") instanceof String;
        if (!hasText && (message.containsKey("content") || !message.containsKey("tool_calls"))) {
            throw error(name, "should have a content that is text");
        }
        return message;
    }

    private static Map<String, Object> turn(String role, String content) {
        var message = new LinkedHashMap<String, Object>();
        message.put("role", role);
        message.put("content", content);
        return message;
    }

    private boolean has(String column) {
        return cells.get(column) != null;
    }

    private String nonEmpty(String column) {
        String text = text(column);
        if (text.isEmpty()) {
            throw error(column, "should not be empty");
        }
        return text;
    }

    private String text(String column) {
        if (!(cells.get(column) instanceof String text)) {
            throw error(column, "should be text");
        }
        return text;
    }

    private IllegalArgumentException error(String column, String fault) {
        return new IllegalArgumentException(place + ": " + kind + " " + column + " " + fault);
    }
}
