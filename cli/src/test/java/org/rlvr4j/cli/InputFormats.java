package org.rlvr4j.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.rlvr4j.cli.InputFormat.Reader;
import org.rlvr4j.data.Problems;
import org.rlvr4j.data.VerlFile;
import org.rlvr4j.eval.Grader;
import org.rlvr4j.model.Adapters;
import org.rlvr4j.model.ChatTemplate;
import org.rlvr4j.model.Checkpoint;
import org.rlvr4j.model.Lora;
import org.rlvr4j.model.Qwen2;
import org.rlvr4j.model.Safetensors;
import org.rlvr4j.model.Tokenizer;
import org.rlvr4j.tensor.DType;
import org.rlvr4j.tensor.ScalarBackend;
import org.rlvr4j.tensor.Workspace;

/**
 * All kinds of input from outside, read as the program reads them.
 *
 * @param folder where they lie
 */
record InputFormats(Path folder) {

    private static final Workspace WORKSPACE = new Workspace(new ScalarBackend(), DType.F32);
    private static final Path TOKENIZER = Path.of("configs/tiny-tokenizer");
    /** A version, 1, and a list of structs, the schema, as Thrift begins them. */
    private static final Pattern FOOTER = Pattern.compile("\u0015\u0002\u0019.[\u0048\u0035]", Pattern.DOTALL);

    private static final List<String> JSON = List.of(
            "{",
            "}",
            "[",
            "]",
            ":",
            ",",
            "\"",
            "null",
            "true",
            "\\u0000",
            "\\ud800",
            "\u00e9",
            "\0",
            "../",
            "/etc/passwd");

    List<InputFormat> all() throws IOException {
        return List.of(
                safetensors(),
                index(),
                config(),
                adapter(),
                tokenizer(),
                tokenizerConfig(),
                template(),
                parquet(),
                jsonLines(),
                yaml(),
                answers());
    }

    private InputFormat safetensors() {
        Path file = folder.resolve("weights.safetensors");
        return new InputFormat(
                "safetensors",
                file.getFileName().toString(),
                List.of(weights("a", "b"), weights("model.norm.weight")),
                words(JSON, "F32", "BF16", "F64", "I64", "shape", "dtype", "data_offsets", "__metadata__", "\"a\":"),
                InputFormats::withLength,
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
                words(JSON, "model-2.safetensors", "..", "../weights.safetensors", "/dev/zero", ".", "\"a\": \"x\""),
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
                        JSON,
                        "\"qwen3\"",
                        "head_dim",
                        "rope_scaling",
                        "rope_parameters",
                        "layer_types",
                        "eos_token_id",
                        "quantization_config",
                        "tie_word_embeddings",
                        "[0, 1]"),
                UnaryOperator.identity(),
                written(file, () -> load(workspace -> Checkpoint.load(checkpoint, workspace, false))));
    }

    private InputFormat adapter() throws IOException {
        Path base = TinyCheckpoint.write(folder.resolve("base"), 0);
        Path adapter = Files.createDirectories(folder.resolve("adapter"));
        try (var workspace = new Workspace(new ScalarBackend(), DType.F32);
                Qwen2 model = Adapters.create(base, workspace, new Lora(2, 4, List.of("q_proj"), 1))) {
            Adapters.save(model, adapter, base);
        }
        Path file = adapter.resolve("adapter_config.json");
        return new InputFormat(
                "adapter_config.json",
                adapter.toString(),
                List.of(Files.readAllBytes(file)),
                words(
                        JSON,
                        "\"v_proj\"",
                        "use_dora",
                        "rank_pattern",
                        "lora_alpha",
                        "init_lora_weights",
                        "target_modules"),
                UnaryOperator.identity(),
                written(file, () -> load(workspace -> Adapters.load(base, adapter, workspace))));
    }

    private static void load(Function<Workspace, Qwen2> loader) {
        try (Qwen2 _ = loader.apply(WORKSPACE)) {
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
                        JSON,
                        "(a*)*b",
                        "(\\\\w+\\\\s?)*$",
                        "(?=a)",
                        "{1,2147483647}",
                        "\\\\p{L}",
                        "merges",
                        "\"1 2\"",
                        "vocab",
                        "added_tokens",
                        "content",
                        "lstrip",
                        "ByteLevel",
                        "Split",
                        "Regex",
                        "(.|\\\\n)*",
                        "(",
                        ")",
                        "|",
                        "*"),
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
                words(JSON, "{{", "}}", "{%", "%}", "chat_template", "eos_token", "content"),
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

    private InputFormat parquet() throws IOException {
        Path file = folder.resolve("problems.parquet");
        var verl = new VerlFile(VerlFile.NUMBERED);
        var named = new VerlFile(VerlFile.NAMED);
        List<byte[]> seeds = new ArrayList<>();
        for (CompressionCodecName codec : List.of(
                CompressionCodecName.UNCOMPRESSED,
                CompressionCodecName.SNAPPY,
                CompressionCodecName.GZIP,
                CompressionCodecName.ZSTD)) {
            Path seed = Files.createTempFile(folder, "seed", ".parquet");
            Files.delete(seed);
            seeds.add(Files.readAllBytes(
                    codec == CompressionCodecName.ZSTD
                            ? named.write(seed, codec, List.of(named.row("sums", "1+2=", "3", "first")))
                            : verl.write(
                                    seed,
                                    codec,
                                    List.of(verl.row("sums", "1+2=", "3", 1), verl.row("sums", "2+2=", "4", 2)))));
        }
        return new InputFormat(
                "Parquet",
                file.getFileName().toString(),
                seeds,
                List.of(
                        "PAR1",
                        "prompt",
                        "list",
                        "element",
                        "\u0015\u0002",
                        "\u0016\uffff\u007f",
                        "\u0019\u001c",
                        "\0\0\0\0"),
                InputFormats::withFooterLength,
                written(file, () -> Problems.load(file)));
    }

    private InputFormat jsonLines() {
        Path file = folder.resolve("problems.jsonl");
        return new InputFormat(
                "JSON Lines",
                file.getFileName().toString(),
                texts("""
                    {"prompt": "1+2=", "answer": 3}
                    {"messages": [{"role": "user", "content": "2+2="}], "answer": ["4", 4.0], "id": "x", "source": "sums"}
                    """, """
                    {"question": "How many?", "answer": "Two and two. #### 4"}

                    {"question": "How much?", "answer": "#### 5", "id": 7}
                    """),
                words(JSON, "\n", "\r", "\u2028", "####", "\"answer\"", "\"messages\"", "\"id\": 1", "{}", "1e999"),
                UnaryOperator.identity(),
                written(file, () -> Problems.load(file)));
    }

    private InputFormat yaml() throws IOException {
        Path file = folder.resolve("run.yaml");
        return new InputFormat(
                "YAML",
                file.getFileName().toString(),
                List.of(
                        Files.readAllBytes(Path.of("configs/tiny.yaml")),
                        Files.readAllBytes(Path.of("configs/dcpo-qwen2.5-math-1.5b-lora.yaml"))),
                List.of(
                        "&a ",
                        "*a",
                        "<<: *a",
                        "!!javax.script.ScriptEngineManager ",
                        "!!binary ",
                        "!<tag:x> ",
                        "---\n",
                        "...",
                        "- ",
                        ": ",
                        "? ",
                        "|\n",
                        ">\n",
                        "{",
                        "}",
                        "[",
                        "]",
                        "#",
                        "\t",
                        "'",
                        "\"",
                        "%YAML 9.9\n",
                        "\0",
                        "\ufeff",
                        "&a [*a, *a]",
                        "seeds: [1]",
                        "null",
                        "~",
                        "0x7fffffffffffffffff",
                        "1:2:3",
                        ".inf",
                        "  "),
                UnaryOperator.identity(),
                written(file, () -> Configs.read(file, List.of(), RunConfig.class)));
    }

    private static InputFormat answers() {
        var grader = new Grader();
        List<String> truths =
                List.of("\\frac{3\\sqrt{5}}{2}", "(-\\infty, 3] \\cup \\{7\\}", "x^2+2x+1", "12", "\\text{east}");
        return new InputFormat(
                "LaTeX",
                "",
                texts(truths.stream().map(truth -> "So \\boxed{" + truth + "}.").toArray(String[]::new)),
                List.of(
                        "\\boxed{",
                        "{",
                        "}",
                        "\\frac",
                        "\\sqrt[3]",
                        "^{",
                        "_",
                        "\\left(",
                        "\\right)",
                        "\\pm",
                        "!",
                        "%",
                        "\\pi",
                        "10^{10^{10}}",
                        "\\begin{pmatrix}",
                        "\\end{pmatrix}",
                        "&",
                        "\\\\",
                        "\\cup",
                        "1/0",
                        "x",
                        "\\log",
                        "\\cdot"),
                UnaryOperator.identity(),
                input -> grader.grade(new String(input, StandardCharsets.UTF_8), truths));
    }

    private static Reader written(Path file, Runnable reader) {
        return input -> {
            Files.write(file, input);
            reader.run();
        };
    }

    private static List<byte[]> texts(String... texts) {
        return Stream.of(texts)
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    private static List<String> words(List<String> common, String... own) {
        return Stream.concat(common.stream(), Stream.of(own)).toList();
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

    /** A Parquet file whose last eight bytes say how long its footer is, counted from where its schema begins. */
    private static byte[] withFooterLength(byte[] file) {
        Matcher begin = FOOTER.matcher(new String(file, StandardCharsets.ISO_8859_1));
        if (begin.find() && file.length > begin.end() + 8) {
            ByteBuffer.wrap(file)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(file.length - 8, file.length - 8 - begin.start())
                    .put(file.length - 4, "PAR1".getBytes(StandardCharsets.US_ASCII));
        }
        return file;
    }
}
