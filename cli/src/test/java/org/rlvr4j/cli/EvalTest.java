package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An evaluation's completions and reports: the same however it was run, and what can be done with them. */
class EvalTest {

    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> SMALL = List.of("--max-new-tokens=8", "--samples=5", "--threads=1");

    @TempDir
    private static Path shared = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    private static Path model = Path.of("");
    private static Path finished = Path.of("");

    @BeforeAll
    static void evaluateOnce() throws IOException {
        model = TinyCheckpoint.write(shared.resolve("model"), 0);
        writeProblems(shared.resolve("sums.jsonl"), "sums", 6);
        writeProblems(shared.resolve("more.jsonl"), "more", 3);
        finished = shared.resolve("finished");
        eval(finished);
    }

    private static void writeProblems(Path file, String source, int count) throws IOException {
        var lines = new ArrayList<String>();
        for (int i = 1; i <= count; i++) {
            lines.add(
                    "{\"prompt\": \"%d+%d=\", \"answer\": \"%d\", \"source\": \"%s\"}".formatted(i, i, 2 * i, source));
        }
        Files.write(file, lines);
    }

    @Test
    void dumpHasEveryCompletionWithItsTokensAndVerdict() throws IOException {
        List<JsonNode> lines = lines(finished);

        assertThat(lines).hasSize(9 * (1 + 5));
        assertThat(lines.getFirst().propertyNames())
                .containsExactly(
                        "suite",
                        "temperature",
                        "problem",
                        "accepted",
                        "sample",
                        "length",
                        "truncated",
                        "answer",
                        "correct",
                        "stage",
                        "response",
                        "tokens",
                        "logProbs");
        assertThat(lines).allSatisfy(line -> {
            assertThat(line.get("tokens").size()).isEqualTo(line.get("length").asInt());
            assertThat(line.get("logProbs").size()).isEqualTo(line.get("length").asInt());
            assertThat(line.get("logProbs")).allMatch(logProb -> logProb.asDouble() <= 0);
        });
        assertThat(lines.subList(6, 11))
                .extracting(line -> line.get("sample").asInt())
                .containsExactly(0, 1, 2, 3, 4);
        assertThat(lines.subList(6, 11))
                .allMatch(line -> line.get("problem").asString().equals("sums/1"));
    }

    @ParameterizedTest
    @CsvSource({"1, 2", "3, 1", "64, 2"})
    void bytesDependNeitherOnBatchesNorOnThreads(int sequences, int threads) {
        Path other = folder.resolve("other");

        eval(other, "--max-sequences=" + sequences, "--threads=" + threads);

        assertThat(hashes(other)).isEqualTo(hashes(finished)).hasSize(6);
    }

    @ParameterizedTest
    @CsvSource({"1", "3000", "12345"})
    void tornDumpIsGoneOnWith(int bytes) throws IOException {
        Path torn = Files.createDirectories(folder.resolve("torn"));
        Files.copy(finished.resolve("settings.yaml"), torn.resolve("settings.yaml"));
        try (var channel = Files.newByteChannel(
                Files.copy(finished.resolve("completions.jsonl"), torn.resolve("completions.jsonl")),
                StandardOpenOption.WRITE)) {
            channel.truncate(bytes);
        }

        String printed = eval(torn);

        assertThat(printed.contains("goes on after")).isEqualTo(bytes > 1);
        assertThat(hashes(torn)).isEqualTo(hashes(finished));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        --samples=6        | sampling.samples 5 and not 6
        --seed=2           | sampling.seed 1 and not 2
        --max-new-tokens=9 | greedy.maxNewTokens 8 and not 9, sampling.maxNewTokens 8 and not 9
        --limit=2          | suites.more 3 and not 2, suites.sums 6 and not 2
        --sampled=sums     | sampled.1 "more" and not absent
        """)
    void otherSettingsAreRefusedByName(String option, String difference) {
        Map<String, String> before = hashes(finished);

        assertThat(refused(evalArguments(finished, option)))
                .startsWith("rlvr4j: " + finished + " holds an evaluation with ")
                .contains(difference, "; set that back, or choose another --output");
        assertThat(hashes(finished)).isEqualTo(before);
    }

    @Test
    void otherWeightsAndProblemsAreRefusedByName() throws IOException {
        Path changed = folder.resolve("model");
        CheckpointFolder.convert(model, null, changed, org.rlvr4j.model.Safetensors.Dtype.BF16, Long.MAX_VALUE);
        Path problems = shared.resolve("sums.jsonl");
        Path copies = Files.createDirectories(folder.resolve("problems"));
        Files.writeString(copies.resolve("more.jsonl"), Files.readString(shared.resolve("more.jsonl")) + "\n");

        assertThat(refused(evalArguments(finished, "--model=" + changed)))
                .contains("weights.model.safetensors \"" + Sha256.of(model.resolve("model.safetensors")));
        assertThat(refused(evalArguments(
                        finished,
                        problems.toString(),
                        copies.resolve("more.jsonl").toString())))
                .contains("problems.more.jsonl \"" + Sha256.of(shared.resolve("more.jsonl")));
    }

    @Test
    void reportSaysWhatItIsOf() {
        for (String form : List.of("report.md", "report.json", "report.html")) {
            assertThat(finished.resolve(form))
                    .content()
                    .contains(
                            Sha256.of(model.resolve("model.safetensors")),
                            Sha256.of(model.resolve("tokenizer.json")),
                            Sha256.of(shared.resolve("sums.jsonl")),
                            Build.commit(),
                            "1+1=",
                            "for message in messages");
        }
        assertThat(finished.resolve("report.txt"))
                .content()
                .contains("Avg@1/Avg@5 in per cent", "sums", "more", "Average", "pass@4", "pass@5", "maj@2", "Longest");
    }

    @Test
    void scoreOfADumpPrintsWhatTheEvaluationDid() throws IOException {
        assertThat(printed("score", finished.toString()))
                .isEqualTo(Files.readString(finished.resolve("report.txt")) + "\nEvery verdict is as it was.\n");
    }

    @Test
    void scoreNamesVerdictsThatChanged() throws IOException {
        Path changed = copy(finished, folder.resolve("changed"));
        rewrite(
                changed,
                dump -> dump.replaceFirst(
                        "\"UNBOXED\",\"response\":\"[^\"]*\"", "\"UNBOXED\",\"response\":\"\\\\\\\\boxed{2}\""));

        assertThat(printed("score", changed.toString()))
                .contains("Verdicts that changed:\nsums/1, sample 0 at temperature 0.0: was UNBOXED, is IDENTICAL\n");
    }

    @Test
    void comparisonIsPairedAndSaysBetterOnlyBeyondTheInterval() throws IOException {
        Path right = copy(finished, folder.resolve("right"));
        rewrite(right, dump -> dump.replace("\"UNBOXED\"", "\"EXACT\""));
        Path one = copy(finished, folder.resolve("one"));
        rewrite(one, dump -> dump.replaceFirst("\"UNBOXED\"", "\"EXACT\""));

        String same = printed("compare", finished.toString(), finished.toString());
        String little = printed("compare", one.toString(), finished.toString());
        String much = printed(
                "compare",
                right.toString(),
                finished.toString(),
                one.toString(),
                "--output=" + folder.resolve("report"));

        assertThat(same).doesNotContain("better", "worse");
        assertThat(little).contains("+16.7 ").doesNotContain("better", "worse"); // one problem of six
        assertThat(much).contains("+100.0/+100.0", "better").doesNotContain("worse");
        assertThat(printed("compare", finished.toString(), right.toString())).contains("worse");
        for (String form : List.of("report.txt", "report.md", "report.html", "report.json")) {
            assertThat(folder.resolve("report").resolve(form)).content().contains("Avg@5");
        }
    }

    @Test
    void unfinishedEvaluationIsNeitherScoredNorCompared() throws IOException {
        Path part = copy(finished, folder.resolve("part"));
        rewrite(part, dump -> dump.lines().limit(23).reduce("", (a, b) -> a + b + "\n"));

        assertThat(refused(List.of("score", part.toString())))
                .isEqualTo("rlvr4j: " + part + " is not finished: of the 6 problems of sums, 3 are answered at"
                        + " temperature 1.0; the same eval goes on with it");
        assertThat(refused(List.of("compare", finished.toString(), part.toString())))
                .contains("is not finished");
    }

    @Test
    void dumpThatWasTamperedWithIsRefused() throws IOException {
        Path changed = copy(finished, folder.resolve("changed"));
        rewrite(changed, dump -> dump.replaceFirst("\"sample\":1", "\"sample\":2"));

        assertThat(refused(evalArguments(changed)))
                .isEqualTo("rlvr4j: " + changed.resolve("completions.jsonl")
                        + " has sample 2 of sums/1 where sample 1 of a problem should be");
    }

    private interface Edit {
        String of(String dump);
    }

    private static void rewrite(Path evaluation, Edit edit) throws IOException {
        Path dump = evaluation.resolve("completions.jsonl");
        Files.writeString(dump, edit.of(Files.readString(dump)));
    }

    private static Path copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        for (String name : List.of("settings.yaml", "completions.jsonl")) {
            Files.copy(from.resolve(name), to.resolve(name));
        }
        return to;
    }

    private static List<JsonNode> lines(Path evaluation) throws IOException {
        return Files.readAllLines(evaluation.resolve("completions.jsonl")).stream()
                .map(JSON::readTree)
                .toList();
    }

    /** Of all files. */
    private static Map<String, String> hashes(Path evaluation) {
        return new TreeMap<>(Sha256.of(evaluation, ".*"));
    }

    private static List<String> evalArguments(Path output, String... more) {
        var arguments = new ArrayList<>(List.of("eval"));
        boolean files = more.length > 0 && !more[0].startsWith("--");
        if (!files) {
            arguments.add(shared.resolve("sums.jsonl").toString());
            arguments.add(shared.resolve("more.jsonl").toString());
        }
        arguments.add("--output=" + output);
        var options = new ArrayList<>(List.of(more));
        SMALL.stream()
                .filter(option -> options.stream()
                        .noneMatch(other -> other.startsWith(option.substring(0, option.indexOf('=') + 1))))
                .forEach(arguments::add);
        if (options.stream().noneMatch(option -> option.startsWith("--model"))) {
            arguments.add("--model=" + model);
        }
        arguments.addAll(options);
        return arguments;
    }

    private static String eval(Path output, String... more) {
        return printed(evalArguments(output, more).toArray(String[]::new));
    }

    /** What a command prints that succeeds. */
    private static String printed(String... arguments) {
        var bytes = new ByteArrayOutputStream();
        PrintStream before = System.out;
        System.setOut(new PrintStream(bytes, true, StandardCharsets.UTF_8));
        try {
            assertThat(Main.commandLine(new Main(), true).execute(arguments)).isZero();
        } finally {
            System.setOut(before);
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static String refused(List<String> arguments) {
        var err = new StringWriter();
        assertThat(Main.commandLine(new Main(), false)
                        .setErr(new PrintWriter(err, true))
                        .execute(arguments.toArray(String[]::new)))
                .isEqualTo(2);
        return err.toString().strip();
    }
}
