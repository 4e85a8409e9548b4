package org.rlvr4j.model;

import java.nio.file.Path;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** stub */
public record QwenConfig(
        String modelType,
        int hiddenSize,
        int mlpSize,
        int layers,
        int heads,
        int keyValueHeads,
        int headSize,
        double normEpsilon,
        double ropeTheta,
        int vocabularySize,
        boolean tiedEmbeddings,
        int maxPositions,
        boolean qkvBias,
        boolean qkNorm,
        Set<Integer> stopTokens) {

    public void save(Path folder) {}

    public static QwenConfig load(Path folder) {
        JsonNode j = new JsonMapper().readTree(folder.resolve("config.json").toFile());
        boolean three = j.get("model_type").asString().equals("qwen3");
        int heads = j.get("num_attention_heads").asInt();
        return new QwenConfig(
                j.get("model_type").asString(),
                j.get("hidden_size").asInt(),
                j.get("intermediate_size").asInt(),
                j.get("num_hidden_layers").asInt(),
                heads,
                j.get("num_key_value_heads").asInt(),
                j.has("head_dim")
                        ? j.get("head_dim").asInt()
                        : j.get("hidden_size").asInt() / heads,
                j.get("rms_norm_eps").asDouble(),
                j.get("rope_theta").asDouble(),
                j.get("vocab_size").asInt(),
                j.get("tie_word_embeddings").asBoolean(),
                j.get("max_position_embeddings").asInt(),
                !three,
                three,
                Set.of(j.get("eos_token_id").asInt()));
    }
}
