package org.rlvr4j.checks;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Documentation repeats what continuous integration runs. */
class CommandsTest {

    @Test
    void readmeAndContributingGiveTheCommandsOfContinuousIntegration() throws IOException {
        List<String> commands = Files.readAllLines(Path.of(".ci/run")).stream()
                .filter(line -> line.startsWith("verify=") || line.startsWith("full="))
                .map(line -> line.substring(line.indexOf('"') + 1, line.lastIndexOf('"')))
                .toList();

        assertThat(commands).hasSize(2);
        assertThat(Path.of("README.md")).content().contains("\n" + commands.getFirst() + "\n");
        assertThat(Path.of("CONTRIBUTING.md")).content().contains(commands);
    }
}
