package org.rlvr4j.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.Json;
import org.rlvr4j.model.ModelConfig;
import org.rlvr4j.model.ModelConfig.Family;
import org.rlvr4j.model.RopeScaling;
import org.rlvr4j.model.TinyLora;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Golden;
import org.rlvr4j.tensor.Tensor;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.scalar.ScalarBackend;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** Checkpoints of the families: what is read is written again, and what would be left out is refused. */
class FamiliesTest {

    @TempDir
    Path folder = Path.of("");

    static List<Path> checkpoints() throws IOException {
        return Golden.checkpoints();
    }

    @ParameterizedTest
    @MethodSource("checkpoints")
    void aWrittenCheckpointKeepsFamilyFieldsAndBits(Path original) {
        Path copy = folder.resolve("copy");
        try (var workspace = new Workspace(new ScalarBackend(), DType.F32);
                Decoder model = Checkpoint.load(original, workspace, false)) {
            Checkpoint.save(model, copy, Safetensors.Dtype.F32);

            try (Decoder again = Checkpoint.load(copy, workspace, false)) {
                assertThat(again.config()).isEqualTo(model.config());
                assertThat(numbers(again)).isEqualTo(numbers(model));
            }
        }
        JsonNode written = Json.read(copy.resolve("config.json"));
        for (var field : Json.read(original.resolve("config.json")).properties()) {
            String name = field.getKey();
            if (!List.of("dtype", "torch_dtype", "bos_token_id", "pad_token_id").contains(name)) {
                assertThat(written.path(name)).as(name).isEqualTo(field.getValue());
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void aModelMadeHereIsReadAgain(Family family) {
        ModelConfig config = TinyLora.config(family, 32);
        try (var workspace = new Workspace(new ScalarBackend(), DType.F32);
                Decoder model = Decoder.random(config, workspace, 3)) {
            Checkpoint.save(model, folder, Safetensors.Dtype.F32);

            try (Decoder again = Checkpoint.load(folder, workspace, false)) {
                assertThat(again.config().variant()).isEqualTo(config.variant());
                assertThat(numbers(again)).isEqualTo(numbers(model));
            }
        }
    }

    @Test
    void aWeightOfALayerThatTheConfigurationHasNoPlaceForIsRefused() throws IOException {
        ModelConfig config = TinyLora.config(Family.LLAMA, 32);
        try (var workspace = new Workspace(new ScalarBackend(), DType.F32);
                Decoder model = Decoder.random(config, workspace, 3)) {
            Checkpoint.save(model, folder, Safetensors.Dtype.F32);
        }
        Path file = folder.resolve("config.json");

        edit(file, "mlp_bias", false);
        assertThatThrownBy(() -> Checkpoint.require(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + " has no place for model.layers.0.mlp.gate_proj.bias of the weights: set mlp_bias to"
                        + " true if the family of the model has it, or remove it from the weights");

        edit(file, "mlp_bias", true);
        edit(file, "attention_bias", false);
        assertThatThrownBy(() -> Checkpoint.require(folder))
                .hasMessageContaining("self_attn.q_proj.bias of the weights: set attention_bias to true");

        edit(file, "attention_bias", true);
        edit(file, "num_hidden_layers", 1); // as in Transformers, layers beyond the last are left out
        Checkpoint.require(folder);
    }

    @Test
    void queryAndKeyNormsOfAnotherFamilyAreRefused() throws IOException {
        try (var workspace = new Workspace(new ScalarBackend(), DType.F32);
                Decoder model = Decoder.random(TinyLora.config(Family.QWEN3, 32), workspace, 3)) {
            Checkpoint.save(model, folder, Safetensors.Dtype.F32);
        }
        Path file = folder.resolve("config.json");
        String text = Files.readString(file);
        Files.writeString(file, text.replace("qwen3", "llama").replace("Qwen3", "Llama"));

        assertThatThrownBy(() -> Checkpoint.require(folder))
                .hasMessage(file + " has no place for model.layers.0.self_attn.q_norm.weight of the weights: set"
                        + " model_type to the family that has it, or remove it from the weights");
    }

    /** The frequencies that Transformers computes from the same fields. */
    @ParameterizedTest
    @MethodSource("frequencies")
    void rotaryFrequenciesAreThoseOfTransformers(JsonNode row) {
        int headSize = row.path("head_dim").intValue();
        ObjectNode json = (ObjectNode) Json.parse("""
            {"model_type": "llama", "hidden_size": 64, "intermediate_size": 64, "num_hidden_layers": 1,
             "num_attention_heads": 2, "rms_norm_eps": 1e-5, "vocab_size": 10}
            """, "text");
        json.put("head_dim", headSize);
        json.set("max_position_embeddings", row.path("max_position_embeddings"));
        json.setAll((ObjectNode) row.path("fields"));
        Json.write(folder.resolve("config.json"), json);

        ModelConfig config = ConfigFile.read(folder);
        RopeScaling scaling = config.variant().ropeScaling();
        float[] frequencies = scaling.frequencies(headSize, config.ropeTheta());

        assertThat(frequencies).hasSize(row.path("frequencies").size());
        for (int i = 0; i < frequencies.length; i++) {
            double expected = row.path("frequencies").path(i).doubleValue();
            assertThat((double) frequencies[i]).as("pair %d", i).isCloseTo(expected, within(3e-7 * expected));
        }
        assertThat(scaling.magnitude()).isCloseTo(row.path("magnitude").doubleValue(), within(1e-12));
    }

    static Stream<JsonNode> frequencies() throws IOException {
        var rows = new ArrayList<JsonNode>();
        for (Path file : Golden.find("rope/frequencies.jsonl")) {
            for (String line : Files.readAllLines(file)) {
                rows.add(Json.parse(line, file.toString()));
            }
        }
        return rows.stream();
    }

    private static void edit(Path file, String field, Object value) {
        ObjectNode json = (ObjectNode) Json.read(file);
        json.set(field, Json.MAPPER.valueToTree(value));
        Json.write(file, json);
    }

    private static List<Double> numbers(Decoder model) {
        Tensor logProb = TinyLora.logProb(model, 1);
        List<Double> numbers = IntStream.range(
                        0, Math.toIntExact(logProb.shape().size()))
                .mapToObj(logProb::get)
                .toList();
        model.workspace().release();
        return numbers;
    }
}
