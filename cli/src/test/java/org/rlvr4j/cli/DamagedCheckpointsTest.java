package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DamagedCheckpointsTest {

    @TempDir
    private Path folder = Path.of("");

    @Test
    void damagedCheckpointIsPassedOver() throws IOException {
        assertThat(new DamagedCheckpoints(folder, 5).damage(100)).contains("all detected, none loaded");
    }
}
