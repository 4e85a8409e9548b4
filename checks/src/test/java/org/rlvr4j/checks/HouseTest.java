package org.rlvr4j.checks;

import static org.assertj.core.api.Assertions.assertThat;

import com.palantir.javaformat.java.FormatterException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Format and sizes of the sources. Sizes are shown, and compared with a baseline that any change may raise. */
class HouseTest {

    /** Lines of code by module, each with the reason why it was last raised. */
    private static final Path BASELINE = Path.of("checks/sizes.properties");

    private static final double GROWTH = 1.1;
    private static final int MOST_LINES = 400; // of a file
    private static final int MOST_FILES = 30; // of a package
    private static final Map<Path, Integer> LARGER = Map.of(
            Path.of("tensor/src/main/java/org/rlvr4j/tensor"), 44, // sealed
            Path.of("cli/src/main/java/org/rlvr4j/cli"), 31); // a class for each command

    private final SourceTree tree = new SourceTree(Path.of(""));

    @Test
    void everySourceIsFormatted() throws IOException, FormatterException {
        assertThat(tree.unformatted())
                .as("run: mvn -q process-classes -Pformat")
                .isEmpty();
    }

    @Test
    void modulesStayNearTheirBaseline() throws IOException {
        Map<String, Long> lines = tree.linesOfModules();
        Map<String, Long> baseline = baseline();

        System.out.println("Lines of code, with the baseline: "
                + lines.keySet().stream()
                        .map(module -> module + " " + lines.get(module) + " (" + baseline.get(module) + ")")
                        .toList());
        lines.forEach((module, count) -> assertThat((double) count)
                .as("lines of " + module + "; if they are worth it, raise " + BASELINE + " with a line of reason")
                .isLessThanOrEqualTo(GROWTH * baseline.getOrDefault(module, 0L)));
    }

    @Test
    void filesAndPackagesCanBeHeldInTheHead() throws IOException {
        assertThat(tree.linesOfFiles())
                .allSatisfy((file, lines) ->
                        assertThat(lines).as("lines of code of " + file).isLessThanOrEqualTo(MOST_LINES));
        assertThat(tree.filesOfPackages()).allSatisfy((folder, files) -> assertThat(files)
                .as("files of " + folder)
                .isLessThanOrEqualTo(LARGER.getOrDefault(folder, MOST_FILES)));
    }

    @Test
    void everyPackageSaysWhatItIsAndIsCheckedForNulls() throws IOException {
        assertThat(tree.filesOfPackages().keySet())
                .filteredOn(folder -> !folder.startsWith("bench/src/main/java/org/rlvr4j/tensor")) // a visitor's
                .allSatisfy(folder -> assertThat(folder.resolve("package-info.java"))
                        .content()
                        .contains("@NullMarked"));
    }

    private static Map<String, Long> baseline() throws IOException {
        var properties = new Properties();
        try (Reader reader = Files.newBufferedReader(BASELINE)) {
            properties.load(reader);
        }
        var baseline = new TreeMap<String, Long>();
        properties.forEach((module, lines) -> baseline.put(module.toString(), Long.valueOf(lines.toString())));
        return baseline;
    }
}
