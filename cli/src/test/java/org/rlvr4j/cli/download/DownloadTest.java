package org.rlvr4j.cli.download;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.cli.download.FakeHub.Refusal;
import org.rlvr4j.cli.download.FakeHub.Request;
import org.rlvr4j.cli.report.Screen;
import picocli.CommandLine;

class DownloadTest {

    private static final String TOKEN = "hf_onlyForTheEndpoint";
    private static final byte[] WEIGHTS = FakeHub.bytes("0123456789".repeat(30_000));
    private static final Patience LITTLE =
            new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(1), Duration.ofSeconds(9));

    private final FakeHub hub = new FakeHub();
    private final Map<String, String> environment = new HashMap<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    private Patience patience = LITTLE;

    @TempDir
    private Path home = Path.of("");

    @BeforeEach
    void fillHub() {
        for (String name : List.of("config.json", "tokenizer.json", "README.md", "onnx/config.json")) {
            hub.files.put(name, FakeHub.bytes("the content of " + name));
        }
        hub.files.put("model.safetensors", WEIGHTS);
        hub.files.put("pytorch_model.bin", WEIGHTS);
        environment.put("HF_ENDPOINT", hub.endpoint());
        environment.put("HF_TOKEN", TOKEN);
    }

    @AfterEach
    void tokenIsNeverShown() {
        hub.close();
        assertThat(out.toString(UTF_8) + err.toString(UTF_8)).doesNotContain(TOKEN, "secret");
    }

    @Test
    void modelIsCachedAsHuggingFaceToolsCacheIt() throws IOException {
        assertThat(run("model", "org/name")).isEmpty();

        assertThat(out.toString(UTF_8)).isEqualTo(snapshot() + System.lineSeparator());
        assertThat(names(snapshot())).containsExactly("config.json", "model.safetensors", "tokenizer.json");
        assertThat(repository().resolve("refs/main")).hasContent(FakeHub.COMMIT);
        assertThat(Files.readSymbolicLink(snapshot().resolve("model.safetensors")))
                .isEqualTo(Path.of("../../blobs", FakeHub.sha256(WEIGHTS)));
        assertThat(Files.readSymbolicLink(snapshot().resolve("config.json")))
                .isEqualTo(Path.of("../../blobs", FakeHub.gitBlob(FakeHub.bytes("the content of config.json"))));
        assertThat(snapshot().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
        assertThat(names(repository().resolve("blobs"))).hasSize(3).noneMatch(name -> name.contains("incomplete"));
    }

    @Test
    void secondDownloadAsksForTheListingAlone() {
        run("model", "org/name");
        assertThat(hub.asked())
                .containsExactly(
                        "hub main",
                        "hub config.json",
                        "hub model.safetensors",
                        "store model.safetensors",
                        "hub tokenizer.json");

        assertThat(run("model", "org/name")).isEmpty();

        assertThat(hub.asked()).containsExactly("hub main");
    }

    @Test
    void contentThatAnotherCommitBroughtIsLinkedNotFetched() throws IOException {
        Path blob = Files.createDirectories(repository().resolve("blobs")).resolve(FakeHub.sha256(WEIGHTS));
        Files.write(blob, WEIGHTS);

        assertThat(run("model", "org/name")).isEmpty();

        assertThat(hub.asked()).containsExactly("hub main", "hub config.json", "hub tokenizer.json");
        assertThat(snapshot().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @Test
    void dataSetsLieUnderTheirOwnAddressAndFolder() {
        hub.files.put("data/train with space.parquet", WEIGHTS);

        assertThat(run("dataset", "org/name", "--revision=refs/pr/1")).isEmpty();

        assertThat(hub.requests)
                .extracting(Request::path)
                .contains(
                        "/api/datasets/org/name/revision/refs/pr/1",
                        "/datasets/org/name/resolve/" + FakeHub.COMMIT + "/data/train with space.parquet");
        Path folder = hubFolder().resolve("datasets--org--name");
        assertThat(folder.resolve("refs/refs/pr/1")).hasContent(FakeHub.COMMIT);
        assertThat(folder.resolve("snapshots").resolve(FakeHub.COMMIT).resolve("data/train with space.parquet"))
                .hasBinaryContent(WEIGHTS)
                .isSymbolicLink();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        *.json       | config.json onnx tokenizer.json
        /*.json      | config.json tokenizer.json
        onnx/*       | onnx
        READ*        | README.md
        """)
    void patternSaysWhichFiles(String pattern, String names) throws IOException {
        assertThat(run("model", "org/name", "--file", pattern)).isEmpty();

        assertThat(names(snapshot())).containsExactly(names.split(" "));
    }

    @Test
    void brokenConnectionIsContinuedWhereItBroke() {
        hub.cuts.put("model.safetensors", 100_000);

        assertThat(run("model", "org/name")).isEmpty();

        assertThat(hub.requests)
                .filteredOn(request -> request.server().equals("store"))
                .extracting(Request::range)
                .hasSize(2)
                .element(1)
                .asString()
                .matches("bytes=[1-9]\\d*-");
        assertThat(snapshot().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void whatAnEarlierProcessLeftIsContinuedIfTheServerCan(boolean ignoresRanges) throws IOException {
        hub.ignoresRanges = ignoresRanges;
        leave(Arrays.copyOf(WEIGHTS, 123_456));

        assertThat(run("model", "org/name")).isEmpty();

        assertThat(hub.requests).extracting(Request::range).contains("bytes=123456-");
        assertThat(snapshot().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 0, -1})
    void whatAnEarlierProcessLeftMayBeWholeOrTooLong(int missing) throws IOException {
        leave(Arrays.copyOf(WEIGHTS, WEIGHTS.length - missing));

        assertThat(run("model", "org/name")).isEmpty();

        assertThat(snapshot().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"config.json", "model.safetensors"})
    void contentWithAnotherChecksumIsRemoved(String name) throws IOException {
        byte[] content = hub.files.getOrDefault(name, WEIGHTS).clone();
        content[3]++;
        hub.forged.put(name, content);

        assertThat(run("model", "org/name"))
                .startsWith("cannot download org/name: the content of " + name + " has not the checksum ");
        assertThat(names(repository().resolve("blobs"))).noneMatch(blob -> blob.contains("incomplete"));
        assertThat(repository().resolve("refs/main")).doesNotExist();
    }

    @Test
    void tokenGoesToTheEndpointAlone() {
        assertThat(run("model", "org/name")).isEmpty();

        assertThat(hub.requests).isNotEmpty().allMatch(request -> request.authorization()
                .equals(request.server().equals("hub") ? "Bearer " + TOKEN : ""));
    }

    @Test
    void offlineTheCacheIsUsedWithoutAnyRequest() {
        run("model", "org/name");
        hub.requests.clear();
        environment.put("HF_HUB_OFFLINE", "1");

        assertThat(run("model", "org/name")).isEmpty();
        assertThat(run("model", "org/name", "--revision", FakeHub.COMMIT)).isEmpty();

        assertThat(out.toString(UTF_8).lines())
                .hasSize(3)
                .containsOnly(snapshot().toString());
        assertThat(hub.requests).isEmpty();
    }

    @Test
    void offlineItIsSaidWhatIsMissing() throws IOException {
        environment.put("HF_HUB_OFFLINE", "true");
        assertThat(run("model", "org/name"))
                .isEqualTo("HF_HUB_OFFLINE is set, and of org/name at main the cache " + hubFolder()
                        + " has no /*.safetensors, /config.json, /tokenizer.json: download it once with a network");

        environment.remove("HF_HUB_OFFLINE");
        hub.files.put(
                "model.safetensors.index.json",
                FakeHub.bytes("{\"weight_map\": {\"a\": \"model.safetensors\", \"b\": \"model-2.safetensors\"}}"));
        run("model", "org/name");
        environment.put("HF_HUB_OFFLINE", "YES");
        assertThat(run("model", "org/name")).contains(" has no model-2.safetensors: ");

        Files.delete(repository().resolve("blobs").resolve(FakeHub.sha256(WEIGHTS)));
        assertThat(run("model", "org/name")).contains(" has no /*.safetensors, model-2.safetensors, model.safetensors");
    }

    @Test
    void hubThatCannotBeReachedIsReplacedByTheCache() {
        run("model", "org/name");
        hub.close();

        assertThat(run("model", "org/name")).isEmpty();
        assertThat(run("model", "org/other"))
                .startsWith(hub.endpoint() + " cannot be reached, and of org/other at main");
        assertThat(err.toString(UTF_8)).contains("so org/name is what the cache has");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        404 |                  | there is no HUB/org/name, or it is private or gated and HF_TOKEN is not accepted for it
        401 | RepoNotFound     | there is no HUB/org/name, or it is private or gated and HF_TOKEN is not accepted for it
        404 | RevisionNotFound | org/name has no revision main
        401 | GatedRepo        | org/name is gated: accept its terms at HUB/org/name, and set HF_TOKEN to a token of that account
        403 |                  | org/name is gated: accept its terms at HUB/org/name, and set HF_TOKEN to a token of that account
        418 |                  | cannot download org/name: the server answers with status 418; run the command again later
        """)
    void refusalSaysWhatToDo(int status, String code, String sentence) {
        hub.refusals.add(new Refusal(status, code == null ? Map.of() : Map.of("X-Error-Code", code)));

        assertThat(run("model", "org/name")).isEqualTo(sentence.replace("HUB", hub.endpoint()));
        assertThat(hub.requests).hasSize(1);
    }

    @Test
    void withoutTokenTheSentenceNamesTheVariable() {
        environment.remove("HF_TOKEN");
        hub.refusals.add(new Refusal(401, Map.of()));

        assertThat(run("model", "org/name")).endsWith("or it is private or gated and needs HF_TOKEN");
    }

    @Test
    void passingFailureIsTriedAgain() {
        hub.refusals.add(new Refusal(429, Map.of("Retry-After", "0")));
        hub.refusals.add(new Refusal(503, Map.of()));

        assertThat(run("model", "org/name")).isEmpty();

        assertThat(hub.asked()).startsWith("hub main", "hub main", "hub main", "hub config.json");
    }

    @Test
    void lastingFailureIsReportedAfterFiveAttempts() {
        for (int i = 0; i < 9; i++) {
            hub.refusals.add(new Refusal(500, Map.of()));
        }

        assertThat(run("model", "org/name")).contains("the server answers with status 500");
        assertThat(hub.requests).hasSize(5);
    }

    @Test
    void longerWaitThanIsReasonableIsReportedAtOnce() {
        hub.refusals.add(new Refusal(429, Map.of("Retry-After", "10")));

        assertThat(run("model", "org/name")).startsWith("the Hub allows no more downloads for 10 s");
        assertThat(hub.requests).hasSize(1);
    }

    @Test
    void silenceEnds() {
        patience = new Patience(Duration.ofSeconds(5), Duration.ofMillis(200), Duration.ofMillis(1), Duration.ZERO);
        hub.silent = "model.safetensors";
        hub.cuts.put("model.safetensors", 100_000); // the second attempt gets all, but never an end

        assertThat(run("model", "org/name")).isEmpty();
        assertThat(hub.asked()).filteredOn("store model.safetensors"::equals).hasSizeGreaterThan(1);
        assertThat(snapshot().resolve("model.safetensors")).hasBinaryContent(WEIGHTS);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../../evil.json", "/etc/evil.json", "a/../../evil.json", "..", ""})
    void nameThatLeadsOutOfTheFolderIsRefused(String name) {
        hub.files.put(name, WEIGHTS);

        assertThat(run("model", "org/name", "--file=*")).isEqualTo('"' + name + "\" is refused as the name of a file");
        assertThat(hub.asked()).containsExactly("hub main");
    }

    @Test
    void downloadThatDoesNotFitTheDiskIsNotStarted() {
        hub.announcedSize = 1L << 60;

        assertThat(run("model", "org/name"))
                .startsWith("org/name takes 3458764513821 MB, and " + hubFolder() + " has ")
                .endsWith(" MB left: make room, or name a larger disk's folder in HF_HOME");
        assertThat(hub.asked()).containsExactly("hub main");
    }

    @Test
    void modelWithoutSafetensorsIsNoModel() {
        hub.files.remove("model.safetensors");

        assertThat(run("model", "org/name"))
                .isEqualTo("org/name has no file /*.safetensors; see " + hub.endpoint() + "/org/name/tree/"
                        + FakeHub.COMMIT);
    }

    @Test
    void fileFromAnywhereIsKeptIfItIsTheExpectedOne() {
        hub.files.put("some.parquet", WEIGHTS);
        String from = hub.endpoint() + "/x/resolve/" + FakeHub.COMMIT + "/some.parquet?secret";
        Path to = home.resolve("new/some.parquet");
        String[] right = {"file", from, "--sha256=" + FakeHub.sha256(WEIGHTS), "--to=" + to};

        assertThat(run("file", from, "--sha256=" + "0".repeat(64), "--to=" + to))
                .contains(" has not the checksum 0000");
        assertThat(to).doesNotExist();
        assertThat(run(right)).isEmpty();
        hub.requests.clear();
        assertThat(run(right)).isEmpty();

        assertThat(hub.requests).isEmpty();
        assertThat(to).hasBinaryContent(WEIGHTS);
        assertThat(out.toString(UTF_8).lines()).containsExactly(to.toString(), to.toString());
        assertThat(run("file", from, "--sha256=" + "0".repeat(64), "--to=" + to))
                .contains(" is another file than ");
    }

    @Test
    void problemsArePinned() {
        assertThat(PinnedFile.problems())
                .extracting(file -> file.file().path())
                .contains("math500.parquet", "amc2023.parquet", "aime_2024.parquet", "aime_2025.parquet")
                .doesNotHaveDuplicates();
        assertThat(PinnedFile.problems())
                .allMatch(file -> file.from().toString().matches("https://.*/[0-9a-f]{40}/.*"))
                .allMatch(file -> file.file().size() > 0);

        environment.put("HF_HUB_OFFLINE", "1");
        assertThat(run("problems"))
                .isEqualTo("HF_HUB_OFFLINE is set, and there is no "
                        + home.resolve(".cache/rlvr4j/problems/math500.parquet"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        HF_TOKEN    | hf_onlyForTheEndpoint x | HF_TOKEN has spaces or other characters that no token has
        HF_ENDPOINT | localhost               | HF_ENDPOINT is no address of the form https://HOST: localhost
        """)
    void badSettingIsOneSentence(String variable, String value, String sentence) {
        environment.put(variable, value);

        assertThat(run("model", "org/name")).isEqualTo(sentence);
    }

    @ParameterizedTest
    @ValueSource(strings = {"../name", "org/name/more", "org/..", "https://host/org/name"})
    void nameThatIsNoRepositoryIsRefused(String name) {
        assertThat(run("model", name)).isEqualTo('"' + name + "\" is no repository of the form ORG/NAME");
    }

    /** Returns the sentence of the failure, or nothing. */
    private String run(String... arguments) {
        var screen = new Screen(new PrintStream(err, true, UTF_8), false, 80, () -> 0);
        var command = new DownloadCommand(environment, home, patience, new PrintStream(out, true, UTF_8), screen);
        var failure = new StringBuilder();
        new CommandLine(command)
                .setExecutionExceptionHandler((e, _, _) -> {
                    assertThat(e).isInstanceOfAny(IllegalArgumentException.class, UncheckedIOException.class);
                    failure.append(e.getMessage());
                    return 2;
                })
                .execute(arguments);
        assertThat(failure.toString()).doesNotContain(TOKEN, "secret");
        return failure.toString();
    }

    private void leave(byte[] part) throws IOException {
        Path blobs = Files.createDirectories(repository().resolve("blobs"));
        Files.write(blobs.resolve(FakeHub.sha256(WEIGHTS) + ".incomplete"), part);
    }

    private Path hubFolder() {
        return home.resolve(".cache/huggingface/hub");
    }

    private Path repository() {
        return hubFolder().resolve("models--org--name");
    }

    private Path snapshot() {
        return repository().resolve("snapshots").resolve(FakeHub.COMMIT);
    }

    private static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }
}
