package org.rlvr4j.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.PagedCache;
import org.rlvr4j.tensor.Parameters;

/**
 * What will be taken of memory at the peak, in bytes, said before any of it is taken.
 *
 * @param weights       of the policy, and of its reference if there is one
 * @param gradients     of what is trained, and of the rows of a tied embedding that a mini-batch looks up
 * @param moments       of the optimizer
 * @param activations   at the peak, in training or in generation, with their gradients: an upper bound
 * @param keysAndValues of sequences being generated
 * @param runtime       of the Java virtual machine, with its heap, and of the kernels' scratch
 */
public record MemoryPlan(
        long weights, long gradients, long moments, long activations, long keysAndValues, long runtime) {

    /** Tokens of prompts whose activations are held at a time while prompts are read. */
    public static final int PREFILL_TOKENS = 4096;

    /** Measured: code and metadata 200 MB, a heap with a tokenizer and the youngest objects 230 MB, scratch 130 MB. */
    private static final long RUNTIME = 560_000_000;

    private static final int OBJECTIVE = 64; // numbers of a token that the objective keeps, at most
    private static final long ALIGNMENT = 1 << 16; // numbers lost to alignment in all, at most

    /**
     * How much is worked on at a time.
     *
     * @param tokens       of one forward and backward pass
     * @param updateTokens of one mini-batch
     * @param recompute    whether layers are computed again for the backward pass
     * @param reference    whether there is a reference policy
     * @param rollouts     what is generated while the model is trained
     * @param evaluations  what is generated before or after, without the optimizer's moments
     */
    public record Load(
            int tokens,
            long updateTokens,
            boolean recompute,
            boolean reference,
            List<Generated> rollouts,
            List<Generated> evaluations) {}

    /**
     * One call of a generator.
     *
     * @param sequences    that are generated together
     * @param prompts      that are continued
     * @param promptTokens of the longest prompt
     * @param newTokens    of the longest completion
     */
    public record Generated(int sequences, int prompts, int promptTokens, int newTokens) {

        /** Pages of a {@link PagedCache} that are enough. */
        public int pages() {
            int prefilled = Math.min(prompts, 2 * sequences); // at worst one completion of each is unfinished
            return sequences * PagedCache.pagesFor(newTokens) + prefilled * PagedCache.pagesFor(promptTokens);
        }
    }

    /** For training all weights in single precision. */
    public static MemoryPlan of(QwenConfig config, Load load) {
        List<Parameters.Spec> specs = config.weights();
        long weights = size(specs, DType.F32);
        long rows = config.tiedEmbeddings() ? Math.min(config.vocabularySize(), load.updateTokens) : 0;
        long reference = load.reference ? weights : 0;
        long generated = Math.max(activations(config, load.rollouts), activations(config, load.evaluations));
        return new MemoryPlan(
                weights + reference,
                weights + bytes(rows * config.hiddenSize()),
                2 * weights,
                Math.max(bytes(trained(config, load)), generated),
                keysAndValues(config, load, 2 * weights + reference),
                runtime(config, Math.max(load.tokens, prefilled(load.rollouts))));
    }

    /** For generation alone, with matrices kept as {@code Checkpoint.matrices} says. */
    public static MemoryPlan of(QwenConfig config, DType matrices, Generated generated) {
        List<Generated> all = List.of(generated);
        return new MemoryPlan(
                size(config.weights(), matrices),
                0,
                0,
                activations(config, all),
                keysAndValues(config, all),
                runtime(config, prefilled(all)));
    }

    /**
     * For training adapters beside frozen weights, which serve as the reference policy as well.
     *
     * @param matrices what the frozen ones are kept as; see {@code Checkpoint.matrices}
     */
    public static MemoryPlan of(QwenConfig config, Load load, Lora lora, DType matrices) {
        MemoryPlan whole = of(config, load);
        List<Parameters.Spec> frozen = config.weights();
        List<Parameters.Spec> specs = lora.specs(config);
        long adapters = size(specs, DType.F32);
        long inner = (long) lora.rank() * specs.size() / 2 / (load.recompute ? config.layers() : 1);
        long outer = Math.max(config.mlpSize(), config.hiddenSize());
        List<Parameters.Spec> norms =
                frozen.stream().filter(spec -> !spec.isMatrix()).toList(); // whose gradients nobody reads
        return new MemoryPlan(
                size(frozen, matrices) + adapters,
                adapters,
                2 * adapters,
                whole.activations + bytes(load.tokens * (2 * inner + outer)) + size(norms, DType.F32),
                keysAndValues(config, load, 2 * adapters),
                whole.runtime);
    }

    public long total() {
        return weights + gradients + moments + activations + keysAndValues + runtime;
    }

    /** Bytes of each part by its name. */
    public Map<String, Long> parts() {
        var parts = new LinkedHashMap<String, Long>();
        parts.put("weights", weights);
        parts.put("gradients", gradients);
        parts.put("moments", moments);
        parts.put("activations", activations);
        parts.put("keys and values", keysAndValues);
        parts.put("runtime", runtime);
        return parts;
    }

    /** Such as {@code 9.6 GB: weights 2.0, gradients 2.0, moments 4.0, activations 0.8, keys and values 0.3, runtime 0.5}. */
    @Override
    public String toString() {
        return parts().entrySet().stream()
                .map(part -> String.format(Locale.ROOT, "%s %.1f", part.getKey(), part.getValue() / 1e9))
                .collect(Collectors.joining(", ", String.format(Locale.ROOT, "%.1f GB: ", total() / 1e9), ""));
    }

    private static long bytes(long numbers) {
        return DType.F32.bytes() * numbers;
    }

    /** Bytes of weights whose matrices are kept as a type. */
    private static long size(List<Parameters.Spec> specs, DType matrices) {
        return bytes(
                specs.stream().mapToLong(spec -> spec.size(DType.F32, matrices)).sum());
    }

    /** Numbers of one token that a layer keeps between its input and its output, which counts. */
    private static long layerSize(QwenConfig config) {
        long attention = (long) config.querySize() + config.keyValueSize();
        return 2L * config.hiddenSize() + (config.qkNorm() ? 3 : 2) * attention + 2L * config.mlpSize();
    }

    /** Numbers of one token that a layer forgets, and the next one has its own in their place. */
    private static long forgottenSize(QwenConfig config) {
        return config.hiddenSize() + (long) config.mlpSize();
    }

    /** Numbers of one token that a layer keeps beside these: of each norm, and of each head's attention. */
    private static long statistics(QwenConfig config) {
        return 2L + config.heads() + (config.qkNorm() ? config.heads() + config.keyValueHeads() : 0);
    }

    /** Numbers of one token that are gradients of activations at a time: of one layer's, and of what is beside it. */
    private static long gradientSize(QwenConfig config) {
        return 4L * config.hiddenSize() + 2L * config.querySize() + 3L * config.keyValueSize() + 3L * config.mlpSize();
    }

    /** Numbers of a forward and backward pass: all activations, the gradients of one layer's, and the logits. */
    private static long trained(QwenConfig config, Load load) {
        long C = config.hiddenSize();
        long outside = 3 * C; // the embedding, the last norm, and the rows whose log-probability is wanted
        int L = config.layers();
        long layer = layerSize(config) + statistics(config);
        long inside = load.recompute ? L * C + layer : L * layer;
        long logits = LogProb.mostKept(load.tokens, config.vocabularySize(), load.recompute);
        long passing = forgottenSize(config) + gradientSize(config) + narrowedSize(config, load.recompute);
        return load.tokens * (outside + inside + passing + OBJECTIVE) + ALIGNMENT + logits;
    }

    /** Numbers of one token that is wanted of the last layer, which are of another length than the other layers'. */
    private static long narrowedSize(QwenConfig config, boolean recompute) {
        return 2L * (config.hiddenSize() + config.querySize()) + (recompute ? 0 : 4L * config.mlpSize());
    }

    /** Bytes of a pass without gradients, which keeps one layer, and of the logits of the next tokens. */
    private static long activations(QwenConfig config, List<Generated> all) {
        long C = config.hiddenSize();
        long each = (config.layers() + 2) * C + layerSize(config) + forgottenSize(config) + statistics(config);
        return bytes(all.stream()
                .mapToLong(generated -> Math.max(prefilled(List.of(generated)), generated.sequences) * each
                        + generated.sequences * (config.vocabularySize() + 1L)
                        + ALIGNMENT)
                .max()
                .orElse(0));
    }

    /** Most tokens of prompts that are read together. */
    private static long prefilled(List<Generated> all) {
        return all.stream()
                .mapToLong(generated -> {
                    long together = (long) Math.min(generated.prompts, generated.sequences) * generated.promptTokens;
                    return Math.min(together, PREFILL_TOKENS + generated.promptTokens);
                })
                .max()
                .orElse(0);
    }

    /** @param training bytes that are taken in training alone, and are there for evaluations */
    private static long keysAndValues(QwenConfig config, Load load, long training) {
        return Math.max(keysAndValues(config, load.rollouts), keysAndValues(config, load.evaluations) - training);
    }

    private static long keysAndValues(QwenConfig config, List<Generated> all) {
        var heads = new Heads(config.heads(), config.keyValueHeads(), config.headSize());
        return all.stream()
                .mapToInt(Generated::pages)
                .mapToLong(pages -> 2L * config.layers() * bytes(PagedCache.size(heads, pages)))
                .max()
                .orElse(0);
    }

    /** With a copy of the widest activations, in the order in which the kernels read them, on the heap. */
    private static long runtime(QwenConfig config, long tokens) {
        return RUNTIME + bytes(tokens * Math.max(config.mlpSize(), config.hiddenSize()));
    }
}
