package org.rlvr4j.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.Add;
import org.rlvr4j.tensor.Attention;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Embedding;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.Parameters;
import org.rlvr4j.tensor.Recompute;
import org.rlvr4j.tensor.RmsNorm;
import org.rlvr4j.tensor.Rope;
import org.rlvr4j.tensor.RopeTable;
import org.rlvr4j.tensor.RowGradients;
import org.rlvr4j.tensor.Rows;
import org.rlvr4j.tensor.Segments;
import org.rlvr4j.tensor.Shape;
import org.rlvr4j.tensor.SwiGlu;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;

/**
 * Dense decoder, the transformer of Qwen2, Qwen3, Llama and Mistral: pre-norm layers of grouped-query attention and a gated
 * MLP. In what these differ is a {@link ModelConfig.Variant} of the configuration.
 *
 * <p>Training and decoding run the same layers; only the place of attention's keys and values differs
 * ({@link LayerAttention}). So a token's log-probability is the same to the last bit in both.
 */
public final class Decoder implements AutoCloseable {

    private static final double INITIAL_DEVIATION = 0.02; // as Transformers' initializer_range

    private final ModelConfig config;
    private final Workspace workspace;
    private final Parameters parameters;
    private final @Nullable Decoder base;
    private final @Nullable Lora lora;
    private final List<Layer> layers = new ArrayList<>();
    private final Tensor embedding;
    private final @Nullable RowGradients embeddingGradients;
    private final Tensor head;
    private final Tensor norm;
    private final RopeTable ropeTable;

    private record Layer(
            List<Tensor> trainable,
            Tensor inputNorm,
            Projection q,
            Projection k,
            Projection v,
            @Nullable Tensor qNorm,
            @Nullable Tensor kNorm,
            Projection o,
            Tensor mlpNorm,
            Projection gate,
            Projection up,
            Projection down) {}

    private Decoder(
            ModelConfig config,
            Workspace workspace,
            Parameters parameters,
            @Nullable Decoder base,
            @Nullable Lora lora) {
        this.config = config;
        this.workspace = workspace;
        this.parameters = parameters;
        this.base = base;
        this.lora = lora;
        for (int i = 0; i < config.layers(); i++) {
            layers.add(layer("model.layers." + i + "."));
        }
        String embeddingName = "model.embed_tokens.weight";
        this.embedding = weights().get(embeddingName);
        this.embeddingGradients = config.tiedEmbeddings() ? weights().rowGradients(embeddingName) : null;
        this.head = weights().get(config.tiedEmbeddings() ? embeddingName : "lm_head.weight");
        this.norm = weights().get("model.norm.weight");
        this.ropeTable = config.variant().ropeScaling().table(config.headSize(), config.ropeTheta());
    }

    /**
     * A trainable model with random weights: matrices drawn from N(0, 0.02), biases 0, norms 1.
     *
     * @param config    shape of the model
     * @param workspace workspace that computes with the model
     * @param seed      seed of the weights
     */
    public static Decoder random(ModelConfig config, Workspace workspace, long seed) {
        Decoder model = trainable(config, workspace);
        var random = new SplittableRandom(seed);
        for (Parameters.Spec spec : model.parameters.specs()) {
            Tensor tensor = model.parameters.get(spec.name());
            for (int n = 0; n < tensor.rows(); n++) {
                for (int k = 0; k < tensor.cols(); k++) {
                    tensor.data().set(tensor.index(n, k), initial(spec.kind(), random));
                }
            }
        }
        return model;
    }

    /** Initial value of a weight. A bias is 0 but consumes a draw, so that a seed keeps giving the same weights. */
    private static double initial(Parameters.Kind kind, SplittableRandom random) {
        double draw = kind == Parameters.Kind.SCALE ? 0 : random.nextGaussian() * INITIAL_DEVIATION;
        return switch (kind) {
            case SCALE -> 1;
            case MATRIX -> draw;
            case BIAS -> 0;
        };
    }

    /**
     * A trainable model whose weights are all zero, to be filled from a checkpoint.
     *
     * @param config    shape of the model
     * @param workspace workspace that computes with the model
     */
    public static Decoder trainable(ModelConfig config, Workspace workspace) {
        return new Decoder(config, workspace, new Parameters(workspace, config.weights(), true), null, null);
    }

    /**
     * A model without gradients whose weights are all zero, to be filled from another model.
     *
     * @param config    shape of the model
     * @param workspace workspace that computes with the model
     */
    public static Decoder frozen(ModelConfig config, Workspace workspace) {
        return frozen(config, workspace, workspace.type());
    }

    /**
     * A model without gradients whose weights are all zero, to be filled from a checkpoint.
     *
     * @param config     shape of the model
     * @param workspace  workspace that computes with the model
     * @param matrixType element type in which the matrices are stored
     */
    public static Decoder frozen(ModelConfig config, Workspace workspace, DType matrixType) {
        return new Decoder(config, workspace, Parameters.frozen(workspace, config.weights(), matrixType), null, null);
    }

    /**
     * This frozen model with adapters beside its matrices: A is drawn and B is zero, so it computes the same as before.
     *
     * @param adapters  settings of the adapters
     * @param trainable whether the adapters hold gradients
     * @return a model that contains this one and closes it
     */
    public Decoder adapted(Lora adapters, boolean trainable) {
        var parameters = new Parameters(workspace, adapters.specs(config), trainable);
        adapters.initialize(parameters);
        return new Decoder(config, workspace, parameters, this, adapters);
    }

    private Layer layer(String prefix) {
        String attention = prefix + "self_attn.";
        ModelConfig.Variant variant = config.variant();
        return new Layer(
                parameters.tensors().entrySet().stream()
                        .filter(weight -> weight.getKey().startsWith(prefix)
                                && weight.getValue().needsGrad())
                        .map(Map.Entry::getValue)
                        .toList(),
                weights().get(prefix + "input_layernorm.weight"),
                projection(attention + "q_proj.", variant.qkvBias()),
                projection(attention + "k_proj.", variant.qkvBias()),
                projection(attention + "v_proj.", variant.qkvBias()),
                variant.qkNorm() ? weights().get(attention + "q_norm.weight") : null,
                variant.qkNorm() ? weights().get(attention + "k_norm.weight") : null,
                projection(attention + "o_proj.", variant.outputBias()),
                weights().get(prefix + "post_attention_layernorm.weight"),
                projection(prefix + "mlp.gate_proj.", variant.mlpBias()),
                projection(prefix + "mlp.up_proj.", variant.mlpBias()),
                projection(prefix + "mlp.down_proj.", variant.mlpBias()));
    }

    private Projection projection(String name, boolean biased) {
        return new Projection(
                weights().get(name + "weight"),
                biased ? weights().get(name + "bias") : null,
                lora != null && lora.adapts(name) ? lora.adapter(name, parameters) : null);
    }

    /**
     * Log-probability and entropy of chosen tokens of packed sequences.
     *
     * @param tokens      (T) token ids of all sequences, one after another
     * @param rows        rows whose next token is scored, ascending; never the last row of a sequence
     * @param segments    boundaries of the sequences
     * @param temperature divisor of the logits
     * @return (rows, 2): log p(tokens[row + 1] | the sequence up to row), and the entropy of that distribution
     */
    public Tensor logProb(int[] tokens, int[] rows, Segments segments, double temperature) {
        return logProb(PackedTokens.whole(tokens, segments, rows), temperature);
    }

    /**
     * Log-probability and entropy of chosen tokens of packed sequences, which may continue one another.
     *
     * @param packed      tokens, and the rows whose next token is scored
     * @param temperature divisor of the logits
     * @return (rows, 2): log p(target | the sequence up to row), and the entropy of that distribution
     */
    public Tensor logProb(PackedTokens packed, double temperature) {
        KeptPrefix prefix = packed.prefix();
        Tensor hidden = hidden(
                packed.tokens(),
                packed.segments().positions(),
                packed.rows(),
                (layer, q, k, v) -> prefix == null
                        ? Attention.forward(q, k, v, packed.segments(), heads())
                        : attention(q, k, v, packed, prefix.layer(layer)));
        return LogProb.forward(hidden, head, packed.targets(), temperature);
    }

    private Tensor attention(Tensor q, Tensor k, Tensor v, PackedTokens packed, Attention.Prefix prefix) {
        Segments segments = packed.segments();
        if (packed.returned() == Segments.NONE) {
            return Attention.forward(q, k, v, segments, heads(), prefix);
        }
        int start = segments.start(packed.returned());
        Tensor keys = Attention.AddedGradient.forward(k, start, prefix.keys().grad());
        Tensor values =
                Attention.AddedGradient.forward(v, start, prefix.values().grad());
        return Attention.forward(q, keys, values, segments, heads(), prefix);
    }

    /**
     * Keeps the keys and values of a sequence for passes that continue it.
     *
     * @param tokens token ids of the sequence, at least one
     * @return the keys and values, which the caller closes after the last of the passes
     */
    public KeptPrefix keep(int[] tokens) {
        return KeptPrefix.of(this, tokens);
    }

    /**
     * Final hidden states (rows, C) of selected rows of packed sequences.
     *
     * @param tokens   (T) token ids of all sequences, one after another
     * @param segments where each sequence begins and ends
     * @param rows     rows to return, ascending
     */
    public Tensor hidden(int[] tokens, Segments segments, int[] rows) {
        return hidden(
                tokens, segments.positions(), rows, (layer, q, k, v) -> Attention.forward(q, k, v, segments, heads()));
    }

    /**
     * Final hidden states (rows, C) of tokens at given positions.
     *
     * @param tokens    (T) token ids
     * @param positions (T) position of each token in its sequence
     * @param rows      rows to return, ascending; for the others the last layer computes no more than attention
     * @param attention computes the attention of each layer
     */
    public Tensor hidden(int[] tokens, int[] positions, int[] rows, LayerAttention attention) {
        Tensor x = Embedding.forward(embedding, tokens, embeddingGradients);
        for (int i = 0; i < layers.size(); i++) {
            int index = i;
            boolean partial = i == layers.size() - 1 && rows.length < tokens.length;
            UnaryOperator<Tensor> selectRows = tensor -> partial ? Rows.forward(tensor, rows) : tensor;
            var shape = new Shape(partial ? rows.length : tokens.length, x.cols());
            x = Recompute.forward(
                    x, layers.get(i).trainable, shape, input -> layer(index, input, positions, selectRows, attention));
        }
        return RmsNorm.forward(x, norm, config.normEpsilon());
    }

    private Tensor layer(
            int index, Tensor x, int[] positions, UnaryOperator<Tensor> selectRows, LayerAttention attention) {
        Layer layer = layers.get(index);
        Tensor attentionInput = RmsNorm.forward(x, layer.inputNorm, config.normEpsilon());
        Tensor q = rotate(layer.q.apply(attentionInput), layer.qNorm, positions);
        Tensor k = rotate(layer.k.apply(attentionInput), layer.kNorm, positions);
        Tensor v = layer.v.apply(attentionInput);
        attentionInput.forget();
        Tensor attended = selectRows.apply(attention.attend(index, q, k, v));
        Tensor afterAttention = addResidual(selectRows.apply(x), layer.o.apply(attended));
        Tensor mlpInput = RmsNorm.forward(afterAttention, layer.mlpNorm, config.normEpsilon());
        Tensor gate = layer.gate.apply(mlpInput);
        Tensor up = layer.up.apply(mlpInput);
        mlpInput.forget();
        Tensor gated = SwiGlu.forward(gate, up);
        Tensor out = layer.down.apply(gated);
        gated.forget();
        return addResidual(afterAttention, out);
    }

    private static Tensor addResidual(Tensor x, Tensor branch) {
        Tensor sum = Add.forward(x, branch);
        branch.forget();
        return sum;
    }

    private Tensor rotate(Tensor x, @Nullable Tensor headNorm, int[] positions) {
        Tensor scaled = headNorm == null ? x : RmsNorm.forward(x, headNorm, config.normEpsilon());
        Tensor rotated = Rope.forward(scaled, ropeTable, positions, config.headSize());
        scaled.forget();
        return rotated;
    }

    public ModelConfig config() {
        return config;
    }

    /** Learned parameters: the adapters of a model with adapters, all weights of any other. */
    public Parameters parameters() {
        return parameters;
    }

    /** All weights except the adapters. */
    private Parameters weights() {
        return base == null ? parameters : base.parameters;
    }

    /** The frozen model under the adapters, if any: this model without them, in the same memory. */
    public Optional<Decoder> base() {
        return Optional.ofNullable(base);
    }

    /** Settings of the adapters, if there are any. */
    public Optional<Lora> lora() {
        return Optional.ofNullable(lora);
    }

    public Workspace workspace() {
        return workspace;
    }

    public Tensor head() {
        return head;
    }

    public Heads heads() {
        return new Heads(config.heads(), config.keyValueHeads(), config.headSize());
    }

    @Override
    public void close() {
        parameters.close();
        base().ifPresent(Decoder::close);
    }
}
