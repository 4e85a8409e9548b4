package org.rlvr4j.run.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.rlvr4j.rl.Axis;
import org.rlvr4j.rl.Method.Algorithm;

/** The page of objectives against the tables of methods and axes. */
class ObjectivesPageTest {

    private static final Path PAGE = Path.of("docs/objectives.md");
    private static final Path SETTINGS = Path.of("docs/settings.md");
    private static final Path EXAMPLE = Path.of("rl/src/test/java/org/rlvr4j/rl/MedianCentred.java");

    @ParameterizedTest
    @EnumSource
    void everyMethodHasARowWithItsPaper(Algorithm algorithm) throws IOException {
        String number = algorithm.arxiv();
        String month = "20" + number.substring(0, 2) + "-" + number.substring(2, 4);

        assertThat(Files.readAllLines(PAGE))
                .filteredOn(line -> line.startsWith("| `" + algorithm + "` |"))
                .singleElement()
                .asString()
                .startsWith(
                        "| `%s` | [%s](https://arxiv.org/abs/%s), %s |".formatted(algorithm, number, number, month));
    }

    @ParameterizedTest
    @EnumSource
    void everyKindIsInTheTableOfItsAxis(Axis axis) throws IOException {
        List<String> methods =
                Stream.of(Algorithm.values()).map(Algorithm::name).toList();

        assertThat(Files.readAllLines(SETTINGS))
                .filteredOn(line -> line.startsWith("| `" + axis + "` |"))
                .singleElement()
                .satisfies(row -> assertThat(axis.choices())
                        .filteredOn(kind -> !methods.contains(kind))
                        .allSatisfy(kind -> assertThat(row).contains("`" + kind + "`")));
    }

    @Test
    void exampleOfANewObjectiveIsOneThatCompiles() throws IOException {
        String source = Files.readString(EXAMPLE);

        assertThat(Files.readString(PAGE)).contains(source.substring(source.indexOf("/**")));
    }
}
