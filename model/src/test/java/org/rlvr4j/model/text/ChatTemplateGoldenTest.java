package org.rlvr4j.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
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
                List<Map<String, Object>> messages =
                        Json.MAPPER.convertValue(row.path("messages"), new TypeReference<>() {});
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

    static Stream<Path> folders() {
        return Stream.of("qwen2.5-base", "qwen2.5-instruct", "qwen2.5-math", "qwen3")
                .flatMap(name -> Golden.tokenizer(name).stream());
    }
}
