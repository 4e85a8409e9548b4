package org.rlvr4j.model;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.el.JinjavaProcessors;
import com.hubspot.jinjava.el.TruthyTypeConverter;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.RenderResult;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.loader.ResourceNotFoundException;
import com.hubspot.jinjava.tree.Node;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import jinjava.de.odysseus.el.ExpressionFactoryImpl;
import jinjava.de.odysseus.el.tree.TreeStore;
import jinjava.de.odysseus.el.tree.impl.Builder.Feature;
import jinjava.de.odysseus.el.tree.impl.Cache;
import jinjava.javax.el.ExpressionFactory;
import tools.jackson.databind.JsonNode;

/**
 * Turns a conversation into a prompt as a checkpoint's own Jinja template does.
 *
 * <p>A template reaches nothing but the variables it is given, and runs a bounded number of steps. Text in messages is
 * never taken for template code.
 */
public final class ChatTemplate {

    private static final String STEPS = "render steps"; // no template can spell a name with a blank
    private static final int MAX_STEPS = 5_000_000;
    private static final int MAX_CHARS = 1 << 26;

    private final String template;
    private final Map<String, Object> specialTokens;
    private final Jinjava jinjava = new Renderer();

    private ChatTemplate(String template, Map<String, Object> specialTokens) {
        this.template = template;
        this.specialTokens = specialTokens;
    }

    /**
     * Reads {@code chat_template.jinja} or else {@code chat_template} of {@code tokenizer_config.json}.
     *
     * @throws IllegalArgumentException     if there is no template
     * @throws java.io.UncheckedIOException if there is no {@code tokenizer_config.json}
     */
    public static ChatTemplate load(Path folder) {
        Path file = folder.resolve("chat_template.jinja");
        JsonNode config = Json.read(folder.resolve("tokenizer_config.json"));
        var specialTokens = new HashMap<String, Object>();
        for (String name : List.of("bos_token", "eos_token", "pad_token", "unk_token")) {
            JsonNode token = config.path(name);
            String content = token.isObject() ? token.path("content").asString("") : token.asString("");
            specialTokens.put(name, content);
        }
        try {
            String template = Files.exists(file)
                    ? Files.readString(file)
                    : config.path("chat_template").asString("");
            if (template.isEmpty()) {
                throw new IllegalArgumentException(folder + " has no chat template");
            }
            return of(template, specialTokens);
        } catch (IOException e) {
            throw Json.unreadable(file, e);
        }
    }

    /** A template given as text, and what it finds as {@code eos_token} and the like. */
    public static ChatTemplate of(String template, Map<String, ?> specialTokens) {
        // Jinja ignores one newline at the end of a template.
        String text = template.endsWith("\n") ? template.substring(0, template.length() - 1) : template;
        return new ChatTemplate(text, Map.copyOf(specialTokens));
    }

    /** The template itself. */
    public String source() {
        return template;
    }

    /**
     * The text of a conversation.
     *
     * @param messages            each with a {@code role} and a {@code content}
     * @param addGenerationPrompt whether the text ends where the assistant's answer begins
     * @throws IllegalArgumentException if the template fails on these messages
     */
    public String render(List<? extends Map<String, ?>> messages, boolean addGenerationPrompt) {
        return render(messages, addGenerationPrompt, Map.of());
    }

    /** The text of a conversation.
     *
     * @param variables what else the template asks for, such as {@code tools} and {@code enable_thinking}
     */
    public String render(
            List<? extends Map<String, ?>> messages, boolean addGenerationPrompt, Map<String, ?> variables) {
        for (Map<String, ?> message : messages) {
            if (message.get("content") == null && message.get("tool_calls") == null) {
                throw new IllegalArgumentException("a message has no content: " + message);
            }
        }
        var bindings = new HashMap<String, Object>(specialTokens);
        bindings.putAll(variables);
        bindings.put("messages", messages);
        bindings.put("add_generation_prompt", addGenerationPrompt);
        bindings.put(STEPS, new AtomicInteger());
        try {
            RenderResult result = jinjava.renderForResult(template, bindings);
            if (result.hasErrors()) {
                TemplateError error = result.getErrors().getFirst();
                throw new IllegalArgumentException("the chat template fails in line " + error.getLineno() + ": "
                        + error.getMessage().lines().findFirst().orElse(""));
            }
            return result.getOutput();
        } catch (LinkageError | StackOverflowError e) {
            throw new IllegalArgumentException("the chat template uses what is not supported: " + e, e);
        }
    }

    private static void countStep(Node node, JinjavaInterpreter interpreter) {
        if (interpreter.getContext().get(STEPS) instanceof AtomicInteger steps && steps.incrementAndGet() > MAX_STEPS) {
            throw new IllegalStateException("it takes more than " + MAX_STEPS + " steps");
        }
    }

    /** Jinjava with the settings of Hugging Face's Jinja environment. */
    private static final class Renderer extends Jinjava {

        private final ExpressionFactory expressions = new ExpressionFactoryImpl(
                new TreeStore(new TemplateSyntax(Feature.METHOD_INVOCATIONS, Feature.VARARGS), new Cache(1000)),
                new TruthyTypeConverter());

        Renderer() {
            super(JinjavaConfig.newBuilder()
                    .withLegacyOverrides(LegacyOverrides.newBuilder()
                            .withEvaluateMapKeys(true)
                            .withIterateOverMapKeys(true)
                            .withUseNaturalOperatorPrecedence(true)
                            .withParseWhitespaceControlStrictly(true)
                            .withAllowAdjacentTextNodes(true)
                            .withUseTrimmingForNotesAndExpressions(true)
                            .withKeepNullableLoopValues(true)
                            .withHandleBackslashInQuotesOnly(true)
                            .build())
                    .withTrimBlocks(true)
                    .withLstripBlocks(true)
                    .withKeepTrailingNewline(true) // of the output
                    .withNestedInterpretationEnabled(false)
                    .withElResolver(TemplateObjects.resolver())
                    .withProcessors(JinjavaProcessors.newBuilder()
                            .withNodePreProcessor(ChatTemplate::countStep)
                            .build())
                    .withEnableFilterChainOptimization(true) // filters are called, not looked up by reflection
                    .withMaxOutputSize(MAX_CHARS)
                    .withMaxStringLength(MAX_CHARS)
                    .build());
            getGlobalContext().registerFilter(new ToJson());
            setResourceLocator((name, _, _) -> {
                throw new ResourceNotFoundException("a chat template may not read " + name);
            });
        }

        @Override
        public ExpressionFactory getExpressionFactory() {
            return expressions;
        }
    }
}
