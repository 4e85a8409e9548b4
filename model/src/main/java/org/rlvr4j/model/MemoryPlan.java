package org.rlvr4j.model;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.DevicePlan;
import org.rlvr4j.tensor.Heads;
import org.rlvr4j.tensor.LogProb;
import org.rlvr4j.tensor.PagedCache;
import org.rlvr4j.tensor.Parameters;

/**
 * Memory plan: bytes of each purpose at the peak, known before any memory is taken.
 *
 * @param weights       bytes of the policy's weights, and of the reference policy's if there is one
 * @param gradients     bytes of gradients, of those that are kept beside them, and of the rows of a tied embedding that a mini-batch looks up
 * @param moments       bytes of the optimizer's moments
 * @param activations   bytes of activations and their gradients, in training or in generation: an upper bound
 * @param keysAndValues bytes of the KV cache of sequences being generated, and of a prompt that several passes continue
 * @param runtime       bytes of the Java virtual machine with its heap, and of the kernels' scratch
 * @param device        bytes that are needed besides if a device computes
 */
public record MemoryPlan(
        long weights,
        long gradients,
        long moments,
        long activations,
        long keysAndValues,
        long runtime,
        DeviceShare device) {

    /**
     * A plan for work on the processor alone.
     *
     * @param weights       bytes of the policy's weights, and of the reference policy's if there is one
     * @param gradients     bytes of gradients
     * @param moments       bytes of the optimizer's moments
     * @param activations   bytes of activations and their gradients
     * @param keysAndValues bytes of the KV cache
     * @param runtime       bytes of the Java virtual machine with its heap, and of the kernels' scratch
     */
    public MemoryPlan(long weights, long gradients, long moments, long activations, long keysAndValues, long runtime) {
        this(weights, gradients, moments, activations, keysAndValues, runtime, DeviceShare.none());
    }

    /** Prompt tokens after which one prefill takes no further prompt, which bounds its activations. */
    public static final int PREFILL_TOKENS = 4096;

    /** Measured: code and metadata 200 MB, scratch 130 MB. */
    private static final long RUNTIME = 330_000_000;

    /** Measured: a heap with a tokenizer and the youngest objects. That of a worker is planned apart. */
    private static final long HEAP = 230_000_000;

    private static final int OBJECTIVE = 64; // floats that the objective keeps per token, at most
    private static final long ALIGNMENT = 1 << 16; // floats lost to alignment in total, at most

    /**
     * Workload of a training run: sizes of its passes, mini-batches and generator calls.
     *
     * @param tokens       tokens in one forward and backward pass
     * @param scoredTokens tokens in one pass that computes no gradient
     * @param updateTokens tokens in one mini-batch
     * @param recompute    whether the backward pass recomputes the activations of the layers
     * @param reference    whether there is a reference policy
     * @param rollouts     generator calls while the model is trained
     * @param evaluations  generator calls before or after training, without the optimizer's moments
     * @param shared       prompts that are computed once for several responses
     * @param kept         gradients of all weights that are kept while others are computed, to be added to them
     * @param optimizer    whether the optimizer's moments are there, which they are not where only gradients are computed
     */
    public record Load(
            int tokens,
            int scoredTokens,
            long updateTokens,
            boolean recompute,
            boolean reference,
            List<GeneratorCall> rollouts,
            List<GeneratorCall> evaluations,
            SharedPrompts shared,
            int kept,
            boolean optimizer) {

        /**
         * A workload in which no prompt is shared and no gradient is kept.
         *
         * @param tokens       tokens in one pass, of whichever kind
         * @param updateTokens tokens in one mini-batch
         * @param recompute    whether the backward pass recomputes the activations of the layers
         * @param reference    whether there is a reference policy
         * @param rollouts     generator calls while the model is trained
         * @param evaluations  generator calls before or after training
         */
        public Load(
                int tokens,
                long updateTokens,
                boolean recompute,
                boolean reference,
                List<GeneratorCall> rollouts,
                List<GeneratorCall> evaluations) {
            this(
                    tokens,
                    tokens,
                    updateTokens,
                    recompute,
                    reference,
                    rollouts,
                    evaluations,
                    SharedPrompts.NONE,
                    0,
                    true);
        }

        /**
         * This workload on a worker, which generates and computes gradients, and does not update weights.
         *
         * @param tasks         tasks that the prompts of a generator call are dealt out in
         * @param shardTokens   tokens in one of its forward and backward passes
         * @param keptGradients gradients that it keeps while it computes others
         */
        public Load ofWorker(int tasks, int shardTokens, int keptGradients) {
            return new Load(
                    shardTokens,
                    scoredTokens,
                    updateTokens,
                    recompute,
                    reference,
                    rollouts.stream().map(call -> call.oneOf(tasks)).toList(),
                    evaluations.stream().map(call -> call.oneOf(tasks)).toList(),
                    shared,
                    keptGradients,
                    false);
        }

        /** Tokens in the longest pass. */
        int longestPass() {
            return Math.max(tokens, scoredTokens);
        }

        private long moments(long weights) {
            return optimizer ? 2 * weights : 0;
        }

        /** Bytes that are free in evaluations; a worker frees nothing then. */
        private long onlyTraining(long weights, long referenceWeights) {
            return optimizer ? 2 * weights + referenceWeights : 0;
        }
    }

    /**
     * Sizes of prompts that are computed once for the responses of a group.
     *
     * @param cutTokens          tokens of the longest prompt whose group may need several passes, between which its keys
     *                           and values are kept; 0 if every group fits into a pass
     * @param continuedPositions positions before those of their own that the responses of a pass have, all together
     */
    public record SharedPrompts(int cutTokens, long continuedPositions) {

        /** No prompt is shared. */
        public static final SharedPrompts NONE = new SharedPrompts(0, 0);
    }

    /**
     * Sizes of one generator call.
     *
     * @param sequences    number of sequences generated together; there are no more than completions
     * @param prompts      number of prompts that are continued
     * @param samples      number of completions of each prompt
     * @param promptTokens tokens in the longest prompt
     * @param newTokens    tokens in the longest completion
     * @param cacheType    element type of the cached keys and values
     */
    public record GeneratorCall(
            int sequences, int prompts, int samples, int promptTokens, int newTokens, DType cacheType) {

        public GeneratorCall {
            sequences = (int) Math.min(sequences, (long) prompts * samples);
        }

        /**
         * Sizes of a call in which each prompt has as many completions as there are sequences, or more, whose keys and values
         * are cached in single precision.
         *
         * @param sequences    number of sequences generated together
         * @param prompts      number of prompts that are continued
         * @param promptTokens tokens in the longest prompt
         * @param newTokens    tokens in the longest completion
         */
        public GeneratorCall(int sequences, int prompts, int promptTokens, int newTokens) {
            this(sequences, prompts, sequences, promptTokens, newTokens, DType.F32);
        }

        /** Sizes of the largest of several calls that the prompts are dealt out to. */
        GeneratorCall oneOf(int calls) {
            return new GeneratorCall(
                    sequences, Math.ceilDiv(prompts, calls), samples, promptTokens, newTokens, cacheType);
        }

        /** Number of pages of a {@link PagedCache} that suffices. */
        public int pages() {
            int prefilledPrompts = Math.min(prompts, 2 * sequences); // at worst one completion of each is unfinished
            return sequences * PagedCache.pagesFor(newTokens) + prefilledPrompts * PagedCache.pagesFor(promptTokens);
        }
    }

    /**
     * Plan for training all weights in single precision.
     *
     * @param config shape of the model
     * @param load   sizes of the work
     */
    public static MemoryPlan of(ModelConfig config, Load load) {
        List<Parameters.Spec> specs = config.weights();
        long weights = size(specs, DType.F32);
        long rows = config.tiedEmbeddings() ? Math.min(config.vocabularySize(), load.updateTokens) : 0;
        long reference = load.reference ? weights : 0;
        long generation = Math.max(activations(config, load.rollouts), activations(config, load.evaluations));
        return new MemoryPlan(
                weights + reference,
                (1 + load.kept) * weights + bytes(rows * config.hiddenSize()),
                load.moments(weights),
                Math.max(Math.max(bytes(trainingSize(config, load)), bytes(forwardSize(config, load))), generation),
                keysAndValues(config, load, load.onlyTraining(weights, reference)),
                runtime(config, Math.max(load.longestPass(), prefillTokens(load.rollouts)))
                        + (load.optimizer ? HEAP : 0)
                        + bytes(2 * load.shared.continuedPositions * config.keyValueSize()),
                onDevice(config, DType.F32, load, load.onlyTraining(weights, reference)));
    }

    /**
     * Plan for generation alone, with matrices stored as {@code Checkpoint.matrixType} says.
     *
     * @param config     shape of the model
     * @param matrixType element type of the matrices in memory
     * @param call       sizes of the generation
     */
    public static MemoryPlan of(ModelConfig config, DType matrixType, GeneratorCall call) {
        return of(config, matrixType, call, null);
    }

    /**
     * Plan for generation alone, by a model with adapters.
     *
     * @param config     shape of the model
     * @param matrixType element type of the matrices in memory
     * @param call       sizes of the generation
     * @param lora       settings of the adapters; null if there are none
     */
    public static MemoryPlan of(ModelConfig config, DType matrixType, GeneratorCall call, @Nullable Lora lora) {
        List<GeneratorCall> calls = List.of(call);
        return new MemoryPlan(
                size(config.weights(), matrixType) + (lora == null ? 0 : size(lora.specs(config), DType.F32)),
                0,
                0,
                activations(config, calls),
                keysAndValues(config, calls),
                runtime(config, prefillTokens(calls)) + HEAP,
                DeviceShare.of(config, matrixType, call));
    }

    /**
     * Plan for training adapters beside frozen weights, which also serve as the reference policy.
     *
     * @param config     shape of the model
     * @param load       sizes of the work
     * @param lora       settings of the adapters
     * @param matrixType element type of the frozen matrices; see {@code Checkpoint.matrixType}
     */
    public static MemoryPlan of(ModelConfig config, Load load, Lora lora, DType matrixType) {
        MemoryPlan allWeights = of(config, load);
        List<Parameters.Spec> frozen = config.weights();
        List<Parameters.Spec> specs = lora.specs(config);
        long adapters = size(specs, DType.F32);
        long rankOutputs = (long) lora.rank() * specs.size() / 2 / (load.recompute ? config.layers() : 1);
        long widestOutput = config.widestSize();
        List<Parameters.Spec> norms =
                frozen.stream().filter(spec -> !spec.isMatrix()).toList(); // nobody reads their gradients
        return new MemoryPlan(
                size(frozen, matrixType) + adapters,
                (1 + load.kept) * adapters,
                load.moments(adapters),
                allWeights.activations + bytes(load.tokens * (2 * rankOutputs + widestOutput)) + size(norms, DType.F32),
                keysAndValues(config, load, load.onlyTraining(adapters, 0)),
                allWeights.runtime,
                onDevice(config, matrixType, load, load.onlyTraining(adapters, 0)));
    }

    /**
     * This plan for a machine on which others generate and compute gradients: it adds up their gradients and updates the weights.
     *
     * @param gradient bytes of one gradient
     * @param passes   whether it computes passes of its own, too, such as those of a warm-up
     */
    public MemoryPlan ofDriver(long gradient, boolean passes) {
        return new MemoryPlan(weights, gradient, moments, passes ? activations : 0, 0, runtime, device);
    }

    /** Plan of the memory of a device that does this work. */
    public DevicePlan onDevice() {
        return device.plan(this);
    }

    /** What this work takes of the host's memory if a device does it: the runtime, and numbers on their way. */
    public MemoryPlan besideDevice() {
        return new MemoryPlan(0, 0, 0, 0, 0, runtime + device.staged(), device);
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

    /**
     * One line, such as
     * {@code 9.6 GB: weights 2.0, gradients 2.0, moments 4.0, activations 0.8, keys and values 0.3, runtime 0.5}.
     */
    @Override
    public String toString() {
        return parts().entrySet().stream()
                .map(part -> String.format(Locale.ROOT, "%s %.1f", part.getKey(), part.getValue() / 1e9))
                .collect(Collectors.joining(", ", String.format(Locale.ROOT, "%.1f GB: ", total() / 1e9), ""));
    }

    private static long bytes(long numbers) {
        return DType.F32.bytes() * numbers;
    }

    /** Bytes of weights whose matrices are stored as {@code matrixType}. */
    private static long size(List<Parameters.Spec> specs, DType matrixType) {
        return bytes(specs.stream()
                .mapToLong(spec -> spec.size(DType.F32, matrixType))
                .sum());
    }

    /** Floats per token that a layer keeps from its input to its output, the output included. */
    private static long layerSize(ModelConfig config) {
        long attention = (long) config.querySize() + config.keyValueSize();
        return 2L * config.hiddenSize() + (config.variant().qkNorm() ? 3 : 2) * attention + 2L * config.mlpSize();
    }

    /** Floats per token that a layer forgets; the next layer uses their memory again. */
    private static long forgottenSize(ModelConfig config) {
        return config.hiddenSize() + (long) config.mlpSize();
    }

    /** Floats per token that a layer keeps as statistics: one of each norm, and one of each head's attention. */
    private static long statistics(ModelConfig config) {
        return 2L + config.heads() + (config.variant().qkNorm() ? config.heads() + config.keyValueHeads() : 0);
    }

    /** Floats per token of activation gradients held at a time: of one layer, and of what surrounds it. */
    private static long gradientSize(ModelConfig config) {
        return 4L * config.hiddenSize() + 2L * config.querySize() + 3L * config.keyValueSize() + 3L * config.mlpSize();
    }

    /** Floats of a forward and backward pass: all activations, one layer's activation gradients, and the logits. */
    private static long trainingSize(ModelConfig config, Load load) {
        long C = config.hiddenSize();
        long outsideLayers = 3 * C; // the embedding, the last norm, and the rows whose log-probability is computed
        int L = config.layers();
        long layer = layerSize(config) + statistics(config);
        long insideLayers = load.recompute ? L * C + layer : L * layer;
        long logits = LogProb.maxSavedLogits(load.tokens, config.vocabularySize(), load.recompute);
        long temporary = forgottenSize(config) + gradientSize(config) + lastLayerSize(config, load.recompute);
        return load.tokens * (outsideLayers + insideLayers + temporary + OBJECTIVE) + ALIGNMENT + logits;
    }

    /** Floats of a pass without gradients, which computes the prompt of a group again for each of its parts. */
    private static long forwardSize(ModelConfig config, Load load) {
        return ((long) load.scoredTokens + load.shared.cutTokens) * (forwardSize(config) + OBJECTIVE) + ALIGNMENT;
    }

    /** Floats per token of a pass without gradients, which keeps the activations of one layer. */
    private static long forwardSize(ModelConfig config) {
        long inputs = (config.layers() + 2L) * config.hiddenSize();
        return inputs + layerSize(config) + forgottenSize(config) + statistics(config);
    }

    /** Floats per selected token of the last layer, whose tensors are shorter than those of the other layers. */
    private static long lastLayerSize(ModelConfig config, boolean recompute) {
        return 2L * (config.hiddenSize() + config.querySize()) + (recompute ? 0 : 4L * config.mlpSize());
    }

    /** Bytes of a pass without gradients, which keeps the activations of one layer, and of the next tokens' logits. */
    private static long activations(ModelConfig config, List<GeneratorCall> calls) {
        long perToken = forwardSize(config);
        return bytes(calls.stream()
                .mapToLong(call -> Math.max(prefillTokens(List.of(call)), call.sequences) * perToken
                        + call.sequences * (config.vocabularySize() + 1L)
                        + ALIGNMENT)
                .max()
                .orElse(0));
    }

    /** Maximum number of prompt tokens that are prefilled together. */
    private static long prefillTokens(List<GeneratorCall> calls) {
        return calls.stream()
                .mapToLong(call -> {
                    long tokens = (long) Math.min(call.prompts, call.sequences) * call.promptTokens;
                    return Math.min(tokens, PREFILL_TOKENS + call.promptTokens);
                })
                .max()
                .orElse(0);
    }

    private static DeviceShare onDevice(ModelConfig config, DType matrixType, Load load, long training) {
        return DeviceShare.of(config, matrixType, load)
                .withKeysAndValues(keysAndValues(config, load, 0) - keysAndValues(config, load, training));
    }

    /** @param training bytes that only training uses, and that are free during evaluations */
    private static long keysAndValues(ModelConfig config, Load load, long training) {
        long kept = bytes(4L * config.layers() * config.keyValueSize() * load.shared.cutTokens); // and their gradients
        return Math.max(
                keysAndValues(config, load.rollouts) + kept, keysAndValues(config, load.evaluations) - training);
    }

    private static long keysAndValues(ModelConfig config, List<GeneratorCall> calls) {
        var heads = new Heads(config.heads(), config.keyValueHeads(), config.headSize());
        return calls.stream()
                .mapToLong(
                        call -> 2L * config.layers() * call.cacheType().bytes() * PagedCache.size(heads, call.pages()))
                .max()
                .orElse(0);
    }

    /** Runtime bytes, including a heap copy of the widest activations in the order in which the kernels read them. */
    private static long runtime(ModelConfig config, long tokens) {
        return RUNTIME + bytes(tokens * config.widestSize());
    }
}
