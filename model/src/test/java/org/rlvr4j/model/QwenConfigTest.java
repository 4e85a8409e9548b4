package org.rlvr4j.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.model.checkpoint.ConfigFile;
import org.rlvr4j.model.checkpoint.Safetensors.Dtype;

class QwenConfigTest {

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

    @TempDir
    Path folder = Path.of("");

    @Test
    void qwen2IsRead() throws IOException {
        QwenConfig config = load(QWEN2);

        assertThat(config.architecture()).isEqualTo(QwenConfig.Architecture.QWEN2);
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
        assertThat(config.qkvBias()).isTrue();
        assertThat(config.qkNorm()).isFalse();
    }

    @Test
    void qwen3IsReadInTheNewerSpelling() throws IOException {
        QwenConfig config = load(QWEN3);

        assertThat(config.headSize()).isEqualTo(128); // not hidden size by heads
        assertThat(config.ropeTheta()).isEqualTo(1e6);
        assertThat(config.tiedEmbeddings()).isFalse();
        assertThat(config.stopTokens()).containsExactly(7, 8);
        assertThat(config.beginToken()).isNull();
        assertThat(config.qkvBias()).isFalse();
        assertThat(config.qkNorm()).isTrue();
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
        for (String text : new String[] {QWEN2, QWEN3}) {
            QwenConfig config = load(text);

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

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "\"qwen2\" ~ \"qwen2_moe\" ~ unsupported model_type \"qwen2_moe\"",
                "\"qwen2\" ~ \"qwen3_moe\" ~ unsupported model_type \"qwen3_moe\"",
                "\"qwen2\" ~ \"llama\" ~ unsupported model_type \"llama\"",
                "\"Qwen2ForCausalLM\" ~ \"Qwen2ForRewardModel\" ~ unsupported architectures.0 \"Qwen2ForRewardModel\"",
                "\"use_sliding_window\": false ~ \"use_sliding_window\": true ~ unsupported use_sliding_window true",
                "\"silu\" ~ \"gelu\" ~ unsupported hidden_act \"gelu\" (supported is silu)",
                "\"use_cache\": true ~ \"rope_scaling\": {\"type\": \"yarn\", \"factor\": 4} ~ unsupported"
                        + " rope_scaling.type \"yarn\"",
                "\"use_cache\": true ~ \"rope_scaling\": {\"factor\": 4} ~ unsupported rope_scaling.factor 4",
                "\"use_cache\": true ~ \"rope_parameters\": {\"rope_type\": \"linear\"} ~ unsupported"
                        + " rope_parameters.rope_type",
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
    void anAttentionBiasIsRefusedForQwen3Alone() throws IOException {
        assertThat(load(QWEN2.replace("\"attention_dropout\": 0.0", "\"attention_bias\": true"))
                        .qkvBias())
                .isTrue();
        assertThatThrownBy(() -> load(QWEN3.replace("\"attention_bias\": false", "\"attention_bias\": true")))
                .hasMessageContaining("unsupported attention_bias true");
    }

    @Test
    void aMissingFileIsNamed() {
        assertThatThrownBy(() -> ConfigFile.read(folder))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("no such file: " + folder.resolve("config.json"));
    }

    private QwenConfig load(String json) throws IOException {
        Files.writeString(folder.resolve("config.json"), json);
        return ConfigFile.read(folder);
    }
}
