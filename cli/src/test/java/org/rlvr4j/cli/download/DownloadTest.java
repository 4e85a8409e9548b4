package org.rlvr4j.cli.download;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.cli.download.FakeHub.Request;

/** What is downloaded, from where, to where, and what need not be. */
class DownloadTest extends DownloadCase {

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

    private void leave(byte[] part) throws IOException {
        Path blobs = Files.createDirectories(repository().resolve("blobs"));
        Files.write(blobs.resolve(FakeHub.sha256(WEIGHTS) + ".incomplete"), part);
    }
}
