package org.rlvr4j.model.text;

import com.hubspot.jinjava.Jinjava;
import com.hubspot.jinjava.JinjavaConfig;
import com.hubspot.jinjava.LegacyOverrides;
import com.hubspot.jinjava.el.JinjavaProcessors;
import com.hubspot.jinjava.el.TruthyTypeConverter;
import com.hubspot.jinjava.interpret.Context;
import com.hubspot.jinjava.interpret.Context.Library;
import com.hubspot.jinjava.interpret.InterpretException;
import com.hubspot.jinjava.interpret.JinjavaInterpreter;
import com.hubspot.jinjava.interpret.TemplateError;
import com.hubspot.jinjava.lib.filter.Filter;
import com.hubspot.jinjava.lib.fn.ELFunctionDefinition;
import com.hubspot.jinjava.lib.tag.Tag;
import com.hubspot.jinjava.loader.ResourceNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import jinjava.de.odysseus.el.ExpressionFactoryImpl;
import jinjava.de.odysseus.el.tree.TreeStore;
import jinjava.de.odysseus.el.tree.impl.Builder.Feature;
import jinjava.de.odysseus.el.tree.impl.Cache;
import jinjava.javax.el.ExpressionFactory;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Json;
import tools.jackson.databind.JsonNode;

/**
 * Chat template: a checkpoint's own Jinja template, which turns a conversation into a prompt.
 *
 * <p>A template reaches nothing but the variables it is given, and runs a bounded number of steps. Text in messages is
 * never taken for template code.
 */
public final class ChatTemplate {

    private static final int MAX_CHARS = 1 << 22;
    private static final int MAX_TEMPLATE = 1 << 17; // characters; the longest that are published have a fifth

    /** What templates of published checkpoints use of Jinja, as far as Jinjava has it; all else is refused. */
    private static final Set<String> TAGS = words("for if elif else set macro call raw break continue do");

    private static final Set<String> FUNCTIONS = words(":range :namespace");
    private static final Set<String> FILTERS = words(
            "abs bool capitalize count d default dictsort e escape first float int join last length list lower map"
                    + " reject rejectattr replace reverse safe select selectattr sort string title tojson trim unique"
                    + " upper");
    private static final Map<Library, Set<String>> DISABLED = disabled();

    private final String source;
    private final String template;
    private final Map<String, Object> specialTokens;
    private final Jinjava jinjava = new Renderer();

    private ChatTemplate(String source, String template, Map<String, ?> specialTokens) {
        if (template.length() > MAX_TEMPLATE) {
            throw new IllegalArgumentException(
                    source + " has " + template.length() + " characters, and the limit is " + MAX_TEMPLATE);
        }
        this.source = source;
        // Jinja ignores one newline at the end of a template.
        this.template = template.endsWith("\n") ? template.substring(0, template.length() - 1) : template;
        this.specialTokens = Map.copyOf(specialTokens);
    }

    /**
     * Reads {@code chat_template.jinja} or else {@code chat_template} of {@code tokenizer_config.json}.
     *
     * @throws IllegalArgumentException     if there is no template
     * @throws java.io.UncheckedIOException if there is no {@code tokenizer_config.json}
     */
    public static ChatTemplate load(Path folder) {
        Path file = folder.resolve("chat_template.jinja");
        Path configFile = folder.resolve("tokenizer_config.json");
        JsonNode config = Json.read(configFile);
        var specialTokens = new HashMap<String, Object>();
        for (String name : List.of("bos_token", "eos_token", "pad_token", "unk_token")) {
            JsonNode token = config.path(name);
            String content = token.isObject() ? token.path("content").asString("") : token.asString("");
            specialTokens.put(name, content);
        }
        try {
            boolean own = Files.exists(file);
            String template =
                    own ? Files.readString(file) : config.path("chat_template").asString("");
            if (template.isEmpty()) {
                throw new IllegalArgumentException(folder + " has no chat template");
            }
            return new ChatTemplate("the chat template of " + (own ? file : configFile), template, specialTokens);
        } catch (IOException e) {
            throw Json.unreadable(file, e);
        }
    }

    /** A template given as text, and what it finds as {@code eos_token} and the like. */
    public static ChatTemplate of(String template, Map<String, ?> specialTokens) {
        return new ChatTemplate("the chat template", template, specialTokens);
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
        try {
            return TemplateWork.limited(() -> render(bindings));
        } catch (TemplateWork.Stop e) {
            throw failure(e.line, e.getMessage());
        } catch (InterpretException e) {
            throw failure(e.getLineNumber(), e.getMessage());
        } catch (IllegalArgumentException e) {
            throw e;
        } catch (Exception | LinkageError | StackOverflowError e) {
            throw new IllegalArgumentException(source + " uses what is not supported: " + Json.shown(e), e);
        }
    }

    /** One at a time: Jinjava's own methods copy all filters, tags and tests for each text, which takes most of their time. */
    private synchronized String render(Map<String, Object> bindings) {
        Context known = jinjava.getGlobalContext();
        var interpreter =
                new JinjavaInterpreter(jinjava, new Context(known, bindings, DISABLED), jinjava.getGlobalConfig());
        try (var _ = JinjavaInterpreter.closeablePushCurrent(interpreter).get()) {
            String text = interpreter.render(template);
            for (TemplateError error : interpreter.getErrors()) {
                throw failure(error.getLineno(), error.getMessage());
            }
            return text;
        } finally {
            known.reset(); // it notes every expression
        }
    }

    private IllegalArgumentException failure(int line, @Nullable String message) {
        String place = line > 0 ? " in line " + line : "";
        return new IllegalArgumentException(source + " fails" + place + ": " + Json.shown(message));
    }

    /** All names but those that are known here. */
    private static Map<Library, Set<String>> disabled() {
        Context all = new Jinjava().getGlobalContext();
        return Map.of(
                Library.TAG,
                        without(
                                TAGS,
                                all.getAllTags().stream().map(Tag::getName).filter(name -> !name.startsWith("end"))),
                Library.FUNCTION,
                        without(FUNCTIONS, all.getAllFunctions().stream().map(ELFunctionDefinition::getName)),
                Library.FILTER, without(FILTERS, all.getAllFilters().stream().map(Filter::getName)));
    }

    private static Set<String> words(String all) {
        return Set.of(all.split(" "));
    }

    private static Set<String> without(Set<String> known, Stream<String> names) {
        return names.filter(name -> !known.contains(name)).collect(Collectors.toSet());
    }

    /** Jinjava with the settings of Hugging Face's Jinja environment. */
    private static final class Renderer extends Jinjava {

        private final ExpressionFactory expressions = new ExpressionFactoryImpl(
                new TreeStore(new TemplateSyntax(Feature.METHOD_INVOCATIONS, Feature.VARARGS), new Cache(1000)),
                new TruthyTypeConverter());

        Renderer() {
            super(JinjavaConfig.newBuilder()
                    .withDisabled(DISABLED)
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
                            .withNodePreProcessor(TemplateWork::count)
                            .build())
                    .withEnableFilterChainOptimization(true) // filters are called, not looked up by reflection
                    .withMaxOutputSize(MAX_CHARS)
                    .withMaxStringLength(MAX_CHARS)
                    .build());
            getGlobalContext().registerFilter(new ToJson());
            getGlobalContext().registerFilter(new TemplateObjects.Replace());
            getGlobalContext().registerTag(new TemplateWork.Loop());
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
