package org.rlvr4j.model.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Json;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.ModelConfig.Family;
import org.rlvr4j.tensor.Require;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Reader and writer of a checkpoint's {@code config.json}, which refuses a model that is not supported. */
public final class ConfigFile {

    private static final String FILE = "config.json";
    private static final String STOP = "eos_token_id";
    private static final int QWEN3_HEAD_SIZE = 128; // Transformers' value where the file has none

    private static final List<String> WHOLE_NUMBERS = List.of(
            "hidden_size",
            "intermediate_size",
            "num_hidden_layers",
            "num_attention_heads",
            "num_key_value_heads",
            "head_dim",
            "vocab_size",
            "max_position_embeddings");

    /** Fields that a written file takes from the record, or that describe how the file read was stored. */
    private static final Set<String> RECORDED = Set.of(
            "model_type",
            "architectures",
            "hidden_size",
            "intermediate_size",
            "num_hidden_layers",
            "num_attention_heads",
            "num_key_value_heads",
            "head_dim",
            "rms_norm_eps",
            "rope_theta",
            "vocab_size",
            "tie_word_embeddings",
            "max_position_embeddings",
            STOP,
            "bos_token_id",
            "pad_token_id",
            "hidden_act",
            "attention_bias",
            "mlp_bias",
            "use_sliding_window",
            "torch_dtype",
            "dtype");

    private ConfigFile() {}

    /**
     * Reads {@code config.json}, and the stop tokens of {@code generation_config.json} if there is one.
     *
     * @param folder folder of the checkpoint
     * @throws IllegalArgumentException if the model would not run as it was trained; the message names the setting
     */
    public static ModelConfig read(Path folder) {
        Path file = folder.resolve(FILE);
        Path generation = folder.resolve("generation_config.json");
        JsonNode json = Json.read(file);
        JsonNode stop = Files.exists(generation) ? Json.read(generation).path(STOP) : json.path("");
        requireTokens(stop, generation);
        requireTokens(json.path(STOP), file);
        try {
            Require.that(json.isObject(), "it must hold an object");
            Family family = family(json);
            requireSupported(json, family);
            Map<String, @Nullable Object> others = otherFields(json);
            ObjectNode completed = completed((ObjectNode) json, family);
            requireTypes(completed);
            return config(completed, family, stop.isMissingNode() ? json.path(STOP) : stop, others);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + Json.shown(e.getMessage()), e);
        }
    }

    private static ModelConfig config(
            JsonNode json, Family family, JsonNode stop, Map<String, @Nullable Object> otherFields) {
        boolean attentionBias = json.path("attention_bias").booleanValue();
        boolean mlpBias = json.path("mlp_bias").booleanValue();
        return new ModelConfig(
                family,
                json.path("hidden_size").intValue(),
                json.path("intermediate_size").intValue(),
                json.path("num_hidden_layers").intValue(),
                json.path("num_attention_heads").intValue(),
                json.path("num_key_value_heads").intValue(),
                json.path("head_dim").intValue(),
                json.path("rms_norm_eps").doubleValue(),
                json.path("rope_theta").doubleValue(),
                json.path("vocab_size").intValue(),
                json.path("tie_word_embeddings").booleanValue(),
                json.path("max_position_embeddings").intValue(),
                tokens(stop),
                token(json.path("bos_token_id")),
                token(json.path("pad_token_id")),
                family.variant(attentionBias, mlpBias, RopeFields.scaling(json)),
                otherFields);
    }

    private static List<Integer> tokens(JsonNode stop) {
        return stop.isArray()
                ? stop.valueStream().map(JsonNode::intValue).toList()
                : stop.isNumber() ? List.of(stop.intValue()) : List.of();
    }

    private static @Nullable Integer token(JsonNode value) {
        return value.isNumber() ? (Integer) value.intValue() : null;
    }

    private static Map<String, @Nullable Object> otherFields(JsonNode json) {
        var others = new LinkedHashMap<String, @Nullable Object>();
        for (Map.Entry<String, JsonNode> field : json.properties()) {
            if (!RECORDED.contains(field.getKey())) {
                others.put(field.getKey(), Json.MAPPER.convertValue(field.getValue(), Object.class));
            }
        }
        return others;
    }

    /**
     * Writes a {@code config.json} with which Transformers loads the model, and makes the folder if there is none. Fields
     * of the file from which the configuration was read are kept.
     *
     * @param config shape of the model
     * @param folder folder to write to
     * @param dtype  element type of the stored weights
     */
    public static void write(ModelConfig config, Path folder, Safetensors.Dtype dtype) {
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the folder " + folder + ": " + e.getMessage(), e);
        }
        Json.write(folder.resolve(FILE), json(config, dtype));
    }

    /**
     * The text of a {@code config.json} for a model in single precision.
     *
     * @param config shape of the model
     */
    public static String text(ModelConfig config) {
        return Json.MAPPER.writeValueAsString(json(config, Safetensors.Dtype.F32));
    }

    private static ObjectNode json(ModelConfig config, Safetensors.Dtype dtype) {
        ObjectNode json = Json.MAPPER.createObjectNode();
        json.put("model_type", config.family().modelType());
        json.put("hidden_size", config.hiddenSize());
        json.put("intermediate_size", config.mlpSize());
        json.put("num_hidden_layers", config.layers());
        json.put("num_attention_heads", config.heads());
        json.put("num_key_value_heads", config.keyValueHeads());
        json.put("head_dim", config.headSize());
        json.put("rms_norm_eps", config.normEpsilon());
        json.put("rope_theta", config.ropeTheta());
        json.put("vocab_size", config.vocabularySize());
        json.put("tie_word_embeddings", config.tiedEmbeddings());
        json.put("max_position_embeddings", config.maxPositions());
        List<Integer> stop = config.stopTokens();
        json.set(STOP, Json.MAPPER.valueToTree(stop.size() == 1 ? stop.getFirst() : stop));
        putToken(json, "bos_token_id", config.beginToken(), config.family());
        putToken(json, "pad_token_id", config.padToken(), config.family());
        json.putArray("architectures").add(config.family().modelClass());
        json.put("hidden_act", "silu");
        putFamily(json, config);
        json.put("torch_dtype", dtype == Safetensors.Dtype.BF16 ? "bfloat16" : "float32");
        config.otherFields().forEach((field, value) -> json.set(field, Json.MAPPER.valueToTree(value)));
        RopeFields.put(json, config.variant().ropeScaling());
        return json;
    }

    /** Writes a token, or where it is none and Transformers would take its family's default, null. */
    private static void putToken(ObjectNode json, String field, @Nullable Integer token, Family family) {
        if (token != null || family == Family.LLAMA || family == Family.MISTRAL) {
            json.put(field, token);
        }
    }

    /** Writes the fields that only some families have. */
    private static void putFamily(ObjectNode json, ModelConfig config) {
        ModelConfig.Variant variant = config.variant();
        switch (config.family()) {
            case QWEN2 -> json.put("attention_bias", true).put("use_sliding_window", false);
            case QWEN3 -> json.put("attention_bias", variant.outputBias()).put("use_sliding_window", false);
            case LLAMA -> json.put("attention_bias", variant.outputBias()).put("mlp_bias", variant.mlpBias());
            case MISTRAL -> json.putNull("sliding_window");
        }
    }

    private static Family family(JsonNode json) {
        JsonNode type = json.path("model_type");
        return Arrays.stream(Family.values())
                .filter(family -> family.modelType().equals(type.asString("")))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unsupported model_type " + type + " (supported are "
                        + Arrays.stream(Family.values()).map(Family::modelType).collect(Collectors.joining(", "))
                        + ")"));
    }

    private static void requireSupported(JsonNode json, Family family) {
        requireSetting(json, "/architectures/0", family.modelClass());
        requireSetting(json, "/hidden_act", "silu");
        requireFullAttention(json, family);
        requireSetting(json, "/partial_rotary_factor", "1.0", "1");
        Require.that(json.path("quantization_config").isEmpty(), "unsupported quantization_config");
    }

    private static void requireFullAttention(JsonNode json, Family family) {
        requireSetting(json, "/use_sliding_window", "false");
        for (JsonNode layer : json.path("layer_types")) {
            Require.that(layer.asString("").equals("full_attention"), "unsupported layer_types " + layer);
        }
        JsonNode window = json.path("sliding_window");
        Require.that(
                family != Family.MISTRAL || window.isNull(),
                "unsupported sliding_window "
                        + (window.isMissingNode() ? "by its absence, which means 4096" : window)
                        + ": set it to null if no sequence will be longer than the window");
    }

    /** Refuses stop tokens that are neither a token nor a list of tokens. */
    private static void requireTokens(JsonNode stop, Path file) {
        boolean isAbsent = stop.isMissingNode() || stop.isNull();
        boolean areTokens =
                stop.isArray() ? stop.valueStream().allMatch(ConfigFile::isWholeNumber) : isWholeNumber(stop);
        if (!isAbsent && !areTokens) {
            throw new IllegalArgumentException(
                    file + ": " + STOP + " must be a token id, or a list of token ids, not " + Json.shown(stop));
        }
    }

    /** Refuses a field that is missing or of another type, in words of the file. */
    private static void requireTypes(JsonNode json) {
        WHOLE_NUMBERS.forEach(field -> requireType(json, field, "a whole number", ConfigFile::isWholeNumber));
        List.of("rms_norm_eps", "rope_theta")
                .forEach(field -> requireType(json, field, "a number", JsonNode::isNumber));
        List.of("tie_word_embeddings", "attention_bias", "mlp_bias")
                .forEach(field -> requireType(json, field, "true or false", JsonNode::isBoolean));
        List.of("bos_token_id", "pad_token_id")
                .forEach(field -> requireType(
                        json, field, "a token id or null", value -> value.isNull() || isWholeNumber(value)));
    }

    private static void requireType(JsonNode json, String field, String type, Predicate<JsonNode> isOfType) {
        JsonNode value = json.path(field);
        Require.that(
                !value.isMissingNode(), field + " is missing: set it to " + type + ", as the model was trained with");
        Require.that(isOfType.test(value), field + " must be " + type + ", not " + value);
    }

    static boolean isWholeNumber(JsonNode value) {
        return value.isIntegralNumber() && value.canConvertToInt();
    }

    /** The configuration completed with the values that other fields, or their absence, imply. */
    private static ObjectNode completed(ObjectNode json, Family family) {
        RopeFields.completeTheta(json, family);
        JsonNode heads = json.path("num_attention_heads");
        if (json.path("num_key_value_heads").isNull() || (family == Family.LLAMA && !json.has("num_key_value_heads"))) {
            json.set("num_key_value_heads", heads);
        }
        if (!json.path("head_dim").isNumber()) {
            boolean isQwen3Default = family == Family.QWEN3 && !json.has("head_dim");
            int size = json.path("hidden_size").asInt(0) / Math.max(heads.asInt(0), 1);
            json.put("head_dim", isQwen3Default ? QWEN3_HEAD_SIZE : size);
        }
        json.putIfAbsent("tie_word_embeddings", json.booleanNode(false));
        for (String field : List.of("attention_bias", "mlp_bias")) {
            if (!json.hasNonNull(field)) {
                json.put(field, false);
            }
        }
        json.putIfAbsent("bos_token_id", json.nullNode());
        json.putIfAbsent("pad_token_id", json.nullNode());
        return json;
    }

    static void requireSetting(JsonNode json, String pointer, String supported, String... alsoSupported) {
        JsonNode value = json.at(pointer);
        Require.that(
                value.isMissingNode()
                        || value.isNull()
                        || value.asString("").equals(supported)
                        || List.of(alsoSupported).contains(value.asString("")),
                "unsupported " + pointer.substring(1).replace('/', '.') + " " + value + " (supported is " + supported
                        + ")");
    }
}
