package org.rlvr4j.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.rlvr4j.cli.InputFormat.Reader;
import org.rlvr4j.data.Columns;
import org.rlvr4j.data.Problems;
import org.rlvr4j.data.VerlFile;
import org.rlvr4j.eval.grader.Grader;
import org.rlvr4j.run.config.RunConfig;

/**
 * All kinds of input from outside, read as the program reads them.
 *
 * @param folder where they lie
 */
record InputFormats(Path folder) {

    /** A version, 1, and a list of structs, the schema, as Thrift begins them. */
    private static final Pattern FOOTER = Pattern.compile("\u0015\u0002\u0019.[H5]", Pattern.DOTALL);

    private static final List<String> JSON =
            spaced("{ } [ ] : , \" null true \\u0000 \\ud800 \u00e9 \0 ../ /etc/passwd");

    List<InputFormat> all() throws IOException {
        return Stream.concat(
                        new ModelInputs(folder).all().stream(), Stream.of(parquet(), jsonLines(), yaml(), answers()))
                .toList();
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
                written(file, () -> {
                    Problems.load(file);
                    Problems.load(file, Columns.ALL);
                }));
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
                words("\r \u2028 #### \"answer\" \"messages\" {} 1e999", "\n", "\"id\": 1"),
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
                spaced(
                        "*a ... { } [ ] # \t ' \" \0 \ufeff null ~ 0x7fffffffffffffffff 1:2:3 .inf",
                        "&a ",
                        "<<: *a",
                        "!!javax.script.ScriptEngineManager ",
                        "!!binary ",
                        "!<tag:x> ",
                        "---\n",
                        "- ",
                        ": ",
                        "? ",
                        "|\n",
                        ">\n",
                        "%YAML 9.9\n",
                        "&a [*a, *a]",
                        "seeds: [1]",
                        "  "),
                UnaryOperator.identity(),
                written(file, () -> RunConfig.read(file, List.of(), List.of())));
    }

    private static InputFormat answers() {
        var grader = new Grader();
        List<String> truths =
                List.of("\\frac{3\\sqrt{5}}{2}", "(-\\infty, 3] \\cup \\{7\\}", "x^2+2x+1", "12", "\\text{east}");
        return new InputFormat(
                "LaTeX",
                "",
                texts(truths.stream().map(truth -> "So \\boxed{" + truth + "}.").toArray(String[]::new)),
                spaced("\\boxed{ { } \\frac \\sqrt[3] ^{ _ \\left( \\right) \\pm ! % \\pi 10^{10^{10}}"
                        + " \\begin{pmatrix} \\end{pmatrix} & \\\\ \\cup 1/0 x \\log \\cdot"),
                UnaryOperator.identity(),
                input -> grader.grade(new String(input, StandardCharsets.UTF_8), truths));
    }

    static Reader written(Path file, Runnable reader) {
        return input -> {
            Files.write(file, input);
            reader.run();
        };
    }

    static List<byte[]> texts(String... texts) {
        return Stream.of(texts)
                .map(text -> text.getBytes(StandardCharsets.UTF_8))
                .toList();
    }

    /** What JSON is made of, words with blanks between them, and words with blanks in them. */
    static List<String> words(String spaced, String... others) {
        return Stream.concat(JSON.stream(), spaced(spaced, others).stream()).toList();
    }

    static List<String> spaced(String spaced, String... others) {
        return Stream.concat(Stream.of(spaced.split(" ", -1)), Stream.of(others))
                .toList();
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
