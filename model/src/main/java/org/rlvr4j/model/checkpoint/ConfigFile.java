package org.rlvr4j.model.checkpoint;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;
import org.rlvr4j.model.Json;
import org.rlvr4j.model.QwenConfig;
import org.rlvr4j.tensor.Require;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.node.ObjectNode;

/** Reader and writer of a checkpoint's {@code config.json}, which refuses a model that is not supported. */
public final class ConfigFile {

    private static final String FILE = "config.json";
    private static final String STOP = "eos_token_id";

    private static final List<String> WHOLE_NUMBERS = List.of(
            "hidden_size",
            "intermediate_size",
            "num_hidden_layers",
            "num_attention_heads",
            "num_key_value_heads",
            "head_dim",
            "vocab_size",
            "max_position_embeddings");

    private static final ObjectReader READER = Json.MAPPER
            .readerFor(QwenConfig.class)
            .with(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .with(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private ConfigFile() {}

    /**
     * Reads {@code config.json}, and the stop tokens of {@code generation_config.json} if there is one.
     *
     * @param folder folder of the checkpoint
     * @throws IllegalArgumentException if the model would not run as it was trained; the message names the setting
     */
    public static QwenConfig read(Path folder) {
        Path file = folder.resolve(FILE);
        Path generation = folder.resolve("generation_config.json");
        JsonNode json = Json.read(file);
        JsonNode stop = Files.exists(generation) ? Json.read(generation).path(STOP) : json.path("");
        requireTokens(stop, generation);
        requireTokens(json.path(STOP), file);
        try {
            Require.that(json.isObject(), "it must hold an object");
            requireSupported(json);
            ObjectNode completed = completed((ObjectNode) json, stop.isMissingNode() ? json.path(STOP) : stop);
            requireTypes(completed);
            return READER.readValue(completed);
        } catch (JacksonException e) {
            String reason = e.getCause() instanceof IllegalArgumentException invalid
                    ? String.valueOf(invalid.getMessage())
                    : "it cannot be read as the configuration of a Qwen model";
            throw new IllegalArgumentException(file + ": " + Json.shown(reason), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + Json.shown(e.getMessage()), e);
        }
    }

    /**
     * Writes a {@code config.json} with which Transformers loads the model, and makes the folder if there is none.
     *
     * @param config shape of the model
     * @param folder folder to write to
     * @param dtype  element type of the stored weights
     */
    public static void write(QwenConfig config, Path folder, Safetensors.Dtype dtype) {
        ObjectNode json = Json.MAPPER.valueToTree(config);
        json.putArray("architectures").add(config.architecture().modelClass());
        json.put("hidden_act", "silu");
        json.put("attention_bias", config.qkvBias());
        json.put("use_sliding_window", false);
        json.put("torch_dtype", dtype == Safetensors.Dtype.BF16 ? "bfloat16" : "float32");
        try {
            Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make the folder " + folder + ": " + e.getMessage(), e);
        }
        Json.write(folder.resolve(FILE), json);
    }

    private static void requireSupported(JsonNode json) {
        String type = json.path("model_type").asString("");
        Require.that(Set.of("qwen2", "qwen3").contains(type), "unsupported model_type " + json.path("model_type"));
        requireSetting(
                json,
                "/architectures/0",
                (type.equals("qwen2") ? QwenConfig.Architecture.QWEN2 : QwenConfig.Architecture.QWEN3).modelClass());
        requireSetting(json, "/hidden_act", "silu");
        requireSetting(json, "/use_sliding_window", "false");
        requireDefaultRope(json, "rope_scaling");
        requireDefaultRope(json, "rope_parameters");
        if (type.equals("qwen3")) {
            requireSetting(json, "/attention_bias", "false"); // it would give the output projection a bias, too
        }
        for (JsonNode layer : json.path("layer_types")) {
            Require.that(layer.asString("").equals("full_attention"), "unsupported layer_types " + layer);
        }
        Require.that(json.path("quantization_config").isEmpty(), "unsupported quantization_config");
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
        requireType(json, "tie_word_embeddings", "true or false", JsonNode::isBoolean);
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

    private static boolean isWholeNumber(JsonNode value) {
        return value.isIntegralNumber() && value.canConvertToInt();
    }

    /** The configuration completed with the values that other fields imply. */
    private static ObjectNode completed(ObjectNode json, JsonNode stopTokens) {
        JsonNode theta = json.at("/rope_parameters/rope_theta");
        if (!theta.isMissingNode()) {
            json.set("rope_theta", theta);
        }
        if (!json.path("head_dim").isNumber()) {
            json.put(
                    "head_dim",
                    json.path("hidden_size").asInt(0)
                            / Math.max(json.path("num_attention_heads").asInt(0), 1));
        }
        json.set(STOP, stopTokens.isMissingNode() || stopTokens.isNull() ? json.arrayNode() : stopTokens);
        json.putIfAbsent("tie_word_embeddings", json.booleanNode(false));
        json.putIfAbsent("bos_token_id", json.nullNode());
        json.putIfAbsent("pad_token_id", json.nullNode());
        return json;
    }

    /** Refuses stretched positions, such as YaRN: they are named in one of two fields, or known by their factor alone. */
    private static void requireDefaultRope(JsonNode json, String field) {
        requireSetting(json, "/" + field + "/rope_type", "default");
        requireSetting(json, "/" + field + "/type", "default");
        JsonNode factor = json.path(field).path("factor");
        Require.that(factor.isMissingNode() || factor.isNull(), "unsupported " + field + ".factor " + factor);
    }

    private static void requireSetting(JsonNode json, String pointer, String supported) {
        JsonNode value = json.at(pointer);
        Require.that(
                value.isMissingNode() || value.isNull() || value.asString("").equals(supported),
                "unsupported " + pointer.substring(1).replace('/', '.') + " " + value + " (supported is " + supported
                        + ")");
    }
}
