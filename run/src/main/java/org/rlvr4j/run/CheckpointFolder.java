package org.rlvr4j.run;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.model.checkpoint.Adapters;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;

/**
 * A trained model as a folder that Transformers, and this command, can load: weights, configuration, tokenizer. Of a model
 * with adapters it has these alone, as PEFT loads them.
 */
public final class CheckpointFolder {

    private static final List<String> TOKENIZER_FILES = List.of(
            "tokenizer.json",
            "tokenizer_config.json",
            "chat_template.jinja",
            "vocab.json",
            "merges.txt",
            "special_tokens_map.json",
            "generation_config.json");

    private CheckpointFolder() {}

    /** Replaces what an earlier run may have left in the folder. */
    public static void write(Qwen2 model, Path folder, RunConfig.Start start) {
        SealedFolder.write(folder, unfinished -> fill(model, unfinished, start));
    }

    /** Writes into a folder that is to be sealed, and may get other files. */
    static void fill(Qwen2 model, Path folder, RunConfig.Start start) throws IOException {
        if (model.lora().isPresent() && start instanceof RunConfig.Start.Checkpoint base) {
            Adapters.save(model, folder, base.path());
        } else {
            Checkpoint.save(model, folder, Safetensors.Dtype.F32);
        }
        copyTokenizer(start.tokenizer(), folder);
    }

    /**
     * Writes a checkpoint again, in another precision or in other shards, to a folder that holds none yet.
     *
     * @param adapter a folder of adapters that are added to the weights, if any
     * @param backend whose memory the weights pass through, and which adds adapters
     */
    public static void convert(
            Path from, @Nullable Path adapter, Path folder, Safetensors.Dtype dtype, long shardBytes, Backend backend) {
        try (Workspace workspace = new Workspace(backend, DType.F32);
                Qwen2 model = adapter == null
                        ? Checkpoint.load(from, workspace, false)
                        : Adapters.merged(from, adapter, workspace)) {
            Files.createDirectories(folder);
            Checkpoint.save(model, folder, dtype, shardBytes);
            copyTokenizer(from, folder);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + folder + ": " + e.getMessage(), e);
        }
    }

    private static void copyTokenizer(Path tokenizer, Path folder) throws IOException {
        for (String name : TOKENIZER_FILES) {
            if (Files.exists(tokenizer.resolve(name))) {
                Files.copy(tokenizer.resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }
}
