package org.rlvr4j.cli.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.cli.download.FakeHub.Refusal;
import org.rlvr4j.cli.download.FakeHub.Request;

/** A download that something stands against: it goes on, or ends in one sentence. */
class FailedDownloadTest extends DownloadCase {

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

        assertThat(run("model", "org/name"))
                .endsWith("or it is private or gated and needs a token: set HF_TOKEN, or log in with `hf auth login`");
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
}
