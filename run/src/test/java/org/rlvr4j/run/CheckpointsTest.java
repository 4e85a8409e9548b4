package org.rlvr4j.run;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.run.files.SealedFolder;

class CheckpointsTest {

    @TempDir
    private Path folder = Path.of("");

    @Test
    void newestAreKeptAndTheBestOfThoseThatWereMeasured() throws IOException {
        assertThat(keptAfter(5, 2, Map.of(2L, 0.4, 4L, 0.3))).containsExactly("step-2", "step-4", "step-5");
        assertThat(keptAfter(6, 2, Map.of(2L, 0.4, 4L, 0.3, 6L, 0.5))).containsExactly("step-5", "step-6");
    }

    @Test
    void newerOfTwoThatAreAsGoodIsTheBest() throws IOException {
        assertThat(keptAfter(4, 1, Map.of(1L, 0.5, 2L, 0.5, 3L, 0.2))).containsExactly("step-2", "step-4");
    }

    @Test
    void withoutMeasurementsTheNewestAreKept() throws IOException {
        assertThat(keptAfter(4, 3, Map.of())).containsExactly("step-2", "step-3", "step-4");
    }

    @Test
    void ifNoneAreToBeKeptTheNewestAloneIsUntilAllHasEnded() throws IOException {
        assertThat(keptAfter(4, 0, Map.of(2L, 0.9, 3L, 0.1))).containsExactly("step-4");

        for (int keep : List.of(0, 1)) {
            var checkpoints = new Checkpoints(folder.resolve("kept-" + keep), keep);
            checkpoints.write(1, Map.of(), unfinished -> Files.writeString(unfinished.resolve("state.json"), "{}"));
            checkpoints.ended();
            assertThat(checkpoints.has(1)).isEqualTo(keep > 0);
        }
    }

    /** @param accuracy at the end; of a step it is known from that step on */
    private Stream<String> keptAfter(int steps, int keep, Map<Long, Double> accuracy) throws IOException {
        var checkpoints = new Checkpoints(folder.resolve("checkpoints"), keep);
        var known = new TreeMap<Long, Double>();
        for (int step = 1; step <= steps; step++) {
            Double measured = accuracy.get((long) step);
            if (measured != null) {
                known.put((long) step, measured);
            }
            checkpoints.write(step, known, unfinished -> Files.writeString(unfinished.resolve("state.json"), "{}"));
        }
        try (Stream<Path> files = Files.list(folder.resolve("checkpoints"))) {
            return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
        } finally {
            SealedFolder.removeTree(folder.resolve("checkpoints"));
        }
    }
}
