package org.rlvr4j.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.model.Json;
import org.rlvr4j.tensor.Golden;
import tools.jackson.databind.JsonNode;

/** What Hugging Face's tokenizers made of the same text. */
class TokenizerGoldenTest {

    private static final Map<Path, Tokenizer> LOADED = new HashMap<>();

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("tokenizers")
    void textIsEncodedAndDecodedAlike(String name, Tokenizer tokenizer) throws IOException {
        for (JsonNode row : rows("encode.jsonl")) {
            String text = row.path("text").asString();
            int[] ids = ids(row.path("ids_" + name).isArray() ? row.path("ids_" + name) : row.path("ids"));

            assertThat(tokenizer.encode(text)).as(row.toString()).isEqualTo(ids);
            if (row.has("decoded")) {
                assertThat(tokenizer.decode(ids, false))
                        .isEqualTo(row.path("decoded").asString());
            }
            if (row.has("decoded_skip_special")) {
                assertThat(tokenizer.decode(ids, true))
                        .isEqualTo(row.path("decoded_skip_special").asString());
            }
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("tokenizers")
    void anyIdsAreDecodedAlike(String name, Tokenizer tokenizer) throws IOException {
        for (JsonNode row : rows("decode.jsonl")) {
            int[] ids = ids(row.path("ids"));

            assertThat(tokenizer.decode(ids, false))
                    .as(row.toString())
                    .isEqualTo(row.path("text").asString());
            assertThat(tokenizer.decode(ids, true))
                    .as(row.toString())
                    .isEqualTo(row.path("text_skip_special").asString());
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("tokenizers")
    void aRenderedConversationIsEncodedAlike(String name, Tokenizer tokenizer) throws IOException {
        for (JsonNode row : rows("chat.jsonl")) {
            if (row.path("template").asString().equals(name)) {
                assertThat(tokenizer.encode(row.path("rendered").asString()))
                        .as(row.toString())
                        .isEqualTo(ids(row.path("ids")));
            }
        }
    }

    static Stream<Arguments> tokenizers() {
        return Stream.of("qwen2.5-base", "qwen2.5-instruct", "qwen2.5-math", "qwen3")
                .flatMap(name -> Golden.tokenizer(name).stream())
                .map(folder ->
                        Arguments.of(folder.getFileName().toString(), LOADED.computeIfAbsent(folder, Tokenizer::load)));
    }

    static List<JsonNode> rows(String file) throws IOException {
        var rows = new ArrayList<JsonNode>();
        for (Path copy : Golden.find("tokenizer/" + file)) {
            for (String line : Files.readAllLines(copy)) {
                rows.add(Json.MAPPER.readTree(line));
            }
        }
        return rows;
    }

    private static int[] ids(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::intValue).toArray();
    }
}
