package org.rlvr4j.cli;

import java.io.IOException;
import java.nio.file.Files;
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
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

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

    private static final int BYTES = 256;
    private static final Path TOKENIZER = Path.of("configs/tiny-tokenizer");

    private TinyCheckpoint() {}

    /** Writes a model of so many more tokens than its tokenizer has. */
    static Path write(Path folder, int moreTokens) {
        return write(folder, TOKENIZER, moreTokens, 64);
    }

    /** Writes a model whose tokenizer takes any text byte by byte. */
    static Path writeForAnyText(Path folder) throws IOException {
        Path tokenizer = Files.createDirectories(folder.resolveSibling(folder.getFileName() + "-tokenizer"));
        var json = new JsonMapper();
        var file = (ObjectNode) json.readTree(Files.readString(TOKENIZER.resolve("tokenizer.json")));
        var model = (ObjectNode) file.get("model");
        ObjectNode tokens = model.putObject("vocab");
        char free = BYTES;
        for (int b = 0; b < BYTES; b++) {
            boolean isPrintable = (b > ' ' && b < 0x7f) || (b > 0xa0 && b != 0xad);
            tokens.put(String.valueOf(isPrintable ? (char) b : free++), b);
        }
        model.putArray("merges");
        int id = BYTES;
        for (JsonNode special : (ArrayNode) file.get("added_tokens")) {
            ((ObjectNode) special).put("id", id++);
        }
        Files.writeString(tokenizer.resolve("tokenizer.json"), file.toString());
        Files.copy(TOKENIZER.resolve("tokenizer_config.json"), tokenizer.resolve("tokenizer_config.json"));
        return write(folder, tokenizer, 0, 1024);
    }

    private static Path write(Path folder, Path tokenizer, int moreTokens, int positions) {
        int vocabulary = Tokenizer.load(tokenizer).size() + moreTokens;
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
                positions,
                List.of(0),
                null,
                null);
        try (var workspace = new Workspace(new ScalarBackend(), DType.F32);
                Decoder model = Decoder.random(config, workspace, 5)) {
            CheckpointFolder.write(
                    model, folder, new RunConfig.Start.Checkpoint(folder, tokenizer, null), Safetensors.Dtype.F32);
        }
        return folder;
    }
}
