package org.rlvr4j.model.text;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.rlvr4j.model.Json;
import tools.jackson.databind.JsonNode;

/** Special tokens of a checkpoint, by the names that {@code tokenizer_config.json} gives them. */
public final class SpecialTokens {

    private static final List<String> NAMES =
            List.of("bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token");

    private SpecialTokens() {}

    /**
     * The spelling of the token that ends a text, {@code eos_token}.
     *
     * @param folder folder of the checkpoint
     * @return empty if there is none
     * @throws java.io.UncheckedIOException if there is no {@code tokenizer_config.json}
     */
    public static Optional<String> endOfText(Path folder) {
        return Optional.ofNullable(
                of(Json.read(folder.resolve("tokenizer_config.json"))).get("eos_token"));
    }

    /** Spellings by name. */
    static Map<String, String> of(JsonNode config) {
        var tokens = new HashMap<String, String>();
        for (String name : NAMES) {
            JsonNode token = config.path(name);
            String content = token.isObject() ? token.path("content").asString("") : token.asString("");
            if (!content.isEmpty()) {
                tokens.put(name, content);
            }
        }
        return tokens;
    }
}
