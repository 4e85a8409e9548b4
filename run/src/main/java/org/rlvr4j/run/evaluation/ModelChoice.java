package org.rlvr4j.run.evaluation;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.eval.PromptSettings;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.Lora;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.model.checkpoint.Adapters;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.generate.BatchGenerator;
import org.rlvr4j.run.Device;
import org.rlvr4j.run.Wiring;
import org.rlvr4j.run.config.CacheType;
import org.rlvr4j.run.config.Configs;
import org.rlvr4j.run.workers.WorkersProvider;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.DevicePlan;
import org.rlvr4j.tensor.Memory;
import org.rlvr4j.tensor.Parameters;
import org.rlvr4j.tensor.Workspace;

/**
 * Model choice: a checkpoint to generate with, and its settings of generation.
 *
 * @param model        folder of the checkpoint in Hugging Face layout
 * @param adapter      folder of adapters in PEFT's layout; null for none
 * @param tokenizer    folder with tokenizer and chat template
 * @param maxNewTokens most tokens of a completion; a longer one is cut off there
 * @param maxSequences most sequences that are generated at the same time
 * @param cacheType    type of their keys and values in memory
 * @param seed         seed of sampling
 * @param prompt       settings of the prompts
 */
public record ModelChoice(
        Path model,
        @Nullable Path adapter,
        Path tokenizer,
        int maxNewTokens,
        int maxSequences,
        CacheType cacheType,
        long seed,
        PromptSettings prompt) {

    private static final int LONGEST_PROMPT = 2048; // tokens; memory of a device is planned for it

    /**
     * Memory of a device to generate on; none for the CPU, which needs no plan.
     *
     * @param device device to open
     */
    public DevicePlan plan(Device device) {
        return device.isCpu() ? DevicePlan.none() : plan().onDevice();
    }

    private MemoryPlan plan() {
        var load = new MemoryPlan.GeneratorCall(
                maxSequences, maxSequences, maxSequences, LONGEST_PROMPT, maxNewTokens, cacheType.type());
        Lora lora = adapter == null ? null : Adapters.config(adapter);
        return MemoryPlan.of(Checkpoint.config(model), Checkpoint.matrixType(model), load, lora);
    }

    /**
     * Workspace to generate in. On a device that has memory of its own, activations take what was planned for them.
     *
     * @param backend backend that computes
     */
    public Workspace workspace(Backend backend) {
        return backend.memory().equals(Memory.HOST)
                ? new Workspace(backend, DType.F32)
                : new Workspace(backend, DType.F32, false, plan().activations());
    }

    /**
     * What workers are asked for that generate with these settings.
     *
     * @param loaded the loaded model
     */
    public WorkersProvider.Task onWorkers(Decoder loaded) {
        DType matrixType = Checkpoint.matrixType(model);
        return new WorkersProvider.Task(loaded, matrixType, false, false, _ -> plan(), () -> {});
    }

    /**
     * Multiply-adds that so many tokens take, about: one for each weight and token.
     *
     * @param tokens tokens of the prompt and of all completions
     */
    public long multiplyAdds(long tokens) {
        long weights = Checkpoint.config(model).weights().stream()
                .mapToLong(Parameters.Spec::size)
                .sum();
        return Math.multiplyExact(weights, tokens);
    }

    /** Reads the tokenizer and the chat template. */
    public ChatConversation conversation() {
        return ChatConversation.load(tokenizer).with(prompt);
    }

    /**
     * Checks that the model has positions for a prompt and a completion, before its weights are loaded.
     *
     * @param promptTokens length of the longest prompt
     * @throws IllegalArgumentException if there are fewer positions
     */
    public void requirePositions(int promptTokens) {
        int positions = Checkpoint.config(model).maxPositions();
        if ((long) promptTokens + maxNewTokens > positions) {
            throw new IllegalArgumentException("a prompt of " + promptTokens + " tokens and " + maxNewTokens
                    + " new ones exceed the model's " + positions + " positions: lower --max-new-tokens");
        }
    }

    /**
     * A generator of answers with these settings, which the caller closes.
     *
     * @param loaded the loaded model
     * @throws IllegalArgumentException if the device has no cache of the chosen type
     */
    public BatchGenerator generator(Decoder loaded) {
        return Configs.named(
                "--cache-type",
                () -> new BatchGenerator(
                        loaded, maxSequences, loaded.config().stopTokens(), () -> {}, cacheType.type()));
    }

    /**
     * Loads the checkpoint for generation without training.
     *
     * @param workspace    memory of the model
     * @param conversation tokenizer and chat template of the model
     * @throws IllegalArgumentException if the tokenizer has more tokens than the checkpoint, or a file cannot be used
     */
    public Decoder load(Workspace workspace, ChatConversation conversation) {
        Wiring.requireFit(conversation.tokenizer(), tokenizer, Checkpoint.config(model), model);
        return adapter == null ? Checkpoint.load(model, workspace, false) : Adapters.load(model, adapter, workspace);
    }
}
