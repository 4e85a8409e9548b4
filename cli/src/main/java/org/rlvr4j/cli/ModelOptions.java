package org.rlvr4j.cli;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.Conversation;
import org.rlvr4j.model.Adapters;
import org.rlvr4j.model.Checkpoint;
import org.rlvr4j.model.MemoryPlan;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;
import picocli.CommandLine.Option;

/** Options of the commands that run a checkpoint. */
final class ModelOptions {

    private static final int LONGEST_PROMPT = 2048; // tokens that a device has room for

    @Option(
            names = "--model",
            paramLabel = "FOLDER",
            description = "a checkpoint in Hugging Face layout",
            required = true)
    private Path model = Path.of("");

    @Option(names = "--adapter", paramLabel = "FOLDER", description = "adapters of the checkpoint in PEFT's layout")
    private @Nullable Path adapter;

    @Option(
            names = "--tokenizer",
            paramLabel = "FOLDER",
            description = "tokenizer and chat template, if they are not in the checkpoint's folder")
    private @Nullable Path tokenizer;

    @Option(
            names = "--max-new-tokens",
            paramLabel = "N",
            description = "a completion is cut off there (default: ${DEFAULT-VALUE})",
            defaultValue = "3072")
    private int maxNewTokens;

    @Option(
            names = "--max-sequences",
            paramLabel = "N",
            description = "sequences that are generated together (default: ${DEFAULT-VALUE})",
            defaultValue = "16")
    private int maxSequences;

    @Option(names = "--seed", description = "of sampling (default: ${DEFAULT-VALUE})", defaultValue = "1")
    private long seed;

    @Option(names = "--threads", paramLabel = "N", description = "0 for all cores", defaultValue = "0")
    private int threads;

    @Option(
            names = "--device",
            paramLabel = "DEVICE",
            description = "what to compute on, as rlvr4j devices lists it (default: cpu)",
            converter = Device.Reader.class)
    private Device device = Device.cpu();

    /** Without gradients. */
    Workspace workspace() {
        return new Workspace(device.open(threads, device.isCpu() ? 0 : deviceBytes()), DType.F32);
    }

    /** Weights that are kept as bfloat16 are there twice: a device's kernels read them in single precision. */
    private long deviceBytes() {
        var load = new MemoryPlan.Generated(maxSequences, maxSequences, LONGEST_PROMPT, maxNewTokens);
        MemoryPlan plan = MemoryPlan.of(Checkpoint.config(model), DType.F32, load);
        return plan.weights() + plan.total() - plan.runtime();
    }

    Conversation conversation() {
        return Conversation.load(tokenizerFolder());
    }

    /** Loads the checkpoint, after a look at whether it fits the tokenizer. */
    Qwen2 load(Workspace workspace, Conversation conversation) {
        Wiring.requireFit(conversation.tokenizer(), tokenizerFolder(), Checkpoint.config(model), model);
        return adapter == null ? Checkpoint.load(model, workspace, false) : Adapters.load(model, adapter, workspace);
    }

    Path model() {
        return model;
    }

    @Nullable
    Path adapter() {
        return adapter;
    }

    Path tokenizerFolder() {
        return tokenizer == null ? model : tokenizer;
    }

    int maxNewTokens() {
        return maxNewTokens;
    }

    int maxSequences() {
        return maxSequences;
    }

    long seed() {
        return seed;
    }
}
