package org.rlvr4j.cli;

import java.nio.file.Path;
import java.util.List;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.model.text.Tokenizer;
import org.rlvr4j.run.CheckpointFolder;
import org.rlvr4j.run.config.RunConfig;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/** What the tests of the command run on: a checkpoint of random weights, and a run of a few seconds. */
final class TinyCheckpoint {

    /** Settings that cut configs/tiny.yaml down. */
    static final List<String> RUN = List.of(
            "seeds=[1]",
            "methods=[{name: DCPO, algorithm: DCPO, preset: PAPER, change: {}}]",
            "model.hiddenSize=32",
            "model.mlpSize=48",
            "model.layers=2",
            "model.heads=4",
            "model.keyValueHeads=2",
            "problems.training=8",
            "problems.heldBack=6",
            "problems.demonstrations=50",
            "warmUp.steps=2",
            "warmUp.batchSize=4",
            "training.steps=2",
            "training.groupSize=4",
            "training.maxNewTokens=8",
            "evaluation.samples=2",
            "evaluation.everySteps=1",
            "evaluation.maxNewTokens=8");

    private static final Path TOKENIZER = Path.of("configs/tiny-tokenizer");

    private TinyCheckpoint() {}

    /** Writes a model of so many more tokens than its tokenizer has. */
    static Path write(Path folder, int moreTokens) {
        int vocabulary = Tokenizer.load(TOKENIZER).size() + moreTokens;
        var config = new ModelConfig(
                ModelConfig.Family.QWEN2,
                32,
                48,
                2,
                4,
                2,
                8,
                1e-6,
                10_000,
                vocabulary,
                true,
                64,
                List.of(0),
                null,
                null);
        try (var workspace = new Workspace(new ScalarBackend(), DType.F32);
                Decoder model = Decoder.random(config, workspace, 5)) {
            CheckpointFolder.write(
                    model, folder, new RunConfig.Start.Checkpoint(folder, TOKENIZER, null), Safetensors.Dtype.F32);
        }
        return folder;
    }
}
