package org.rlvr4j.model;

import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Parameters;
import org.rlvr4j.tensor.Require;
import org.rlvr4j.tensor.Shape;

/**
 * Configuration of a Qwen2 or Qwen3 model, as in {@code config.json} of a Hugging Face checkpoint.
 *
 * @param architecture    model family, Qwen2 or Qwen3
 * @param hiddenSize      C, width of the residual stream
 * @param mlpSize         I, width inside the MLP
 * @param layers          number of blocks
 * @param heads           H, query heads
 * @param keyValueHeads   G, heads of keys and values; divides H
 * @param headSize        D, width of a head
 * @param normEpsilon     number added to the mean square in RMSNorm
 * @param ropeTheta       base of the rotary frequencies
 * @param vocabularySize  V, rows of the embedding
 * @param tiedEmbeddings  whether the output matrix is the embedding
 * @param maxPositions    length in tokens of the longest sequence that the model was made for
 * @param stopTokens      token ids that end a completion
 * @param beginToken      token id that begins a text, if any
 * @param padToken        token id that pads a batch, if any
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

    private static final int MAX_SIZE = 1 << 24; // any dimension: products of two must be sizes; Qwen's are below 2^18
    private static final int MAX_LAYERS = 1_000;

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
        Require.that(
                heads % keyValueHeads == 0,
                "num_key_value_heads " + keyValueHeads + " must divide " + heads + " heads");
        Require.that(headSize % 2 == 0, "head_dim must be even for rotary positions, not " + headSize);
        for (int token : stopTokens) {
            Require.that(token >= 0 && token < vocabularySize, "eos_token_id " + token + " is not in the vocabulary");
        }
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

    /** Specs of all weights, named as in Hugging Face checkpoints. */
    public List<Parameters.Spec> weights() {
        var specs = new ArrayList<Parameters.Spec>();
        specs.add(matrix("model.embed_tokens.weight", vocabularySize, hiddenSize));
        for (int i = 0; i < layers; i++) {
            String layer = "model.layers." + i + ".";
            specs.add(scale(layer + "input_layernorm.weight", hiddenSize));
            for (String projection : List.of("q", "k", "v")) {
                String name = layer + "self_attn." + projection + "_proj.";
                int size = projection.equals("q") ? querySize() : keyValueSize();
                specs.add(matrix(name + "weight", size, hiddenSize));
                if (qkvBias()) {
                    specs.add(bias(name + "bias", size));
                }
            }
            if (qkNorm()) {
                specs.add(scale(layer + "self_attn.q_norm.weight", headSize));
                specs.add(scale(layer + "self_attn.k_norm.weight", headSize));
            }
            specs.add(matrix(layer + "self_attn.o_proj.weight", hiddenSize, querySize()));
            specs.add(scale(layer + "post_attention_layernorm.weight", hiddenSize));
            specs.add(matrix(layer + "mlp.gate_proj.weight", mlpSize, hiddenSize));
            specs.add(matrix(layer + "mlp.up_proj.weight", mlpSize, hiddenSize));
            specs.add(matrix(layer + "mlp.down_proj.weight", hiddenSize, mlpSize));
        }
        specs.add(scale("model.norm.weight", hiddenSize));
        if (!tiedEmbeddings) {
            specs.add(matrix("lm_head.weight", vocabularySize, hiddenSize));
        }
        return specs;
    }

    private static Parameters.Spec matrix(String name, int rows, int cols) {
        return new Parameters.Spec(name, new Shape(rows, cols), Parameters.Kind.MATRIX);
    }

    private static Parameters.Spec scale(String name, int size) {
        return new Parameters.Spec(name, new Shape(size, 1), Parameters.Kind.SCALE);
    }

    private static Parameters.Spec bias(String name, int size) {
        return new Parameters.Spec(name, new Shape(size, 1), Parameters.Kind.BIAS);
    }

    private static void requireSize(String field, int value, int max) {
        requirePositive(field, value);
        Require.that(value <= max, field + " must be at most " + max + ", not " + value);
    }

    private static void requirePositive(String field, double value) {
        Require.that(value > 0 && Double.isFinite(value), field + " must be positive, not " + value);
    }

    /** The family of models. */
    public enum Architecture {
        /** Biases on queries, keys and values. */
        @JsonProperty("qwen2")
        QWEN2,
        /** No biases; normalised queries and keys. */
        @JsonProperty("qwen3")
        QWEN3;

        /** Name of the class in Transformers that runs this family. */
        public String modelClass() {
            return this == QWEN2 ? "Qwen2ForCausalLM" : "Qwen3ForCausalLM";
        }
    }
}
