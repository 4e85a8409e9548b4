package org.rlvr4j.run.evaluation;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.ChatConversation;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.model.checkpoint.Adapters;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.run.Device;
import org.rlvr4j.run.Wiring;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;

/**
 * Checkpoint that answers problems, and how it generates.
 *
 * @param model        folder in Hugging Face layout
 * @param adapter      folder of adapters in PEFT's layout; null for none
 * @param tokenizer    folder of tokenizer and chat template
 * @param maxNewTokens at which a completion is cut off
 * @param maxSequences that are generated together
 * @param seed         of sampling
 */
public record ModelChoice(
        Path model, @Nullable Path adapter, Path tokenizer, int maxNewTokens, int maxSequences, long seed) {

    private static final int LONGEST_PROMPT = 2048; // tokens that a device has room for

    /** Bytes that a device needs; weights that are kept as bfloat16 are there in single precision as well. */
    public long deviceBytes(Device device) {
        if (device.isCpu()) {
            return 0;
        }
        var load = new MemoryPlan.Generated(maxSequences, maxSequences, LONGEST_PROMPT, maxNewTokens);
        MemoryPlan plan = MemoryPlan.of(Checkpoint.config(model), DType.F32, load);
        return plan.weights() + plan.total() - plan.runtime();
    }

    /** Reads tokenizer and chat template. */
    public ChatConversation conversation() {
        return ChatConversation.load(tokenizer);
    }

    /**
     * Loads the checkpoint, which is not to be trained.
     *
     * @throws IllegalArgumentException if it does not fit the tokenizer
     */
    public Qwen2 load(Workspace workspace, ChatConversation conversation) {
        Wiring.requireFit(conversation.tokenizer(), tokenizer, Checkpoint.config(model), model);
        return adapter == null ? Checkpoint.load(model, workspace, false) : Adapters.load(model, adapter, workspace);
    }
}
