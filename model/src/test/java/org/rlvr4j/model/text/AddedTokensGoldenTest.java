package org.rlvr4j.model.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.model.Json;
import org.rlvr4j.tensor.Golden;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Added tokens with all combinations of their settings, normalizers and post-processors, in random texts: the ids are those
 * of Hugging Face's tokenizers 0.23 without special tokens around the text, as chat templates are encoded.
 */
class AddedTokensGoldenTest {

    @TempDir
    Path folder = Path.of("");

    @Test
    void addedTokensAreFoundAlike() throws IOException {
        for (Path file : Golden.find("tokenizer/added-tokens.json")) {
            JsonNode golden = Json.read(file);
            for (JsonNode sample : golden.path("cases")) {
                Tokenizer tokenizer = tokenizer(sample.path("tokenizer"), golden.path("alphabet"));
                for (JsonNode text : sample.path("texts")) {
                    assertThat(tokenizer.encode(text.path("text").asString()))
                            .as(text + " with " + sample.path("tokenizer").path("added_tokens"))
                            .isEqualTo(text.path("ids")
                                    .valueStream()
                                    .mapToInt(JsonNode::intValue)
                                    .toArray());
                }
            }
        }
    }

    /** @param alphabet characters of the 256 bytes, in the order of their ids */
    private Tokenizer tokenizer(JsonNode json, JsonNode alphabet) throws IOException {
        ObjectNode vocabulary = ((ObjectNode) json.path("model")).putObject("vocab");
        for (int id = 0; id < alphabet.size(); id++) {
            vocabulary.put(alphabet.path(id).asString(), id);
        }
        Files.writeString(folder.resolve("tokenizer.json"), Json.MAPPER.writeValueAsString(json));
        return Tokenizer.load(folder);
    }
}
