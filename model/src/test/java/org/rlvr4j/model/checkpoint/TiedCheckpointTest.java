package org.rlvr4j.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/** A checkpoint that is tied by its configuration, with an output matrix in its weights. */
class TiedCheckpointTest {

    private static final String EMBEDDING = "model.embed_tokens.weight";
    private static final String OUTPUT = "lm_head.weight";

    @TempDir
    Path folder = Path.of("");

    private Path plain = folder;

    @BeforeEach
    void writeTiedCheckpoint() throws IOException {
        plain = Files.createDirectory(folder.resolve("plain"));
        var config = new ModelConfig(
                ModelConfig.Family.QWEN2, 8, 16, 1, 2, 1, 4, 1e-6, 1e4, 12, true, 64, List.of(), null, null);
        try (var workspace = new Workspace(new ScalarBackend(), DType.F32);
                Decoder model = Decoder.random(config, workspace, 1)) {
            Checkpoint.save(model, plain, Safetensors.Dtype.F32);
        }
    }

    @Test
    void theEmbeddingAgainAsOutputIsRead() throws IOException {
        Path with = withOutput("same", 0, 12, 1_000_000);

        assertThat(Checkpoint.matrixType(with)).isEqualTo(DType.F32);
        load(with);
    }

    @Test
    void theOutputAloneIsTheEmbeddingAsInTransformers() throws IOException {
        Path with = withOutput("alone", 0.25f, 12, 1_000_000);
        Path weights = with.resolve("model.safetensors");
        try (Safetensors file = Safetensors.open(weights)) {
            var items = new ArrayList<SafetensorsWriter.Item>();
            for (String name : file.names()) {
                if (!name.equals(EMBEDDING)) {
                    items.add(SafetensorsTest.item(name, file.entry(name).shape(), file.read(name)));
                }
            }
            new SafetensorsWriter(Safetensors.Dtype.F32).write(with.resolve("new"), items);
        }
        Files.move(with.resolve("new"), weights, StandardCopyOption.REPLACE_EXISTING);

        try (var workspace = new Workspace(new ScalarBackend(), DType.F32);
                Decoder model = Checkpoint.load(with, workspace, false);
                Safetensors file = Safetensors.open(with)) {
            assertThat(Checkpoint.matrixType(with)).isEqualTo(DType.F32);
            assertThat((float) model.parameters().get(EMBEDDING).get(0)).isEqualTo(file.read(OUTPUT)[0]);
        }
    }

    @Test
    void anotherOutputIsRefusedWhateverReadsIt() throws IOException {
        for (Path with : List.of(
                withOutput("other", 0.25f, 12, 1_000_000),
                withOutput("sharded", 0.25f, 12, 500),
                withOutput("shorter", 0, 11, 1_000_000))) {
            String sentence = with.resolve("config.json") + " says tie_word_embeddings true, but lm_head.weight of the"
                    + " weights differs from model.embed_tokens.weight: set tie_word_embeddings to false to use it, as"
                    + " Transformers does, or remove it";

            assertThatThrownBy(() -> load(with))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage(sentence);
            assertThatThrownBy(() -> Checkpoint.matrixType(with)).hasMessage(sentence);
            assertThatThrownBy(() -> Checkpoint.require(with)).hasMessage(sentence);
            assertThatThrownBy(() -> loadSingle(with)).hasMessage(sentence);
        }
    }

    /** Transformers reads a shard whole, whatever the index lists of it. */
    @Test
    void anotherOutputThatTheIndexDoesNotListIsRefusedToo() throws IOException {
        Path with = withOutput("unlisted", 0.25f, 12, 500);
        Path index = with.resolve("model.safetensors.index.json");
        Files.writeString(
                index, Files.readString(index).replaceAll(",\\s*\"lm_head\\.weight\"\\s*:\\s*\"[^\"]+\"", ""));

        assertThatThrownBy(() -> load(with)).hasMessageContaining("lm_head.weight of the weights differs");
        assertThatThrownBy(() -> Checkpoint.require(with))
                .hasMessageContaining("lm_head.weight of the weights differs");
    }

    @Test
    void tensorThatDiffersBetweenTwoShardsIsRefused() throws IOException {
        Path with = withOutput("twice", 0.25f, 12, 500);
        addToTheFirstShard(with, OUTPUT);

        assertThatThrownBy(() -> load(with))
                .hasMessage("two of the files of " + with.resolve("model.safetensors.index.json")
                        + " have a tensor lm_head.weight, and their values differ: remove one of them");
    }

    @Test
    void anotherOutputIsUsedIfTheConfigurationSaysNotTied() throws IOException {
        Path with = withOutput("other", 0.25f, 12, 1_000_000);
        Path config = with.resolve("config.json");
        Files.writeString(config, Files.readString(config).replaceAll("(tie_word_embeddings\"\\s*:) true", "$1 false"));

        try (var workspace = new Workspace(new ScalarBackend(), DType.F32);
                Decoder model = Checkpoint.load(with, workspace, false);
                Safetensors file = Safetensors.open(with)) {
            assertThat((float) model.parameters().get(OUTPUT).get(0)).isEqualTo(file.read(EMBEDDING)[0] + 0.25f);
        }
    }

    /** Copies the checkpoint with an output matrix: rows of the embedding, with a number added to the first element. */
    private Path withOutput(String name, float added, int rows, long shardBytes) throws IOException {
        Path copy = Files.createDirectory(folder.resolve(name));
        Files.copy(plain.resolve("config.json"), copy.resolve("config.json"));
        var items = new ArrayList<SafetensorsWriter.Item>();
        try (Safetensors file = Safetensors.open(plain)) {
            for (String tensor : file.names()) {
                items.add(SafetensorsTest.item(tensor, file.entry(tensor).shape(), file.read(tensor)));
            }
            float[] output = Arrays.copyOf(file.read(EMBEDDING), rows * 8);
            output[0] += added;
            items.add(SafetensorsTest.item(OUTPUT, List.of((long) rows, 8L), output));
        }
        new SafetensorsWriter(Safetensors.Dtype.F32).writeModel(copy, items, shardBytes);
        return copy;
    }

    /** Writes a shard of the folder again with a tensor more, of sixes. */
    private static void addToTheFirstShard(Path sharded, String added) throws IOException {
        Path shard;
        try (Stream<Path> files = Files.list(sharded)) {
            shard = files.filter(file -> file.toString().contains("model-00001-of"))
                    .findFirst()
                    .orElseThrow();
        }
        var items = new ArrayList<SafetensorsWriter.Item>();
        try (Safetensors file = Safetensors.open(shard)) {
            for (String name : file.names()) {
                items.add(SafetensorsTest.item(name, file.entry(name).shape(), file.read(name)));
            }
        }
        var sixes = new float[12 * 8];
        Arrays.fill(sixes, 6);
        items.add(SafetensorsTest.item(added, List.of(12L, 8L), sixes));
        new SafetensorsWriter(Safetensors.Dtype.F32).write(sharded.resolve("new"), items);
        Files.move(sharded.resolve("new"), shard, StandardCopyOption.REPLACE_EXISTING);
    }

    private static void load(Path checkpoint) {
        try (var workspace = new Workspace(new ScalarBackend(), DType.F32);
                Decoder model = Checkpoint.load(checkpoint, workspace, false)) {
            assertThat(model.config().tiedEmbeddings()).isTrue();
        }
    }

    private static void loadSingle(Path checkpoint) {
        try (var workspace = new Workspace(new ScalarBackend(), DType.F32)) {
            Checkpoint.loadSingle(checkpoint, workspace).close();
        }
    }
}
