package org.rlvr4j.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.run.files.SealedFolder;
import org.rlvr4j.run.files.Sha256;
import org.rlvr4j.tensor.Require;
import tools.jackson.databind.json.JsonMapper;

/**
 * Weights that every run of a training starts from: those of the checkpoint, where nothing changes them before the first
 * step, or else a copy in single precision.
 *
 * @param folder folder of the copy, or of a note where the weights are; with what is measured of the start
 * @param model  start of the training as it is configured
 * @param isCopy whether the folder holds the weights
 * @param source digest of the checkpoint's weights where they are no more than read; otherwise empty
 */
record StartWeights(Path folder, RunConfig.Start model, boolean isCopy, String source) {

    private static final String NOTE = "source.json"; // where the weights are, if they are not copied

    static StartWeights of(RunConfig config) {
        RunConfig.Start model = config.model();
        boolean isCopy = config.copiesStart();
        String source = isCopy ? frozenDigest(model) : digest(weightsOf(model));
        String folder = config.hasStartForEachSeed() ? "start-" + config.seeds().getFirst() : "start";
        return new StartWeights(config.output().resolve(folder), model, isCopy, source);
    }

    /** Digest of the frozen weights below trained adapters; empty if all weights are trained. */
    static String frozenDigest(RunConfig.Start start) {
        return start instanceof RunConfig.Start.Checkpoint base && base.lora() != null ? digest(base.path()) : "";
    }

    private static String digest(Path checkpoint) {
        return String.join("", Sha256.of(checkpoint, ".*\\.safetensors").values());
    }

    private static Path weightsOf(RunConfig.Start start) {
        return start instanceof RunConfig.Start.Checkpoint checkpoint ? checkpoint.path() : start.tokenizer();
    }

    /** Folder of the weights. */
    Path weights() {
        return isCopy ? folder : weightsOf(model);
    }

    /** Digest of the weights and of what is measured of them. */
    String digest() {
        return SealedFolder.digest(folder) + source;
    }

    /** The first damage of the folder, as a clause; empty if there is none. */
    Optional<String> damage() {
        return SealedFolder.damage(folder);
    }

    /** Writes the folder: the policy's weights, or where they are, and what is measured of them. */
    void write(Decoder policy, Selection selection) {
        write(policy, selection, Safetensors.Dtype.F32);
    }

    private void write(Decoder policy, Selection selection, Safetensors.Dtype dtype) {
        SealedFolder.write(folder, unfinished -> {
            if (isCopy) {
                CheckpointFolder.fill(policy, unfinished, model, dtype);
            } else {
                note(unfinished);
            }
            selection.write(unfinished);
        });
    }

    private void note(Path unfinished) throws IOException {
        Map<String, String> note = Map.of("checkpoint", weights().toString());
        Files.writeString(unfinished.resolve(NOTE), JsonMapper.shared().writeValueAsString(note));
    }

    /**
     * Gives the policy the weights of the start.
     *
     * @throws IllegalArgumentException if the checkpoint is not copied, and not what it was when the training began
     */
    void restore(Decoder policy) {
        requireUnchanged();
        Checkpoint.restore(weights(), policy);
    }

    private void requireUnchanged() {
        Require.that(
                isCopy || digest(weights()).equals(source),
                "the weights in " + weights() + " have changed since the training began: set them back, and the same"
                        + " command goes on from the newest checkpoint");
    }

    /** Writes the folder again with rounded weights, when no run needs the exact ones. */
    void round(Decoder policy, Selection selection, Safetensors.Dtype dtype) {
        if (isCopy && policy.lora().isEmpty() && dtype != Safetensors.Dtype.F32) {
            restore(policy);
            write(policy, selection, dtype);
        }
    }
}
