package org.rlvr4j.bench;

import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import ai.djl.huggingface.tokenizers.jni.TokenizersLibrary;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.openjdk.jmh.annotations.AuxCounters;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;
import org.rlvr4j.model.text.Tokenizer;

/** How fast does text become tokens on one thread, how much faster than in Rust, and is there a text that takes long? */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 5, time = 2)
@Fork(
        value = 1,
        jvmArgsAppend = {"-Xmx4g", "--enable-native-access=ALL-UNNAMED", "-Dai.djl.offline=true", "-DRUST_FLAVOR=cpu"})
public class TokenizerBenchmark {

    private static final int BYTES = 10_000_000;

    private static final Map<String, String> REPEATED = Map.ofEntries(
            Map.entry("letter", "a"),
            Map.entry("spaces", " "),
            Map.entry("digits", "7"),
            Map.entry("newlines", "\n"),
            Map.entry("punctuation", "!"),
            Map.entry("less-than", "<"), // every added token starts with it
            Map.entry("mark", "\u0301"),
            Map.entry("marks", "\u0301\u0323"), // in an order that normalisation has to reverse
            Map.entry("cjk", "中"),
            Map.entry("emoji", "😀"));

    /** Folder with {@code tokenizer.json}. */
    @Param("../shared/tokenizer/qwen2.5-math")
    String tokenizer = "";

    /** Text: the documents of this repository, ten megabytes of one repeated string, or the path of a file. */
    @Param({
        "english",
        "letter",
        "spaces",
        "digits",
        "newlines",
        "punctuation",
        "less-than",
        "mark",
        "marks",
        "cjk",
        "emoji"
    })
    String text = "";

    /** Number of characters per call: the whole text, or as many as a problem has, where Rust is at its best. */
    @Param({"10000000", "300"})
    int callLength;

    private final List<String> calls = new ArrayList<>();
    private double megabytes;
    private Function<String, int[]> rlvr4jEncoder = _ -> new int[0];
    private Function<String, long[]> rustEncoder = _ -> new long[0];

    /** JMH counter {@code megabytes}: millions of bytes of UTF-8 per second. */
    @AuxCounters
    @State(Scope.Thread)
    public static class Work {

        public double megabytes;

        @Setup(Level.Iteration)
        public void reset() {
            megabytes = 0;
        }
    }

    @Setup
    public void setup() throws IOException {
        String repeated = text.equals("english") ? documents() : REPEATED.get(text);
        String input = repeated == null ? Files.readString(Path.of(text)) : repeated.repeat(BYTES / bytes(repeated));
        megabytes = 1e-6 * bytes(input);
        for (int i = 0; i < input.length(); i += callLength) {
            calls.add(input.substring(i, Math.min(i + callLength, input.length())));
        }
        rlvr4jEncoder = Tokenizer.load(Path.of(tokenizer))::encode;
        rustEncoder = huggingFace(Path.of(tokenizer));
        String sample = input.substring(0, Math.min(input.length(), 100_000));
        int[] expected = Arrays.stream(rustEncoder.apply(sample))
                .mapToInt(Math::toIntExact)
                .toArray();
        if (!Arrays.equals(rlvr4jEncoder.apply(sample), expected)) {
            throw new IllegalStateException("the two do not agree on the text " + text);
        }
    }

    @Benchmark
    public int rlvr4j(Work work) {
        work.megabytes += megabytes;
        int tokens = 0;
        for (String call : calls) {
            tokens += rlvr4jEncoder.apply(call).length;
        }
        return tokens;
    }

    @Benchmark
    public int huggingFace(Work work) {
        work.megabytes += megabytes;
        int tokens = 0;
        for (String call : calls) {
            tokens += rustEncoder.apply(call).length;
        }
        return tokens;
    }

    /** Encoder that returns the ids only: DJL's method also copies each token's spelling, place and so on to Java. */
    private static Function<String, long[]> huggingFace(Path folder) throws IOException {
        TokenizersLibrary rust = TokenizersLibrary.LIB;
        HuggingFaceTokenizer loaded =
                HuggingFaceTokenizer.newInstance(folder, Map.of("truncation", "false", "padding", "false"));
        return text -> {
            long encoding = rust.encode(loaded.getHandle(), text, false);
            long[] ids = rust.getTokenIds(encoding);
            rust.deleteEncoding(encoding);
            return ids;
        };
    }

    private static String documents() throws IOException {
        var documents = new StringBuilder();
        try (Stream<Path> docs = Files.walk(Path.of("docs"))) {
            List<Path> files = Stream.concat(
                            Stream.of("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "LICENSE")
                                    .map(Path::of),
                            docs.filter(file -> file.toString().endsWith(".md")).sorted())
                    .toList();
            for (Path file : files) {
                documents.append(Files.readString(file));
            }
        }
        return documents.toString();
    }

    private static int bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
