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

    public static QwenConfig qwen2(
            int hiddenSize,
            int mlpSize,
            int layers,
            int heads,
            int keyValueHeads,
            int vocabularySize,
            int maxPositions,
            double ropeTheta,
            double normEpsilon,
            Set<Integer> stopTokens) {
        return new QwenConfig(
                "qwen2",
                hiddenSize,
                mlpSize,
                layers,
                heads,
                keyValueHeads,
                hiddenSize / heads,
                normEpsilon,
                ropeTheta,
                vocabularySize,
                true,
                maxPositions,
                true,
                false,
                stopTokens);
    }

    public void save(Path folder) {
        var j = new JsonMapper()
                .createObjectNode()
                .put("model_type", modelType)
                .put("hidden_size", hiddenSize)
                .put("intermediate_size", mlpSize)
                .put("num_hidden_layers", layers)
                .put("num_attention_heads", heads)
                .put("num_key_value_heads", keyValueHeads)
                .put("rms_norm_eps", normEpsilon)
                .put("rope_theta", ropeTheta)
                .put("vocab_size", vocabularySize)
                .put("tie_word_embeddings", tiedEmbeddings)
                .put("max_position_embeddings", maxPositions)
                .put("eos_token_id", stopTokens.iterator().next());
        new JsonMapper().writeValue(folder.resolve("config.json").toFile(), j);
    }

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
