package org.rlvr4j.model;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Parameters;
import org.rlvr4j.tensor.Shape;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.node.ObjectNode;

/**
 * The shape of a Qwen2 or Qwen3 model, as {@code config.json} of a Hugging Face checkpoint has it.
 *
 * @param architecture    which of the two families
 * @param hiddenSize      C, width of the residual stream
 * @param mlpSize         I, width inside the MLP
 * @param layers          number of blocks
 * @param heads           H, query heads
 * @param keyValueHeads   G, heads of keys and values; divides H
 * @param headSize        D, width of a head
 * @param normEpsilon     added to the mean square in RMSNorm
 * @param ropeTheta       base of the rotary frequencies
 * @param vocabularySize  V, rows of the embedding
 * @param tiedEmbeddings  whether the output matrix is the embedding
 * @param maxPositions    longest sequence the model was made for
 * @param stopTokens      ids that end a completion
 * @param beginToken      id that begins a text, if any
 * @param padToken        id that pads a batch, if any
 */
public record QwenConfig(
        @JsonProperty("model_type") Architecture architecture,
        @JsonProperty("hidden_size") int hiddenSize,
        @JsonProperty("intermediate_size") int mlpSize,
        @JsonProperty("num_hidden_layers") int layers,
        @JsonProperty("num_attention_heads") int heads,
        @JsonProperty("num_key_value_heads") int keyValueHeads,
        @JsonProperty("head_dim") int headSize,
        @JsonProperty("rms_norm_eps") double normEpsilon,
        @JsonProperty("rope_theta") double ropeTheta,
        @JsonProperty("vocab_size") int vocabularySize,
        @JsonProperty("tie_word_embeddings") boolean tiedEmbeddings,
        @JsonProperty("max_position_embeddings") int maxPositions,

        @JsonProperty("eos_token_id")
        @JsonFormat(
                with = {
                    JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY,
                    JsonFormat.Feature.WRITE_SINGLE_ELEM_ARRAYS_UNWRAPPED
                })
        List<Integer> stopTokens,

        @JsonProperty("bos_token_id") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
        Integer beginToken,

        @JsonProperty("pad_token_id") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable
        Integer padToken) {

    private static final String FILE = "config.json";
    private static final int MAX_SIZE = 1 << 24; // of anything, for products of two to be sizes; Qwen's are below 2^18
    private static final int MAX_LAYERS = 1_000;

    private static final ObjectReader READER = Json.MAPPER
            .readerFor(QwenConfig.class)
            .with(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
            .with(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    public QwenConfig {
        stopTokens = List.copyOf(stopTokens);
        requireSize("hidden_size", hiddenSize, MAX_SIZE);
        requireSize("intermediate_size", mlpSize, MAX_SIZE);
        requireSize("num_hidden_layers", layers, MAX_LAYERS);
        requireSize("num_attention_heads", heads, MAX_SIZE);
        requireSize("num_key_value_heads", keyValueHeads, MAX_SIZE);
        requireSize("head_dim", headSize, MAX_SIZE / heads);
        requirePositive("rms_norm_eps", normEpsilon);
        requirePositive("rope_theta", ropeTheta);
        requireSize("vocab_size", vocabularySize, MAX_SIZE);
        requireSize("max_position_embeddings", maxPositions, Integer.MAX_VALUE);
        require(
                heads % keyValueHeads == 0,
                "num_key_value_heads " + keyValueHeads + " must divide " + heads + " heads");
        require(headSize % 2 == 0, "head_dim must be even for rotary positions, not " + headSize);
        for (int token : stopTokens) {
            require(token >= 0 && token < vocabularySize, "eos_token_id " + token + " is not in the vocabulary");
        }
    }

    /**
     * Reads {@code config.json}, and the stop tokens of {@code generation_config.json} if there is one.
     *
     * @throws IllegalArgumentException if the model is of a kind that would not be run as it was trained, naming it
     */
    public static QwenConfig load(Path folder) {
        Path file = folder.resolve(FILE);
        Path generation = folder.resolve("generation_config.json");
        JsonNode json = Json.read(file);
        JsonNode stop = Files.exists(generation) ? Json.read(generation).path("eos_token_id") : json.path("");
        try {
            require(json.isObject(), "it must hold an object");
            requireSupported(json);
            return READER.readValue(
                    completed((ObjectNode) json, stop.isMissingNode() ? json.path("eos_token_id") : stop));
        } catch (JacksonException e) {
            String reason = e.getCause() instanceof IllegalArgumentException invalid
                    ? String.valueOf(invalid.getMessage())
                    : e.getOriginalMessage();
            throw new IllegalArgumentException(file + ": " + Json.shown(reason), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + Json.shown(e.getMessage()), e);
        }
    }

    /** Writes a {@code config.json} with which Transformers loads the model; {@code dtype} is how its weights are stored. */
    public void write(Path folder, Safetensors.Dtype dtype) {
        ObjectNode json = Json.MAPPER.valueToTree(this);
        json.putArray("architectures").add(architecture.modelClass());
        json.put("hidden_act", "silu");
        json.put("attention_bias", qkvBias());
        json.put("use_sliding_window", false);
        json.put("torch_dtype", dtype == Safetensors.Dtype.BF16 ? "bfloat16" : "float32");
        Json.write(folder.resolve(FILE), json);
    }

    /** Whether the projections to queries, keys and values have a bias. */
    public boolean qkvBias() {
        return architecture == Architecture.QWEN2;
    }

    /** Whether queries and keys are normalised head by head. */
    public boolean qkNorm() {
        return architecture == Architecture.QWEN3;
    }

    /** H * D, width of all queries together. */
    int querySize() {
        return heads * headSize;
    }

    /** G * D, width of all keys, or values, together. */
    int keyValueSize() {
        return keyValueHeads * headSize;
    }

    /** Every weight by its name in Hugging Face checkpoints. */
    public List<Parameters.Spec> weights() {
        var specs = new ArrayList<Parameters.Spec>();
        add(specs, "model.embed_tokens.weight", vocabularySize, hiddenSize);
        for (int i = 0; i < layers; i++) {
            String layer = "model.layers." + i + ".";
            add(specs, layer + "input_layernorm.weight", hiddenSize, 1);
            for (String projection : List.of("q", "k", "v")) {
                String name = layer + "self_attn." + projection + "_proj.";
                int size = projection.equals("q") ? querySize() : keyValueSize();
                add(specs, name + "weight", size, hiddenSize);
                if (qkvBias()) {
                    add(specs, name + "bias", size, 1);
                }
            }
            if (qkNorm()) {
                add(specs, layer + "self_attn.q_norm.weight", headSize, 1);
                add(specs, layer + "self_attn.k_norm.weight", headSize, 1);
            }
            add(specs, layer + "self_attn.o_proj.weight", hiddenSize, querySize());
            add(specs, layer + "post_attention_layernorm.weight", hiddenSize, 1);
            add(specs, layer + "mlp.gate_proj.weight", mlpSize, hiddenSize);
            add(specs, layer + "mlp.up_proj.weight", mlpSize, hiddenSize);
            add(specs, layer + "mlp.down_proj.weight", hiddenSize, mlpSize);
        }
        add(specs, "model.norm.weight", hiddenSize, 1);
        if (!tiedEmbeddings) {
            add(specs, "lm_head.weight", vocabularySize, hiddenSize);
        }
        return specs;
    }

    private static void add(List<Parameters.Spec> specs, String name, int rows, int cols) {
        specs.add(new Parameters.Spec(name, new Shape(rows, cols), isMatrix(name)));
    }

    /** Whether a weight is a matrix, which lies in panels, rather than a bias or the scale of a norm. */
    static boolean isMatrix(String name) {
        return name.endsWith("weight") && !name.contains("norm");
    }

    private static void requireSupported(JsonNode json) {
        String type = json.path("model_type").asString("");
        require(Set.of("qwen2", "qwen3").contains(type), "unsupported model_type " + json.path("model_type"));
        requireSetting(
                json,
                "/architectures/0",
                (type.equals("qwen2") ? Architecture.QWEN2 : Architecture.QWEN3).modelClass());
        requireSetting(json, "/hidden_act", "silu");
        requireSetting(json, "/use_sliding_window", "false");
        requireDefaultRope(json, "rope_scaling");
        requireDefaultRope(json, "rope_parameters");
        if (type.equals("qwen3")) {
            requireSetting(json, "/attention_bias", "false"); // which would give the output projection a bias, too
        }
        for (JsonNode layer : json.path("layer_types")) {
            require(layer.asString("").equals("full_attention"), "unsupported layer_types " + layer);
        }
        require(json.path("quantization_config").isEmpty(), "unsupported quantization_config");
    }

    /** With the values that other fields imply. */
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
        json.set("eos_token_id", stopTokens.isMissingNode() || stopTokens.isNull() ? json.arrayNode() : stopTokens);
        json.putIfAbsent("tie_word_embeddings", json.booleanNode(false));
        json.putIfAbsent("bos_token_id", json.nullNode());
        json.putIfAbsent("pad_token_id", json.nullNode());
        return json;
    }

    /** What stretches positions, such as YaRN, is named in one of two places, or known by its factor alone. */
    private static void requireDefaultRope(JsonNode json, String field) {
        requireSetting(json, "/" + field + "/rope_type", "default");
        requireSetting(json, "/" + field + "/type", "default");
        JsonNode factor = json.path(field).path("factor");
        require(factor.isMissingNode() || factor.isNull(), "unsupported " + field + ".factor " + factor);
    }

    private static void requireSetting(JsonNode json, String pointer, String supported) {
        JsonNode value = json.at(pointer);
        require(
                value.isMissingNode() || value.isNull() || value.asString("").equals(supported),
                "unsupported " + pointer.substring(1).replace('/', '.') + " " + value + " (supported is " + supported
                        + ")");
    }

    private static void requireSize(String field, int value, int most) {
        requirePositive(field, value);
        require(value <= most, field + " must be at most " + most + ", not " + value);
    }

    private static void requirePositive(String field, double value) {
        require(value > 0 && Double.isFinite(value), field + " must be positive, not " + value);
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }

    /** The family of models. */
    public enum Architecture {
        /** Biases on queries, keys and values. */
        @JsonProperty("qwen2")
        QWEN2,
        /** No biases; normalised queries and keys. */
        @JsonProperty("qwen3")
        QWEN3;

        String modelClass() {
            return this == QWEN2 ? "Qwen2ForCausalLM" : "Qwen3ForCausalLM";
        }
    }
}
