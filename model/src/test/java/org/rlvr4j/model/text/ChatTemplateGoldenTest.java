package org.rlvr4j.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.model.Json;
import org.rlvr4j.tensor.Golden;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.JsonNode;

/** What Transformers made of the same conversations. */
class ChatTemplateGoldenTest {

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("folders")
    void conversationsAreRenderedAlike(Path folder) throws IOException {
        ChatTemplate template = ChatTemplate.load(folder);
        for (JsonNode row : TokenizerGoldenTest.rows("chat.jsonl")) {
            if (row.path("template").asString().equals(folder.getFileName().toString())) {
                List<Map<String, Object>> messages = messages(row);
                var variables = new HashMap<String, Object>();
                for (String name : List.of("tools", "enable_thinking")) {
                    if (row.has(name)) {
                        variables.put(name, Json.MAPPER.convertValue(row.path(name), Object.class));
                    }
                }

                String rendered = template.render(
                        messages, row.path("add_generation_prompt").asBoolean(), variables);

                assertThat(rendered)
                        .as(row.path("id").asString())
                        .isEqualTo(row.path("rendered").asString());
            }
        }
    }

    /** Of the conversations that {@code scripts/golden/chat_templates.py} writes. */
    @TestFactory
    Stream<DynamicTest> noConversationGivesAnotherText() {
        return Golden.find("template/conversations.jsonl").stream()
                .map(file -> DynamicTest.dynamicTest(file.toString(), () -> compare(file)));
    }

    private static void compare(Path file) throws IOException {
        var different = new ArrayList<String>();
        Map<String, Integer> refused = new TreeMap<>();
        int rendered = 0;
        int failed = 0;
        try (BufferedReader lines = Files.newBufferedReader(file)) {
            JsonNode given = Json.MAPPER.readTree(lines.readLine());
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                JsonNode template = Json.MAPPER.readTree(line);
                Function<JsonNode, String> renderer = renderer(template, given);
                for (JsonNode row : template.path("rows")) {
                    String expected = row.has("text") ? row.path("text").asString() : null;
                    rendered += expected == null ? 0 : 1;
                    failed += expected == null ? 1 : 0;
                    try {
                        String actual = renderer.apply(row);
                        if (!actual.equals(expected)) {
                            different.add(template.path("template").asString() + ": " + row + " gives " + actual);
                        }
                    } catch (IllegalArgumentException e) {
                        if (expected != null) {
                            refused.merge(String.valueOf(e.getMessage()).split(": ", 2)[0], 1, Integer::sum);
                        }
                    }
                }
            }
        }

        System.out.println(file + ": " + rendered + " conversations rendered by the reference, of these refused here: "
                + refused + "; " + failed + " failed there");
        assertThat(rendered).isPositive();
        assertThat(different).isEmpty();
        assertThat(refused.keySet()).isSubsetOf("a message has no content");
    }

    private static Function<JsonNode, String> renderer(JsonNode template, JsonNode given) {
        Clock now = Clock.fixed(Instant.parse(given.path("now").asString()), ZoneOffset.UTC);
        try {
            ChatTemplate parsed = ChatTemplate.of(template.path("source").asString(), map(given.path("tokens")));
            return row -> parsed.render(
                    messages(row), row.path("add_generation_prompt").asBoolean(), map(row.path("variables")), now);
        } catch (IllegalArgumentException e) {
            return _ -> {
                throw e;
            };
        }
    }

    private static List<Map<String, Object>> messages(JsonNode row) {
        return Json.MAPPER.convertValue(row.path("messages"), new TypeReference<>() {});
    }

    private static Map<String, Object> map(JsonNode object) {
        return Json.MAPPER.convertValue(object, new TypeReference<>() {});
    }

    static Stream<Path> folders() {
        return Stream.of("qwen2.5-base", "qwen2.5-instruct", "qwen2.5-math", "qwen3")
                .flatMap(name -> Golden.tokenizer(name).stream());
    }
}
