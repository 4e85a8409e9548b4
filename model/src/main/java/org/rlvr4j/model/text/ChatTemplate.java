package org.rlvr4j.model.text;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.rlvr4j.model.Json;
import org.rlvr4j.model.text.template.Template;
import org.rlvr4j.model.text.template.syntax.TemplateException;
import tools.jackson.databind.JsonNode;

/**
 * Turns a conversation into a prompt as a checkpoint's own Jinja template does.
 *
 * <p>A template reaches nothing but the variables it is given, and runs a bounded number of steps. Text in messages is
 * never taken for template code. What it uses of Jinja and is not supported is refused when it is read.
 */
public final class ChatTemplate {

    private static final int MAX_TEMPLATE = 1 << 17; // characters; the longest that are published have a third
    private static final Pattern GENERATION = Pattern.compile("\\{%[-+]?\\s*generation\\s*[-+]?%}");
    private static final List<String> ARGUMENTS =
            List.of("messages", "add_generation_prompt", "continue_final_message", "chat_template");
    private static final List<String> REASONING = List.of("reasoning_content", "thinking", "reasoning");

    private final String name;
    private final String source;
    private final Template template;
    private final Map<String, Object> specialTokens;

    private ChatTemplate(String name, String source, Map<String, ?> specialTokens) {
        if (source.length() > MAX_TEMPLATE) {
            throw new IllegalArgumentException(
                    name + " has " + source.length() + " characters, and the limit is " + MAX_TEMPLATE);
        }
        this.name = name;
        this.source = source;
        this.specialTokens = Map.copyOf(specialTokens);
        try {
            this.template = Template.parse(source);
        } catch (TemplateException e) {
            throw failure(e);
        }
    }

    /**
     * Reads {@code chat_template.jinja} or else {@code chat_template} of {@code tokenizer_config.json}.
     *
     * @param folder folder of the checkpoint
     * @throws IllegalArgumentException     if there is no template, or it is wrong or uses what is not supported
     * @throws java.io.UncheckedIOException if there is no {@code tokenizer_config.json}
     */
    public static ChatTemplate load(Path folder) {
        Path file = folder.resolve("chat_template.jinja");
        Path configFile = folder.resolve("tokenizer_config.json");
        JsonNode config = Json.read(configFile);
        Map<String, String> specialTokens = SpecialTokens.of(config);
        try {
            boolean own = Files.exists(file);
            String template = own ? Files.readString(file) : templateOf(config.path("chat_template"), configFile);
            if (template.isEmpty()) {
                throw new IllegalArgumentException(folder + " has no chat template");
            }
            return new ChatTemplate("the chat template of " + (own ? file : configFile), template, specialTokens);
        } catch (IOException e) {
            throw Json.unreadable(file, e);
        }
    }

    /** The template, or of several with names, as Transformers takes it, the one that is called default; empty if none. */
    private static String templateOf(JsonNode setting, Path file) {
        if (!setting.isArray()) {
            return setting.asString("");
        }
        var names = new ArrayList<String>();
        for (JsonNode template : setting) {
            names.add(template.path("name").asString(""));
            if (template.path("name").asString("").equals("default")) {
                return template.path("template").asString("");
            }
        }
        throw new IllegalArgumentException(file + " has the chat templates " + names
                + " and none is called default: write" + " the one to use to chat_template.jinja");
    }

    /**
     * A template given as text, and what it finds as {@code eos_token} and the like.
     *
     * @param template      source of the template, in Jinja
     * @param specialTokens spellings of the special tokens by the names that templates use
     * @throws IllegalArgumentException if it is wrong or uses what is not supported
     */
    public static ChatTemplate of(String template, Map<String, ?> specialTokens) {
        return new ChatTemplate("the chat template", template, specialTokens);
    }

    /** The template itself. */
    public String source() {
        return source;
    }

    /**
     * The text of a conversation.
     *
     * <p>As Transformers, the template finds no field of a message that is null, and finds what an assistant reasoned as
     * {@code reasoning_content} and {@code thinking}, whether it was given as one of these or as {@code reasoning}.
     *
     * @param messages            at least one, each with a {@code role} and a {@code content}, tool calls or reasoning
     * @param addGenerationPrompt whether the text ends where the assistant's answer begins
     * @throws IllegalArgumentException if the template fails on these messages
     */
    public String render(List<? extends Map<String, ?>> messages, boolean addGenerationPrompt) {
        return render(messages, addGenerationPrompt, Map.of());
    }

    /**
     * The text of a conversation.
     *
     * @param messages            messages of the conversation, each with {@code role} and {@code content}
     * @param addGenerationPrompt whether the text ends with the beginning of the assistant's turn
     * @param variables           what else the template asks for, such as {@code tools} and {@code enable_thinking}
     * @throws IllegalArgumentException if the template fails on these messages, or a variable has the name of an argument
     */
    public String render(
            List<? extends Map<String, ?>> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
        return render(messages, addGenerationPrompt, variables, Clock.system(ZoneId.systemDefault()));
    }

    String render(
            List<? extends Map<String, ?>> messages,
            boolean addGenerationPrompt,
            Map<String, ?> variables,
            Clock clock) {
        return rendered(all -> template.render(all, clock), messages, addGenerationPrompt, variables);
    }

    /** Whether the template marks what assistants write, by {@code generation} blocks. */
    public boolean hasMarks() {
        return GENERATION.matcher(source).find();
    }

    /**
     * The text of a whole conversation, with the places that the template's {@code generation} blocks wrote.
     *
     * @param messages  messages of the conversation, each with {@code role} and {@code content}
     * @param variables what else the template asks for
     * @throws IllegalArgumentException if the template fails on these messages, or has such a block in a macro
     */
    public MarkedText renderMarked(List<? extends Map<String, ?>> messages, Map<String, ?> variables) {
        Clock clock = Clock.system(ZoneId.systemDefault());
        return new MarkedText(rendered(all -> template.renderMarked(all, clock), messages, false, variables));
    }

    private <T> T rendered(
            Function<Map<String, Object>, T> rendering,
            List<? extends Map<String, ?>> messages,
            boolean addGenerationPrompt,
            Map<String, ?> variables) {
        if (messages.isEmpty()) {
            throw new IllegalArgumentException("a conversation has no message; give one at least");
        }
        for (String name : ARGUMENTS) {
            if (variables.containsKey(name)) {
                throw new IllegalArgumentException(name + " is no variable: in Transformers it is an argument");
            }
        }
        var all = new HashMap<String, Object>(specialTokens);
        all.put("tools", null); // as Transformers, which gives both a value always
        all.put("documents", null);
        all.putAll(variables);
        all.put("messages", messages.stream().map(ChatTemplate::normal).toList());
        all.put("add_generation_prompt", addGenerationPrompt);
        try {
            return rendering.apply(all);
        } catch (TemplateException e) {
            throw failure(e);
        }
    }

    /** A message without fields that are null, and with its reasoning under the names that templates read. */
    private static Map<String, Object> normal(Map<String, ?> message) {
        var given = new LinkedHashMap<String, Object>();
        message.forEach((field, value) -> {
            if (value != null) {
                given.put(field, value);
            }
        });
        Object reasoning = REASONING.stream()
                .map(given::get)
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
        if (reasoning == null) {
            if (!given.containsKey("content") && !given.containsKey("tool_calls")) {
                throw new IllegalArgumentException("a message has no content: " + message);
            }
            return given;
        }
        var normal = new LinkedHashMap<String, Object>(); // in Transformers' order, which a template may print
        normal.put("thinking", reasoning);
        normal.putAll(given);
        normal.put("reasoning_content", reasoning);
        return normal;
    }

    private IllegalArgumentException failure(TemplateException e) {
        String place = e.line() > 0 ? " in line " + e.line() : "";
        return new IllegalArgumentException(name + " fails" + place + ": " + Json.shown(e.getMessage()), e);
    }
}
