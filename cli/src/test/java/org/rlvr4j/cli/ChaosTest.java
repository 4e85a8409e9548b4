package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

@Tag("full")
@DisabledOnOs(OS.WINDOWS)
class ChaosTest {

    @TempDir
    private Path folder = Path.of("");

    @Test
    void killedRunsEndInTheBytesOfThoseThatWereNot() throws Exception {
        var chaos = new Chaos(folder, 3, System.out);

        assertThat(chaos.kill(5)).startsWith("5 kills");
        assertThat(chaos.whileWriting()).isPositive();
    }
}
