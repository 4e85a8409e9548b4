package org.rlvr4j.model;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Parameters;
import org.rlvr4j.tensor.Require;
import org.rlvr4j.tensor.Shape;

/**
 * Configuration of a dense decoder, as in {@code config.json} of a Hugging Face checkpoint.
 *
 * @param family         family of models
 * @param hiddenSize     C, width of the residual stream
 * @param mlpSize        I, width inside the MLP
 * @param layers         number of blocks
 * @param heads          H, query heads
 * @param keyValueHeads  G, heads of keys and values; divides H
 * @param headSize       D, width of a head
 * @param normEpsilon    number added to the mean square in RMSNorm
 * @param ropeTheta      base of the rotary frequencies
 * @param vocabularySize V, rows of the embedding
 * @param tiedEmbeddings whether the output matrix is the embedding
 * @param maxPositions   length in tokens of the longest sequence that the model was made for
 * @param stopTokens     token ids that end a completion
 * @param beginToken     token id that begins a text, if any
 * @param padToken       token id that pads a batch, if any
 * @param variant        in what the layers differ from those of another family
 * @param otherFields    fields of {@code config.json} that stand for none of these numbers, such as
 *                       {@code initializer_range}, and the rotary scaling as it was spelled; they are written again
 */
public record ModelConfig(
        Family family,
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
        List<Integer> stopTokens,
        @Nullable Integer beginToken,
        @Nullable Integer padToken,
        Variant variant,
        Map<String, @Nullable Object> otherFields) {

    private static final int MAX_SIZE = 1 << 24; // any dimension: products of two must be sizes; Qwen's are below 2^18
    private static final int MAX_LAYERS = 1_000;

    public ModelConfig {
        stopTokens = List.copyOf(stopTokens);
        otherFields = Collections.unmodifiableMap(new LinkedHashMap<>(otherFields));
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
        Require.that(
                variant.equals(family.variant(variant.outputBias, variant.mlpBias, variant.ropeScaling)),
                "a model of the family " + family.modelType() + " cannot have " + variant);
    }

    /**
     * A model as its family usually is, without scaled rotary positions.
     *
     * @param family         family of models
     * @param hiddenSize     C, width of the residual stream
     * @param mlpSize        I, width inside the MLP
     * @param layers         number of blocks
     * @param heads          H, query heads
     * @param keyValueHeads  G, heads of keys and values; divides H
     * @param headSize       D, width of a head
     * @param normEpsilon    number added to the mean square in RMSNorm
     * @param ropeTheta      base of the rotary frequencies
     * @param vocabularySize V, rows of the embedding
     * @param tiedEmbeddings whether the output matrix is the embedding
     * @param maxPositions   length in tokens of the longest sequence that the model is made for
     * @param stopTokens     token ids that end a completion
     * @param beginToken     token id that begins a text, if any
     * @param padToken       token id that pads a batch, if any
     */
    public ModelConfig(
            Family family,
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
            List<Integer> stopTokens,
            @Nullable Integer beginToken,
            @Nullable Integer padToken) {
        this(
                family,
                hiddenSize,
                mlpSize,
                layers,
                heads,
                keyValueHeads,
                headSize,
                normEpsilon,
                ropeTheta,
                vocabularySize,
                tiedEmbeddings,
                maxPositions,
                stopTokens,
                beginToken,
                padToken,
                family.variant(false, false, new RopeScaling.None()),
                Map.of());
    }

    /**
     * This model with other layers.
     *
     * @param other variant in place of the present one
     */
    public ModelConfig with(Variant other) {
        return new ModelConfig(
                family,
                hiddenSize,
                mlpSize,
                layers,
                heads,
                keyValueHeads,
                headSize,
                normEpsilon,
                ropeTheta,
                vocabularySize,
                tiedEmbeddings,
                maxPositions,
                stopTokens,
                beginToken,
                padToken,
                other,
                otherFields);
    }

    /** H * D, width of all queries together. */
    int querySize() {
        return heads * headSize;
    }

    /** G * D, width of all keys, or values, together. */
    int keyValueSize() {
        return keyValueHeads * headSize;
    }

    /** Width of the widest input or output of a layer's matrices. */
    int widestSize() {
        return Math.max(Math.max(mlpSize, hiddenSize), querySize());
    }

    /** Specs of all weights, named as in Hugging Face checkpoints. */
    public List<Parameters.Spec> weights() {
        var specs = new ArrayList<Parameters.Spec>();
        specs.add(matrix("model.embed_tokens.", vocabularySize, hiddenSize));
        for (int i = 0; i < layers; i++) {
            String layer = "model.layers." + i + ".";
            String attention = layer + "self_attn.";
            specs.add(scale(layer + "input_layernorm.", hiddenSize));
            addProjection(specs, attention + "q_proj.", querySize(), hiddenSize, variant.qkvBias);
            addProjection(specs, attention + "k_proj.", keyValueSize(), hiddenSize, variant.qkvBias);
            addProjection(specs, attention + "v_proj.", keyValueSize(), hiddenSize, variant.qkvBias);
            if (variant.qkNorm) {
                specs.add(scale(attention + "q_norm.", headSize));
                specs.add(scale(attention + "k_norm.", headSize));
            }
            addProjection(specs, attention + "o_proj.", hiddenSize, querySize(), variant.outputBias);
            specs.add(scale(layer + "post_attention_layernorm.", hiddenSize));
            addProjection(specs, layer + "mlp.gate_proj.", mlpSize, hiddenSize, variant.mlpBias);
            addProjection(specs, layer + "mlp.up_proj.", mlpSize, hiddenSize, variant.mlpBias);
            addProjection(specs, layer + "mlp.down_proj.", hiddenSize, mlpSize, variant.mlpBias);
        }
        specs.add(scale("model.norm.", hiddenSize));
        if (!tiedEmbeddings) {
            specs.add(matrix("lm_head.", vocabularySize, hiddenSize));
        }
        return specs;
    }

    private static void addProjection(List<Parameters.Spec> specs, String name, int rows, int cols, boolean biased) {
        specs.add(matrix(name, rows, cols));
        if (biased) {
            specs.add(new Parameters.Spec(name + "bias", new Shape(rows, 1), Parameters.Kind.BIAS));
        }
    }

    private static Parameters.Spec matrix(String name, int rows, int cols) {
        return new Parameters.Spec(name + "weight", new Shape(rows, cols), Parameters.Kind.MATRIX);
    }

    private static Parameters.Spec scale(String name, int size) {
        return new Parameters.Spec(name + "weight", new Shape(size, 1), Parameters.Kind.SCALE);
    }

    private static void requireSize(String field, int value, int max) {
        requirePositive(field, value);
        Require.that(value <= max, field + " must be at most " + max + ", not " + value);
    }

    private static void requirePositive(String field, double value) {
        Require.that(value > 0 && Double.isFinite(value), field + " must be positive, not " + value);
    }

    /**
     * Variant of a dense decoder: in what its layers differ from those of another family.
     *
     * @param qkvBias     whether the projections to queries, keys and values have a bias
     * @param outputBias  whether the projection of attention's output has a bias
     * @param mlpBias     whether the three projections of the MLP have a bias
     * @param qkNorm      whether queries and keys are normalised head by head
     * @param ropeScaling scaling of the rotary positions
     */
    public record Variant(
            boolean qkvBias, boolean outputBias, boolean mlpBias, boolean qkNorm, RopeScaling ropeScaling) {}

    /** Family of models: the {@code model_type} of a checkpoint, with its class in Transformers. */
    public enum Family {
        /** Qwen2 and Qwen2.5: biases on queries, keys and values. */
        QWEN2("qwen2", "Qwen2ForCausalLM"),
        /** Qwen3: normalised queries and keys; a bias on all or none of attention's projections. */
        QWEN3("qwen3", "Qwen3ForCausalLM"),
        /** Llama 2 and 3, SmolLM2 and many others: a bias on all or none of the projections of attention, and of the MLP. */
        LLAMA("llama", "LlamaForCausalLM"),
        /** Mistral without a sliding window: no biases. */
        MISTRAL("mistral", "MistralForCausalLM");

        private final String modelType;
        private final String modelClass;

        Family(String modelType, String modelClass) {
            this.modelType = modelType;
            this.modelClass = modelClass;
        }

        /** Name of the family in {@code config.json}. */
        public String modelType() {
            return modelType;
        }

        /** Name of the class in Transformers that runs this family. */
        public String modelClass() {
            return modelClass;
        }

        /**
         * The variant that a configuration file of this family describes.
         *
         * @param attentionBias the file's {@code attention_bias}, where the family has a choice
         * @param mlpBias       the file's {@code mlp_bias}, where the family has a choice
         * @param ropeScaling   scaling of the rotary positions
         */
        public Variant variant(boolean attentionBias, boolean mlpBias, RopeScaling ropeScaling) {
            return switch (this) {
                case QWEN2 -> new Variant(true, false, false, false, ropeScaling);
                case QWEN3 -> new Variant(attentionBias, attentionBias, false, true, ropeScaling);
                case LLAMA -> new Variant(attentionBias, attentionBias, mlpBias, false, ropeScaling);
                case MISTRAL -> new Variant(false, false, false, false, ropeScaling);
            };
        }
    }
}
