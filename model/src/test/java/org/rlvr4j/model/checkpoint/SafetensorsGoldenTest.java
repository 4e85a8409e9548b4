package org.rlvr4j.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.checkpoint.Safetensors.Dtype;
import org.rlvr4j.model.checkpoint.SafetensorsWriter.Item;
import org.rlvr4j.tensor.Golden;

/** Checkpoints that Transformers wrote. */
class SafetensorsGoldenTest {

    @TempDir
    Path folder = Path.of("");

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("checkpoints")
    void aCheckpointWrittenAgainHoldsTheSameBits(Path checkpoint) {
        try (var original = Safetensors.open(checkpoint)) {
            var items = new ArrayList<Item>();
            for (String name : original.names()) {
                items.add(
                        new Item(name, original.entry(name).shape(), (from, into) -> original.read(name, from, into)));
            }
            Dtype dtype = original.entry(items.getFirst().name()).dtype();
            new SafetensorsWriter(dtype).writeModel(folder, items, 200_000);

            try (var copy = Safetensors.open(folder)) {
                assertThat(copy.names()).isEqualTo(original.names());
                for (String name : original.names()) {
                    assertThat(copy.entry(name)).isEqualTo(original.entry(name));
                    assertThat(copy.read(name)).containsExactly(original.read(name));
                }
            }
        }
    }

    /** The file's names, shapes and sizes are PyTorch's; a tensor read at the wrong place would not be finite. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("checkpoints")
    void everyParameterHasAGradientOfItsShape(Path checkpoint) {
        try (var model = Safetensors.open(checkpoint);
                var gradients = Safetensors.open(checkpoint.resolve("golden_grads.safetensors"))) {
            assertThat(gradients.names()).containsExactlyInAnyOrderElementsOf(model.names());
            for (String name : model.names()) {
                assertThat(gradients.entry(name).shape())
                        .isEqualTo(model.entry(name).shape());
                for (float value : gradients.read(name)) {
                    assertThat(value).isFinite();
                }
            }
        }
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("checkpoints")
    void theConfigurationGivesTheShapes(Path checkpoint) {
        ModelConfig config = ConfigFile.read(checkpoint);
        try (var model = Safetensors.open(checkpoint)) {
            String attention = "model.layers." + (config.layers() - 1) + ".self_attn.";
            model.require("model.embed_tokens.weight", config.vocabularySize(), config.hiddenSize());
            model.require(attention + "q_proj.weight", (long) config.heads() * config.headSize(), config.hiddenSize());
            model.require(
                    attention + "k_proj.weight",
                    (long) config.keyValueHeads() * config.headSize(),
                    config.hiddenSize());
            assertThat(model.names().contains("lm_head.weight")).isNotEqualTo(config.tiedEmbeddings());
            assertThat(model.names().contains(attention + "q_proj.bias"))
                    .isEqualTo(config.variant().qkvBias());
            assertThat(model.names().contains(attention + "o_proj.bias"))
                    .isEqualTo(config.variant().outputBias());
            assertThat(model.names().contains(attention + "q_norm.weight"))
                    .isEqualTo(config.variant().qkNorm());
        }
    }

    static List<Path> checkpoints() throws IOException {
        return Golden.checkpoints();
    }
}
