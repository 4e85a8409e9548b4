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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.cli.screen.Screen;
import picocli.CommandLine;

/** A hub, a home and the command that downloads from the one to the other. */
abstract class DownloadCase {

    static final String TOKEN = "hf_onlyForTheEndpoint";
    static final byte[] WEIGHTS = FakeHub.bytes("0123456789".repeat(30_000));
    static final Patience LITTLE =
            new Patience(Duration.ofSeconds(5), Duration.ofSeconds(5), Duration.ofMillis(1), Duration.ofSeconds(9));

    final FakeHub hub = new FakeHub();
    final Map<String, String> environment = new HashMap<>();
    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    final ByteArrayOutputStream err = new ByteArrayOutputStream();
    Patience patience = LITTLE;

    @TempDir
    Path home = Path.of("");

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

    /** Returns the sentence of the failure, or nothing. */
    String run(String... arguments) {
        var screen = new Screen(new PrintStream(err, true, UTF_8), false, () -> 80, () -> 0);
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

    Path hubFolder() {
        return home.resolve(".cache/huggingface/hub");
    }

    Path repository() {
        return hubFolder().resolve("models--org--name");
    }

    Path snapshot() {
        return repository().resolve("snapshots").resolve(FakeHub.COMMIT);
    }

    static List<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(file -> String.valueOf(file.getFileName()))
                    .sorted()
                    .toList();
        }
    }
}
