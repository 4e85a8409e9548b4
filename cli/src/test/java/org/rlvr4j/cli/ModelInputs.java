package org.rlvr4j.cli;

import static org.rlvr4j.cli.InputFormats.texts;
import static org.rlvr4j.cli.InputFormats.words;
import static org.rlvr4j.cli.InputFormats.written;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import org.rlvr4j.model.Decoder;
import org.rlvr4j.model.Lora;
import org.rlvr4j.model.checkpoint.Adapters;
import org.rlvr4j.model.checkpoint.Checkpoint;
import org.rlvr4j.model.checkpoint.Safetensors;
import org.rlvr4j.model.text.ChatTemplate;
import org.rlvr4j.model.text.Tokenizer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.Workspace;
import org.rlvr4j.tensor.scalar.ScalarBackend;

/**
 * Inputs that make up a model.
 *
 * @param folder where they lie
 */
record ModelInputs(Path folder) {

    private static final Path TOKENIZER = Path.of("configs/tiny-tokenizer");
    private static final Workspace WORKSPACE = new Workspace(new ScalarBackend(), DType.F32);

    List<InputFormat> all() throws IOException {
        return List.of(safetensors(), index(), config(), adapter(), tokenizer(), tokenizerConfig(), template());
    }

    private InputFormat safetensors() {
        Path file = folder.resolve("weights.safetensors");
        return new InputFormat(
                "safetensors",
                file.getFileName().toString(),
                List.of(weights("a", "b"), weights("model.norm.weight")),
                words("F32 BF16 F64 I64 shape dtype data_offsets __metadata__ \"a\":"),
                ModelInputs::withLength,
                written(file, () -> readAll(file)));
    }

    private static void readAll(Path file) {
        try (Safetensors open = Safetensors.open(file)) {
            for (String name : open.names()) {
                if (open.entry(name).dtype() == Safetensors.Dtype.I64) {
                    open.readInts(name);
                } else {
                    open.read(name);
                }
            }
        }
    }

    private InputFormat index() throws IOException {
        Path shards = Files.createDirectories(folder.resolve("shards"));
        Files.write(shards.resolve("model-1.safetensors"), weights("a", "b"));
        Files.write(shards.resolve("model-2.safetensors"), weights("c"));
        return new InputFormat(
                "index",
                shards.toString(),
                texts("""
                    {"metadata": {"total_size": 64}, "weight_map": {"a": "model-1.safetensors", "b": "model-1.safetensors",
                      "c": "model-2.safetensors"}}\
                    """),
                words("model-2.safetensors .. ../weights.safetensors /dev/zero .", "\"a\": \"x\""),
                UnaryOperator.identity(),
                written(shards.resolve("model.safetensors.index.json"), () -> readAll(shards)));
    }

    private InputFormat config() throws IOException {
        Path checkpoint = TinyCheckpoint.write(folder.resolve("checkpoint"), 0);
        Path file = checkpoint.resolve("config.json");
        return new InputFormat(
                "config.json",
                checkpoint.toString(),
                List.of(Files.readAllBytes(file)),
                words(
                        "\"qwen3\" head_dim rope_scaling rope_parameters layer_types eos_token_id"
                                + " quantization_config tie_word_embeddings",
                        "[0, 1]"),
                UnaryOperator.identity(),
                written(file, () -> load(workspace -> Checkpoint.load(checkpoint, workspace, false))));
    }

    private InputFormat adapter() throws IOException {
        Path base = TinyCheckpoint.write(folder.resolve("base"), 0);
        Path adapter = Files.createDirectories(folder.resolve("adapter"));
        try (var workspace = new Workspace(new ScalarBackend(), DType.F32);
                Decoder model = Adapters.create(base, workspace, new Lora(2, 4, List.of("q_proj"), 1))) {
            Adapters.save(model, adapter, base);
        }
        Path file = adapter.resolve("adapter_config.json");
        return new InputFormat(
                "adapter_config.json",
                adapter.toString(),
                List.of(Files.readAllBytes(file)),
                words("\"v_proj\" use_dora rank_pattern lora_alpha init_lora_weights target_modules"),
                UnaryOperator.identity(),
                written(file, () -> load(workspace -> Adapters.load(base, adapter, workspace))));
    }

    private static void load(Function<Workspace, Decoder> loader) {
        try (Decoder _ = loader.apply(WORKSPACE)) {
            WORKSPACE.release();
        }
    }

    private InputFormat tokenizer() throws IOException {
        Path home = Files.createDirectories(folder.resolve("tokenizer"));
        String file = Files.readString(TOKENIZER.resolve("tokenizer.json"));
        String compact = file.replaceAll("\\n *", "");
        return new InputFormat(
                "tokenizer.json",
                home.toString(),
                texts(
                        compact,
                        compact.replace("NFC", "NFC")
                                .replaceAll(
                                        "\"Regex\": \"[^\\n]*?\"\\},\"b", "\"Regex\": \"(a|b)*c|\\\\\\\\s+\"},\"b")),
                words(
                        "(a*)*b (\\\\w+\\\\s?)*$ (?=a) {1,2147483647} \\\\p{L} merges vocab added_tokens"
                                + " content lstrip ByteLevel Split Regex ( ) | *",
                        "\"1 2\"",
                        "(.|\\\\n)*"),
                UnaryOperator.identity(),
                written(home.resolve("tokenizer.json"), () -> {
                    Tokenizer tokenizer = Tokenizer.load(home);
                    tokenizer.decode(tokenizer.encode("27+18+25=\n 1;<|im_end|>" + "1".repeat(40)), false);
                }));
    }

    private InputFormat tokenizerConfig() throws IOException {
        Path home = Files.createDirectories(folder.resolve("tokenizer-config"));
        return new InputFormat(
                "tokenizer_config.json",
                home.toString(),
                List.of(Files.readAllBytes(TOKENIZER.resolve("tokenizer_config.json"))),
                words("{{ }} {% %} chat_template eos_token content"),
                UnaryOperator.identity(),
                written(home.resolve("tokenizer_config.json"), () -> render(home)));
    }

    private InputFormat template() throws IOException {
        Path home = Files.createDirectories(folder.resolve("template"));
        Files.writeString(home.resolve("tokenizer_config.json"), "{\"eos_token\": \"<|im_end|>\"}");
        return new InputFormat(
                "chat template",
                home.toString(),
                texts(InputTemplates.CHAT, InputTemplates.TOOLS, InputTemplates.MACRO),
                InputTemplates.WORDS,
                UnaryOperator.identity(),
                written(home.resolve("chat_template.jinja"), () -> render(home)));
    }

    private static void render(Path home) {
        ChatTemplate.load(home)
                .render(
                        List.of(
                                Map.of("role", "system", "content", "Sum."),
                                Map.of("role", "user", "content", "What is 27+18? ".repeat(20))),
                        true);
    }

    /** Tensors of two by two numbers, and one of whole numbers. */
    private static byte[] weights(String... names) {
        var header = new StringBuilder("{\"__metadata__\": {\"format\": \"pt\"}");
        int end = 0;
        for (String name : names) {
            header.append(", \"%s\": {\"dtype\": \"F32\", \"shape\": [2, 2], \"data_offsets\": [%d, %d]}"
                    .formatted(name, end, end += 16));
        }
        header.append(
                ", \"n\": {\"dtype\": \"I64\", \"shape\": [1], \"data_offsets\": [%d, %d]}}".formatted(end, end + 8));
        byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
        return ByteBuffer.allocate(Long.BYTES + json.length + end + 8)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(json.length)
                .put(json)
                .array();
    }

    /** A safetensors file whose first eight bytes say how long its JSON has become. */
    private static byte[] withLength(byte[] file) {
        int end = new String(file, StandardCharsets.ISO_8859_1).lastIndexOf("}}") + 2;
        if (end > Long.BYTES) {
            ByteBuffer.wrap(file).order(ByteOrder.LITTLE_ENDIAN).putLong(end - Long.BYTES);
        }
        return file;
    }
}
