package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.rlvr4j.cli.TinyEvaluation.copy;
import static org.rlvr4j.cli.TinyEvaluation.hashes;
import static org.rlvr4j.cli.TinyEvaluation.rewrite;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.run.Build;
import org.rlvr4j.run.files.FolderLock;
import org.rlvr4j.run.files.Sha256;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** An evaluation's completions and reports: the same however it was run. */
class EvalTest {

    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private static Path shared = Path.of("");

    private static TinyEvaluation tiny = new TinyEvaluation(shared);
    private static Path finished = Path.of("");

    @TempDir
    private Path folder = Path.of("");

    @BeforeAll
    static void evaluateOnce() throws IOException {
        tiny = TinyEvaluation.in(shared);
        finished = tiny.finished();
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

        tiny.evaluate(other, "--max-sequences=" + sequences, "--threads=" + threads);

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

        String printed = tiny.evaluate(torn);

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

        assertThat(TinyRun.failure(2, tiny.arguments(finished, option)))
                .startsWith("rlvr4j: " + finished + " holds an evaluation with ")
                .contains(difference, "; set that back, or choose another --output");
        assertThat(hashes(finished)).isEqualTo(before);
    }

    @Test
    void otherWeightsAndProblemsAreRefusedByName() throws IOException {
        Path changed = folder.resolve("model");
        TinyRun.execute(List.of("convert", "--model=" + tiny.model(), changed.toString(), "--dtype", "BF16"));
        Path problems = shared.resolve("sums.jsonl");
        Path copies = Files.createDirectories(folder.resolve("problems"));
        Files.writeString(copies.resolve("more.jsonl"), Files.readString(shared.resolve("more.jsonl")) + "\n");

        assertThat(TinyRun.failure(2, tiny.arguments(finished, "--model=" + changed)))
                .contains(
                        "weights.model.safetensors \"" + Sha256.of(tiny.model().resolve("model.safetensors")));
        assertThat(TinyRun.failure(
                        2,
                        tiny.arguments(
                                finished,
                                problems.toString(),
                                copies.resolve("more.jsonl").toString())))
                .contains("problems.more.jsonl \"" + Sha256.of(shared.resolve("more.jsonl")));
    }

    @Test
    void secondEvaluationIntoAFolderIsRefusedBeforeItWritesAnything() {
        Path output = folder.resolve("output");

        try (var _ = FolderLock.of(output)) {
            assertThat(TinyRun.failure(2, tiny.arguments(output)))
                    .isEqualTo("rlvr4j: another process is writing to " + output
                            + ": wait for its end, or set another output");
            assertThat(hashes(output)).isEmpty();
        }
        tiny.evaluate(output);

        assertThat(hashes(output)).isEqualTo(hashes(finished));
    }

    @Test
    void reportSaysWhatItIsOf() {
        for (String form : List.of("report.md", "report.json", "report.html")) {
            assertThat(finished.resolve(form))
                    .content()
                    .contains(
                            Sha256.of(tiny.model().resolve("model.safetensors")),
                            Sha256.of(tiny.model().resolve("tokenizer.json")),
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
    void dumpThatWasTamperedWithIsRefused() throws IOException {
        Path changed = copy(finished, folder.resolve("changed"));
        rewrite(changed, dump -> dump.replaceFirst("\"sample\":1", "\"sample\":2"));

        assertThat(TinyRun.failure(2, tiny.arguments(changed)))
                .isEqualTo("rlvr4j: " + changed.resolve("completions.jsonl")
                        + " has sample 2 of sums/1 where sample 1 of a problem should be");
    }

    private static List<JsonNode> lines(Path evaluation) throws IOException {
        return Files.readAllLines(evaluation.resolve("completions.jsonl")).stream()
                .map(JSON::readTree)
                .toList();
    }
}
