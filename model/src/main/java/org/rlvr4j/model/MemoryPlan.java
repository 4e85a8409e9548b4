package org.rlvr4j.model;

import java.util.List;
import java.util.Locale;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.PagedCache;
import org.rlvr4j.tensor.Parameters;

/**
 * What training will take of memory outside the Java heap, in bytes, said before any of it is taken.
 *
 * @param weights       of the policy, and of its reference if there is one
 * @param gradients     of what is trained, and of the rows of a tied embedding that a mini-batch looks up
 * @param moments       of the optimizer
 * @param activations   at the peak, in training or in generation, with their gradients
 * @param keysAndValues of sequences being generated
 */
public record MemoryPlan(long weights, long gradients, long moments, long activations, long keysAndValues) {

    /**
     * How much is worked on at a time.
     *
     * @param tokens       of one forward and backward pass
     * @param updateTokens of one mini-batch
     * @param recompute    whether layers are computed again for the backward pass
     * @param sequences    that are generated together
     * @param prompts      that are continued in one call
     * @param promptTokens of the longest prompt
     * @param newTokens    of the longest completion
     * @param reference    whether there is a reference policy
     */
    public record Load(
            int tokens,
            long updateTokens,
            boolean recompute,
            int sequences,
            int prompts,
            int promptTokens,
            int newTokens,
            boolean reference) {}

    /** For training all weights in single precision. */
    public static MemoryPlan of(QwenConfig config, Load load) {
        int bytes = DType.F32.bytes();
        long weights = size(Qwen2.specs(config), DType.F32);
        long rows = config.tiedEmbeddings() ? Math.min(config.vocabularySize(), load.updateTokens) : 0;
        return new MemoryPlan(
                load.reference ? 2 * weights : weights,
                weights + bytes * rows * config.hiddenSize(),
                2 * weights,
                bytes * Math.max(trained(config, load), generated(config, load)),
                keysAndValues(config, load));
    }

    /**
     * For training adapters beside frozen weights, which serve as the reference policy as well.
     *
     * @param matrices what the frozen ones are kept as; see {@link Checkpoint#matrices}
     */
    public static MemoryPlan of(QwenConfig config, Load load, Lora lora, DType matrices) {
        MemoryPlan whole = of(config, load);
        List<Parameters.Spec> specs = lora.specs(config);
        long adapters = size(specs, DType.F32);
        long inner = (long) lora.rank() * specs.size() / 2 / (load.recompute ? config.layers() : 1);
        long outer = Math.max(config.mlpSize(), config.hiddenSize());
        return new MemoryPlan(
                size(Qwen2.specs(config), matrices) + adapters,
                adapters,
                2 * adapters,
                whole.activations + (long) DType.F32.bytes() * load.tokens * (2 * inner + outer),
                whole.keysAndValues);
    }

    /** Bytes of weights whose matrices are kept as a type. */
    private static long size(List<Parameters.Spec> specs, DType matrices) {
        return DType.F32.bytes()
                * specs.stream()
                        .mapToLong(spec -> spec.size(DType.F32, matrices))
                        .sum();
    }

    public long total() {
        return weights + gradients + moments + activations + keysAndValues;
    }

    /** Such as {@code 9.1 GB: weights 2.0, gradients 2.0, moments 4.0, activations 0.8, keys and values 0.3}. */
    @Override
    public String toString() {
        double unit = total() < 1e9 ? 1e6 : 1e9;
        return String.format(
                Locale.ROOT,
                "%.1f %s: weights %.1f, gradients %.1f, moments %.1f, activations %.1f, keys and values %.1f",
                total() / unit,
                unit == 1e9 ? "GB" : "MB",
                weights / unit,
                gradients / unit,
                moments / unit,
                activations / unit,
                keysAndValues / unit);
    }

    /** Numbers of one token between a layer's input and its output, both sides of each operation counted once. */
    private static long layerSize(QwenConfig config) {
        long query = (long) config.heads() * config.headSize();
        long keyValue = (long) config.keyValueHeads() * config.headSize();
        long normed = config.qkNorm() ? query + keyValue : 0;
        return 6L * config.hiddenSize() + 3 * (query + keyValue) + normed + 3L * config.mlpSize() + config.heads();
    }

    /** Numbers of one token that are gradients of activations at a time: of one layer's, and of what is beside it. */
    private static long gradientSize(QwenConfig config) {
        long query = (long) config.heads() * config.headSize();
        long keyValue = (long) config.keyValueHeads() * config.headSize();
        return 6L * config.hiddenSize() + 2 * query + 3 * keyValue + 3L * config.mlpSize();
    }

    /** Numbers of a forward and backward pass: all activations, the gradients of one layer's, and the logits. */
    private static long trained(QwenConfig config, Load load) {
        long C = config.hiddenSize();
        long outside = 3 * C; // the embedding, the last norm, and the rows whose log-probability is wanted
        long inside = load.recompute ? config.layers() * C + layerSize(config) : config.layers() * layerSize(config);
        long logits = LogProb.kept(load.tokens, config.vocabularySize(), load.recompute);
        return load.tokens * (outside + inside + gradientSize(config)) + logits;
    }

    /** Numbers of a pass without gradients, which keeps one layer, and of the logits of the next tokens. */
    private static long generated(QwenConfig config, Load load) {
        long together = (long) Math.min(load.prompts, load.sequences) * load.promptTokens;
        long tokens = Math.min(together, Generation.PREFILL_TOKENS + load.promptTokens);
        long each = (config.layers() + 3L) * config.hiddenSize() + layerSize(config);
        return Math.max(tokens, load.sequences) * each + (long) load.sequences * config.vocabularySize();
    }

    private static long keysAndValues(QwenConfig config, Load load) {
        int pages = BatchGenerator.pages(load.sequences, load.prompts, load.promptTokens, load.newTokens);
        var heads = new Heads(config.heads(), config.keyValueHeads(), config.headSize());
        return 2L * DType.F32.bytes() * config.layers() * PagedCache.size(heads, pages);
    }
}
