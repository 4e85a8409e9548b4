package org.rlvr4j.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.checkpoint.Adapters;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.model.checkpoint.SafetensorsWriter;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.files.FileFailure;
import org.rlvr4j.run.files.SealedFolder;
import org.rlvr4j.tensor.Backend;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;

/**
 * Checkpoint folder: a trained model that Transformers and this program can load, with weights, configuration and
 * tokenizer. For a model with adapters it holds the adapters alone, as PEFT loads them.
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

    /**
     * Writes a model into a sealed folder, which replaces the folder of an earlier run.
     *
     * @param model  trained model
     * @param folder folder to write
     * @param start  start of the training, whose tokenizer is copied
     * @param dtype  element type of the written weights; adapters are written in single precision
     * @throws java.io.UncheckedIOException if the folder cannot be written, or holds something else
     */
    public static void write(Decoder model, Path folder, RunConfig.Start start, Safetensors.Dtype dtype) {
        SealedFolder.write(folder, unfinished -> fill(model, unfinished, start, dtype));
    }

    /**
     * Writes the files of a model, in single precision, into a folder that the caller seals, and may add other files to.
     *
     * @param model  trained model
     * @param folder folder to write to
     * @param start  start of the training, whose tokenizer is copied
     * @throws IOException if a file cannot be written
     */
    public static void fill(Decoder model, Path folder, RunConfig.Start start) throws IOException {
        fill(model, folder, start, Safetensors.Dtype.F32);
    }

    static void fill(Decoder model, Path folder, RunConfig.Start start, Safetensors.Dtype dtype) throws IOException {
        if (model.lora().isPresent() && start instanceof RunConfig.Start.Checkpoint base) {
            Adapters.save(model, folder, base.path());
        } else {
            Checkpoint.save(model, folder, dtype);
        }
        copyTokenizer(start.tokenizer(), folder);
    }

    /**
     * Copies a checkpoint, in another precision or in other shards, to a folder that holds no checkpoint yet.
     *
     * @param from       folder of the checkpoint in Hugging Face layout
     * @param adapter    folder of adapters that are added to the weights; null for none
     * @param folder     folder to write
     * @param dtype      precision of the written weights
     * @param shardBytes largest size of a weights file, in bytes
     * @param backend    backend whose memory holds the weights meanwhile, and which adds the adapters
     * @throws IllegalArgumentException     if the checkpoint or the adapters cannot be used
     * @throws java.io.UncheckedIOException if a file cannot be read or written
     */
    public static void convert(
            Path from, @Nullable Path adapter, Path folder, Safetensors.Dtype dtype, long shardBytes, Backend backend) {
        SafetensorsWriter.requireWritable(dtype); // before anything is loaded
        try (Workspace workspace = new Workspace(backend, DType.F32);
                Decoder model = adapter == null
                        ? Checkpoint.load(from, workspace, false)
                        : Adapters.merged(from, adapter, workspace)) {
            Files.createDirectories(folder);
            Checkpoint.save(model, folder, dtype, shardBytes);
            copyTokenizer(from, folder);
        } catch (IOException e) {
            throw FileFailure.writing(folder, e);
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
