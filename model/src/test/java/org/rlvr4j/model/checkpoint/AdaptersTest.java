package org.rlvr4j.model.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;
import static org.rlvr4j.model.TinyLora.ALL;
import static org.rlvr4j.model.TinyLora.LORA;
import static org.rlvr4j.model.TinyLora.bytes;
import static org.rlvr4j.model.TinyLora.checkpoint;
import static org.rlvr4j.model.TinyLora.config;
import static org.rlvr4j.model.TinyLora.filled;
import static org.rlvr4j.model.TinyLora.logProb;
import static org.rlvr4j.model.TinyLora.numbers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.Json;
import org.rlvr4j.model.Lora;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.vector.VectorBackend;
import tools.jackson.databind.node.ObjectNode;

/** Adapters in folders: written, read, merged, or refused by name. */
class AdaptersTest {

    private static final String SUPPORTED = """
        {"peft_type": "LORA", "bias": "none", "r": 3, "lora_alpha": 5, "target_modules": ["q_proj"],
        "init_lora_weights": true, "modules_to_save": null, "rank_pattern": {}, "use_dora": false,
        "use_qalora": false, "lora_dropout": 0.05}
        """;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void folderHoldsTheAdaptersAndIsReadToTheLastBit() throws IOException {
        Path base = checkpoint(folder, Safetensors.Dtype.F32);
        Path saved = Files.createDirectories(folder.resolve("adapters"));
        try (var backend = new VectorBackend(1);
                var workspace = new Workspace(backend, DType.F32);
                Decoder model = filled(Adapters.create(base, workspace, LORA))) {
            Adapters.save(model, saved, base);

            try (Decoder read = Adapters.load(base, saved, workspace)) {
                assertThat(read.lora()).contains(new Lora(3, 5, ALL, 0));
                assertThat(bytes(read.parameters().weights()))
                        .isEqualTo(bytes(model.parameters().weights()));
                assertThat(numbers(logProb(read, 1))).isEqualTo(numbers(logProb(model, 1)));
            }
            try (Decoder merged = Adapters.merged(base, saved, workspace)) {
                List<Double> apart = numbers(logProb(model, 1));
                List<Double> together = numbers(logProb(merged, 1));
                for (int i = 0; i < apart.size(); i++) {
                    assertThat(together.get(i)).isCloseTo(apart.get(i), within(1e-5));
                }
            }
        }
    }

    @Test
    void settingsThatChangeNothingAreAccepted() {
        Json.write(folder.resolve("adapter_config.json"), Json.MAPPER.readTree(SUPPORTED));

        assertThat(Adapters.config(folder)).isEqualTo(new Lora(3, 5, List.of("q_proj"), 0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        "use_dora": true           | use_dora true
        "use_rslora": true         | use_rslora true
        "use_qalora": true         | use_qalora true
        "rank_pattern": {"q": 3}   | rank_pattern {"q":3}
        "alpha_pattern": {"q": 3}  | alpha_pattern {"q":3}
        "modules_to_save": ["x"]   | modules_to_save ["x"]
        "layers_to_transform": 1   | layers_to_transform 1
        "fan_in_fan_out": true     | fan_in_fan_out true
        "bias": "all"              | bias "all"
        "init_lora_weights": "pissa" | init_lora_weights "pissa"
        "peft_type": "LOHA"        | peft_type "LOHA"
        "target_modules": "all-linear" | target_modules "all-linear"
        """)
    void whatIsNotSupportedIsRefusedByName(String setting, String named) {
        Path config = folder.resolve("adapter_config.json");
        ObjectNode json = (ObjectNode) Json.MAPPER.readTree(SUPPORTED);
        json.setAll((ObjectNode) Json.MAPPER.readTree("{" + setting + "}"));
        Json.write(config, json);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Adapters.config(folder))
                .withMessage(config + ": " + named + " is not supported");
    }

    @Test
    void adaptersOfOtherMatricesAreRefused() throws IOException {
        Path base = checkpoint(folder, Safetensors.Dtype.F32);
        Path saved = Files.createDirectories(folder.resolve("adapters"));
        try (var backend = new VectorBackend(1);
                var workspace = new Workspace(backend, DType.F32);
                Decoder model = Adapters.create(base, workspace, LORA);
                Decoder other = Adapters.create(base, workspace, new Lora(3, 5, List.of("q_proj"), 1))) {
            Adapters.save(model, saved, base);

            assertThatIllegalArgumentException()
                    .isThrownBy(() -> Checkpoint.restore(saved, other))
                    .withMessageContaining(
                            "adapter_model.safetensors has base_model.model.model.layers.0.mlp.down_proj")
                    .withMessageEndingWith("which belongs to none of the model's adapters");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> new Lora(3, 5, List.of("q_proj", "lm_head"), 1))
                    .withMessageContaining("not [q_proj, lm_head]");
        }
    }
}
