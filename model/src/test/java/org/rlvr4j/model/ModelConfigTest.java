package org.rlvr4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.model.checkpoint.ConfigFile;
import org.rlvr4j.model.checkpoint.Safetensors.Dtype;
import tools.jackson.databind.JsonNode;

class ModelConfigTest {

    /** Of Qwen2.5-Math-1.5B. */
    private static final String QWEN2 = """
        {"architectures": ["Qwen2ForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 151643,
         "eos_token_id": 151643, "hidden_act": "silu", "hidden_size": 1536, "initializer_range": 0.02,
         "intermediate_size": 8960, "max_position_embeddings": 4096, "max_window_layers": 21,
         "model_type": "qwen2", "num_attention_heads": 12, "num_hidden_layers": 28, "num_key_value_heads": 2,
         "rms_norm_eps": 1e-06, "rope_theta": 10000, "sliding_window": 4096, "tie_word_embeddings": true,
         "torch_dtype": "bfloat16", "use_cache": true, "use_sliding_window": false, "vocab_size": 151936}
        """;

    /** In the newer spelling of Transformers 5, with a head size of its own. */
    private static final String QWEN3 = """
        {"architectures": ["Qwen3ForCausalLM"], "attention_bias": false, "dtype": "bfloat16", "eos_token_id": [7, 8],
         "head_dim": 128, "hidden_act": "silu", "hidden_size": 1024, "intermediate_size": 3072,
         "layer_types": ["full_attention", "full_attention"], "max_position_embeddings": 40960,
         "model_type": "qwen3", "num_attention_heads": 16, "num_hidden_layers": 2, "num_key_value_heads": 8,
         "pad_token_id": null, "rms_norm_eps": 1e-06, "rope_scaling": null,
         "rope_parameters": {"rope_theta": 1000000, "rope_type": "default"}, "sliding_window": null,
         "use_sliding_window": false, "vocab_size": 151936}
        """;

    /** Of Llama-3.2-1B, with fields that stand for no number of the model. */
    private static final String LLAMA = """
        {"architectures": ["LlamaForCausalLM"], "attention_bias": false, "attention_dropout": 0.0,
         "bos_token_id": 128000, "eos_token_id": 128001, "head_dim": 64, "hidden_act": "silu", "hidden_size": 2048,
         "initializer_range": 0.02, "intermediate_size": 8192, "max_position_embeddings": 131072, "mlp_bias": false,
         "model_type": "llama", "num_attention_heads": 32, "num_hidden_layers": 16, "num_key_value_heads": 8,
         "pretraining_tp": 1, "rms_norm_eps": 1e-05,
         "rope_scaling": {"factor": 32.0, "high_freq_factor": 4.0, "low_freq_factor": 1.0,
                          "original_max_position_embeddings": 8192, "rope_type": "llama3"},
         "rope_theta": 500000.0, "tie_word_embeddings": true, "torch_dtype": "bfloat16",
         "transformers_version": "4.45.0.dev0", "use_cache": true, "vocab_size": 128256}
        """;

    /** Of Mistral-7B-v0.3. */
    private static final String MISTRAL = """
        {"architectures": ["MistralForCausalLM"], "attention_dropout": 0.0, "bos_token_id": 1, "eos_token_id": 2,
         "hidden_act": "silu", "hidden_size": 4096, "initializer_range": 0.02, "intermediate_size": 14336,
         "max_position_embeddings": 32768, "model_type": "mistral", "num_attention_heads": 32, "num_hidden_layers": 32,
         "num_key_value_heads": 8, "rms_norm_eps": 1e-05, "rope_theta": 1000000.0, "sliding_window": null,
         "tie_word_embeddings": false, "torch_dtype": "bfloat16", "transformers_version": "4.42.0.dev0",
         "use_cache": true, "vocab_size": 32768}
        """;

    @TempDir
    Path folder = Path.of("");

    @Test
    void qwen2IsRead() throws IOException {
        ModelConfig config = load(QWEN2);

        assertThat(config.family()).isEqualTo(ModelConfig.Family.QWEN2);
        assertThat(config.hiddenSize()).isEqualTo(1536);
        assertThat(config.mlpSize()).isEqualTo(8960);
        assertThat(config.layers()).isEqualTo(28);
        assertThat(config.heads()).isEqualTo(12);
        assertThat(config.keyValueHeads()).isEqualTo(2);
        assertThat(config.headSize()).isEqualTo(128);
        assertThat(config.normEpsilon()).isEqualTo(1e-6);
        assertThat(config.ropeTheta()).isEqualTo(10_000);
        assertThat(config.vocabularySize()).isEqualTo(151_936);
        assertThat(config.tiedEmbeddings()).isTrue();
        assertThat(config.maxPositions()).isEqualTo(4096);
        assertThat(config.stopTokens()).containsExactly(151_643);
        assertThat(config.beginToken()).isEqualTo(151_643);
        assertThat(config.padToken()).isNull();
        assertThat(config.variant().qkvBias()).isTrue();
        assertThat(config.variant().qkNorm()).isFalse();
    }

    @Test
    void qwen3IsReadInTheNewerSpelling() throws IOException {
        ModelConfig config = load(QWEN3);

        assertThat(config.headSize()).isEqualTo(128); // not hidden size by heads
        assertThat(config.ropeTheta()).isEqualTo(1e6);
        assertThat(config.tiedEmbeddings()).isFalse();
        assertThat(config.stopTokens()).containsExactly(7, 8);
        assertThat(config.beginToken()).isNull();
        assertThat(config.variant().qkvBias()).isFalse();
        assertThat(config.variant().qkNorm()).isTrue();
    }

    @Test
    void llamaIsReadWithItsScaling() throws IOException {
        ModelConfig config = load(LLAMA);

        assertThat(config.family()).isEqualTo(ModelConfig.Family.LLAMA);
        assertThat(config.variant())
                .isEqualTo(new ModelConfig.Variant(false, false, false, false, new RopeScaling.Llama3(32, 1, 4, 8192)));
        assertThat(config.headSize()).isEqualTo(64);
        assertThat(config.beginToken()).isEqualTo(128_000);
        assertThat(config.otherFields())
                .containsEntry("pretraining_tp", 1)
                .containsKey("rope_scaling")
                .doesNotContainKeys("torch_dtype", "rope_theta");
    }

    @Test
    void mistralIsReadWithoutASlidingWindow() throws IOException {
        ModelConfig config = load(MISTRAL);

        assertThat(config.family()).isEqualTo(ModelConfig.Family.MISTRAL);
        assertThat(config.headSize()).isEqualTo(128);
        assertThat(config.variant())
                .isEqualTo(new ModelConfig.Variant(false, false, false, false, new RopeScaling.None()));
    }

    @Test
    void aLlamaHasTransformersDefaultsForWhatOldFilesLack() throws IOException {
        ModelConfig config = load(LLAMA.replace("\"num_key_value_heads\": 8,", "")
                .replace("\"rope_theta\": 500000.0,", "")
                .replace("\"attention_bias\": false", "\"attention_bias\": true")
                .replace("\"head_dim\": 64,", ""));

        assertThat(config.keyValueHeads()).isEqualTo(32);
        assertThat(config.ropeTheta()).isEqualTo(10_000);
        assertThat(config.headSize()).isEqualTo(64);
        assertThat(config.variant().outputBias()).isTrue();
        assertThat(config.variant().mlpBias()).isFalse();
    }

    @Test
    void stopTokensOfTheGenerationConfigurationComeFirst() throws IOException {
        Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": [151645, 151643]}");
        assertThat(load(QWEN2).stopTokens()).containsExactly(151_645, 151_643);

        Files.writeString(folder.resolve("generation_config.json"), "{\"temperature\": 0.7}");
        assertThat(load(QWEN2).stopTokens()).containsExactly(151_643);
    }

    @Test
    void whatIsWrittenIsReadAgain() throws IOException {
        for (String text : new String[] {QWEN2, QWEN3, LLAMA, MISTRAL}) {
            ModelConfig config = load(text);

            ConfigFile.write(config, folder, Dtype.BF16);

            assertThat(ConfigFile.read(folder)).isEqualTo(config);
        }
    }

    @Test
    void theWrittenFileHasTheFieldsThatTransformersReads() throws IOException {
        ConfigFile.write(load(QWEN2), folder, Dtype.F32);

        assertThat(Files.readString(folder.resolve("config.json")))
                .contains("\"model_type\" : \"qwen2\"", "\"Qwen2ForCausalLM\"", "\"num_key_value_heads\" : 2")
                .contains("\"eos_token_id\" : 151643", "\"rope_theta\" : 10000.0", "\"torch_dtype\" : \"float32\"")
                .doesNotContain("pad_token_id", "qkNorm");
    }

    @Test
    void fieldsThatStandForNoNumberAreWrittenAgain() throws IOException {
        for (String text : new String[] {QWEN2, QWEN3, LLAMA, MISTRAL}) {
            ConfigFile.write(load(text), folder, Dtype.BF16);

            JsonNode written = Json.read(folder.resolve("config.json"));
            Json.parse(text, "text").properties().forEach(field -> {
                boolean said = !field.getValue().isNull() || written.has(field.getKey());
                String name = field.getKey().equals("dtype") ? "torch_dtype" : field.getKey();
                if (said) {
                    assertThat(written.path(name).toString())
                            .as(name)
                            .isEqualTo(
                                    name.equals("rope_theta")
                                            ? field.getValue().doubleValue() + ""
                                            : field.getValue().toString());
                }
            });
        }
    }

    @Test
    void aScalingThatNoFileSpelledIsWritten() throws IOException {
        for (RopeScaling scaling : List.of(
                new RopeScaling.Linear(2),
                new RopeScaling.Llama3(8, 1, 4, 32),
                new RopeScaling.Yarn(4, 32, 1.25, 16, 2, false))) {
            ModelConfig config = load(LLAMA.replaceAll("(?s)\"rope_scaling\".*?},", ""));
            ModelConfig.Variant variant = config.family().variant(true, true, scaling);

            ConfigFile.write(config.with(variant), folder, Dtype.F32);

            assertThat(ConfigFile.read(folder).variant()).isEqualTo(variant);
        }
    }

    @Test
    void layersThatAFamilyDoesNotHaveAreRefused() throws IOException {
        ModelConfig mistral = load(MISTRAL);

        assertThatThrownBy(() -> mistral.with(ModelConfig.Family.LLAMA.variant(true, false, new RopeScaling.None())))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("a model of the family mistral cannot have Variant[qkvBias=true");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "\"qwen2\" ~ \"qwen2_moe\" ~ unsupported model_type \"qwen2_moe\"",
                "\"qwen2\" ~ \"qwen3_moe\" ~ unsupported model_type \"qwen3_moe\"",
                "\"qwen2\" ~ \"gemma2\" ~ unsupported model_type \"gemma2\" (supported are qwen2, qwen3, llama,"
                        + " mistral)",
                "\"qwen2\" ~ \"llama\" ~ unsupported architectures.0 \"Qwen2ForCausalLM\" (supported is"
                        + " LlamaForCausalLM)",
                "\"Qwen2ForCausalLM\" ~ \"Qwen2ForRewardModel\" ~ unsupported architectures.0 \"Qwen2ForRewardModel\"",
                "\"use_sliding_window\": false ~ \"use_sliding_window\": true ~ unsupported use_sliding_window true",
                "\"silu\" ~ \"gelu\" ~ unsupported hidden_act \"gelu\" (supported is silu)",
                "\"use_cache\": true ~ \"rope_scaling\": {\"type\": \"dynamic\", \"factor\": 4} ~ unsupported"
                        + " rope_scaling.type \"dynamic\" (supported are default, linear, llama3, yarn)",
                "\"use_cache\": true ~ \"rope_scaling\": {\"rope_type\": \"longrope\"} ~ unsupported"
                        + " rope_scaling.rope_type \"longrope\"",
                "\"use_cache\": true ~ \"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4, \"blend\": 2} ~"
                        + " unsupported rope_scaling.blend 2: remove it if",
                "\"use_cache\": true ~ \"rope_scaling\": {\"type\": \"yarn\", \"factor\": \"4\"} ~"
                        + " rope_scaling.factor must be a number, not \"4\"",
                "\"use_cache\": true ~ \"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4,"
                        + " \"truncate\": 1} ~ rope_scaling.truncate must be true or false, not 1",
                "\"use_cache\": true ~ \"rope_scaling\": {\"type\": \"linear\", \"factor\": 0} ~ factor must be"
                        + " positive, not 0.0",
                "\"use_cache\": true ~ \"rope_scaling\": [1] ~ rope_scaling must be an object, not [1]",
                "\"use_cache\": true ~ \"partial_rotary_factor\": 0.5 ~ unsupported partial_rotary_factor 0.5",
                "\"use_cache\": true ~ \"rope_scaling\": {\"factor\": 4} ~ unsupported rope_scaling.factor 4",
                "\"use_cache\": true ~ \"rope_parameters\": {\"rope_type\": \"linear\"} ~"
                        + " rope_parameters.factor is missing: set it to a number",
                "\"use_cache\": true ~ \"layer_types\": [\"sliding_attention\"] ~ unsupported layer_types"
                        + " \"sliding_attention\"",
                "\"use_cache\": true ~ \"quantization_config\": {\"bits\": 4} ~ unsupported quantization_config",
                "\"num_key_value_heads\": 2 ~ \"num_key_value_heads\": 5 ~ num_key_value_heads 5 must divide 12 heads",
                "\"num_hidden_layers\": 28 ~ \"num_hidden_layers\": 0 ~ num_hidden_layers must be positive, not 0",
                "\"hidden_size\": 1536 ~ \"hidden_size\": 36 ~ head_dim must be even",
                "\"eos_token_id\": 151643 ~ \"eos_token_id\": 200000 ~ eos_token_id 200000 is not in the vocabulary",
                "\"vocab_size\": 151936 ~ \"vocab\": 151936 ~ vocab_size is missing: set it to a whole number",
                "\"vocab_size\": 151936 ~ \"vocab_size\": null ~ vocab_size must be a whole number, not null",
                "\"vocab_size\": 151936 ~ \"vocab_size\": \"151936\" ~ vocab_size must be a whole number, not"
                        + " \"151936\"",
                "\"num_hidden_layers\": 28 ~ \"num_hidden_layers\": 28.5 ~ num_hidden_layers must be a whole number,"
                        + " not 28.5",
                "\"num_hidden_layers\": 28 ~ \"num_hidden_layers\": 9999999999 ~ num_hidden_layers must be a whole"
                        + " number, not 9999999999",
                "\"num_hidden_layers\": 28 ~ \"num_hidden_layers\": [28] ~ num_hidden_layers must be a whole number",
                "\"rms_norm_eps\": 1e-06 ~ \"rms_norm_eps\": {} ~ rms_norm_eps must be a number, not {}",
                "\"rms_norm_eps\": 1e-06, ~ `` ~ rms_norm_eps is missing: set it to a number",
                "\"tie_word_embeddings\": true ~ \"tie_word_embeddings\": 1 ~ tie_word_embeddings must be true or"
                        + " false, not 1",
                "\"bos_token_id\": 151643 ~ \"bos_token_id\": \"<s>\" ~ bos_token_id must be a token id or null, not"
                        + " \"<s>\"",
                "\"eos_token_id\": 151643 ~ \"eos_token_id\": {\"a\": 1} ~ eos_token_id must be a token id, or a list"
                        + " of token ids, not {\"a\":1}",
                "\"eos_token_id\": 151643 ~ \"eos_token_id\": [1, \"2\"] ~ eos_token_id must be a token id, or a list",
            })
    void whatWouldBeRunWronglyIsRefusedByName(String from, String to, String message) {
        assertThat(QWEN2).contains(from);

        assertThatThrownBy(() -> load(QWEN2.replace(from, to)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(folder.resolve("config.json") + ": ")
                .hasMessageContaining(message)
                .hasMessageNotContainingAny("\n", "java", "org.rlvr4j", "type `", "property", "tools.jackson");
    }

    @Test
    void stopTokensThatAreNoneAreSaidToBeInTheirFile() throws IOException {
        Path file = Files.writeString(folder.resolve("generation_config.json"), "{\"eos_token_id\": \"<|im_end|>\"}");

        assertThatThrownBy(() -> load(QWEN2))
                .hasMessage(file + ": eos_token_id must be a token id, or a list of token ids, not \"<|im_end|>\"");
    }

    @Test
    void nestingBeyondTheParserIsOneSentence() {
        assertThatThrownBy(() -> load("[".repeat(2000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(folder.resolve("config.json") + " is not valid JSON: ")
                .hasMessageNotContaining("StreamReadConstraints");
    }

    @Test
    void anAttentionBiasMeansWhatTheFamilyMakesOfIt() throws IOException {
        ModelConfig.Variant qwen2 = load(QWEN2.replace("\"attention_dropout\": 0.0", "\"attention_bias\": true"))
                .variant();
        ModelConfig.Variant qwen3 = load(QWEN3.replace("\"attention_bias\": false", "\"attention_bias\": true"))
                .variant();

        assertThat(qwen2.qkvBias()).isTrue();
        assertThat(qwen2.outputBias()).isFalse();
        assertThat(qwen3.qkvBias()).isTrue();
        assertThat(qwen3.outputBias()).isTrue();
    }

    @Test
    void aSlidingWindowOfMistralIsRefusedAndItsAbsenceTransformersTakesForOne() {
        assertThatThrownBy(() -> load(MISTRAL.replace("\"sliding_window\": null", "\"sliding_window\": 4096")))
                .hasMessage(folder.resolve("config.json") + ": unsupported sliding_window 4096: set it to null if no"
                        + " sequence will be longer than the window");
        assertThatThrownBy(() -> load(MISTRAL.replace("\"sliding_window\": null,", "")))
                .hasMessage(folder.resolve("config.json") + ": unsupported sliding_window by its absence, which means"
                        + " 4096: set it to null if no sequence will be longer than the window");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> ConfigFile.read(folder))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("no such file: " + folder.resolve("config.json"));
    }

    private ModelConfig load(String json) throws IOException {
        Files.writeString(folder.resolve("config.json"), json);
        return ConfigFile.read(folder);
    }
}
