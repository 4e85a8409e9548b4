package org.rlvr4j.cli.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.cli.download.FakeHub.Refusal;

/** Tokens of the environment and of a saved login, found as huggingface_hub finds them. */
class LoginTest extends DownloadCase {

    @BeforeEach
    void forgetToken() {
        environment.remove("HF_TOKEN");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                         |               | .cache/huggingface/token
        HF_HOME          | HOME/hf       | hf/token
        HF_HOME          | ~/hf          | hf/token
        HF_HOME          | $PLACE/hf     | hf/token
        XDG_CACHE_HOME   | HOME/xdg      | xdg/huggingface/token
        HF_TOKEN_PATH    | HOME/my.token | my.token
        HF_TOKEN_PATH    | ~/my.token    | my.token
        HF_TOKEN_PATH    | ${PLACE}/x    | x
        """)
    void savedLoginIsUsedAndGoesToTheEndpointAlone(String variable, String value, String file) throws IOException {
        save(file, TOKEN + "\n");
        environment.put("PLACE", home.toString());
        if (variable != null) {
            environment.put(variable, value.replace("HOME", home.toString()));
        }

        assertThat(run("model", "org/name")).isEmpty();

        assertThat(hub.requests).extracting(FakeHub.Request::server).contains("hub", "store");
        assertThat(hub.requests).allMatch(request -> request.authorization()
                .equals(request.server().equals("hub") ? "Bearer " + TOKEN : ""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        HF_TOKEN               | hf_other | hf_other
        HUGGING_FACE_HUB_TOKEN | hf_older | hf_older
        HF_TOKEN               | ''       | hf_onlyForTheEndpoint
        HF_TOKEN               | ' '      | hf_onlyForTheEndpoint
        HF_TOKEN_PATH          | HOME/no  |
        HF_HUB_DISABLE_IMPLICIT_TOKEN | 1   |
        HF_HUB_DISABLE_IMPLICIT_TOKEN | yes |
        HF_HUB_DISABLE_IMPLICIT_TOKEN | 0   | hf_onlyForTheEndpoint
        """)
    void variablesComeBeforeTheSavedLogin(String variable, String value, String token) throws IOException {
        save(".cache/huggingface/token", TOKEN);
        environment.put(variable, value.replace("HOME", home.toString()));

        assertThat(run("model", "org/name")).isEmpty();

        assertThat(hub.requests)
                .filteredOn(request -> request.server().equals("hub"))
                .extracting(FakeHub.Request::authorization)
                .containsOnly(token == null ? "" : "Bearer " + token);
    }

    @Test
    void implicitTokenThatIsDisabledIsNotSentEvenFromTheEnvironment() {
        environment.put("HF_TOKEN", TOKEN);
        environment.put("HF_HUB_DISABLE_IMPLICIT_TOKEN", "TRUE");

        assertThat(run("model", "org/name")).isEmpty();

        assertThat(hub.requests).extracting(FakeHub.Request::authorization).containsOnly("");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " \r\n", "\n\n"})
    void emptyFileIsNoLogin(String content) throws IOException {
        save(".cache/huggingface/token", content);

        assertThat(run("model", "org/name")).isEmpty();

        assertThat(hub.requests).extracting(FakeHub.Request::authorization).containsOnly("");
    }

    @Test
    void savedLoginThatCannotBeSentIsOneSentence() throws IOException {
        Path file = save(".cache/huggingface/token", TOKEN + " secret");
        assertThat(run("model", "org/name"))
                .isEqualTo("the saved token in " + file + " has spaces or other characters that no token has: log in"
                        + " again with `hf auth login`, or remove the file");

        Files.writeString(file, TOKEN.repeat(10_000));
        assertThat(run("model", "org/name")).startsWith("the saved token in " + file + " is longer than any token: ");

        Files.delete(file);
        Files.createDirectory(file);
        assertThat(run("model", "org/name")).startsWith("the saved token in " + file + " cannot be read");

        environment.put("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1");
        assertThat(run("model", "org/name")).isEmpty();
    }

    @Test
    void refusalNamesTheSavedLogin() throws IOException {
        Path file = save(".cache/huggingface/token", TOKEN);
        hub.refusals.add(new Refusal(401, Map.of()));

        assertThat(run("model", "org/name"))
                .endsWith("or it is private or gated and the saved token in " + file + " is not accepted for it");
    }

    private Path save(String name, String token) throws IOException {
        Path file = home.resolve(name);
        Files.createDirectories(Fetcher.parent(file));
        return Files.writeString(file, token);
    }
}
