package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.run.files.Sha256;

/** An ablation that is killed, in a run and between two, goes on with what is finished and ends in the same bytes. */
@Tag("full")
@ExtendWith(TinyStart.class)
@DisabledOnOs(OS.WINDOWS)
class AblationKillTest {

    private static final int SIGKILL = 128 + 9;
    private static final int STEPS = 6;

    private final TinyRun tiny;

    @TempDir
    private Path folder = Path.of("");

    AblationKillTest(TinyRun tiny) {
        this.tiny = tiny;
    }

    @Test
    void killedAblationEndsInTheBytesOfOneThatWasNot() throws Exception {
        Path whole = folder.resolve("whole");
        Path killed = folder.resolve("killed");
        assertThat(start(whole).waitFor()).as(printed(whole)).isZero();

        assertThat(killAt(killed, "warm-up.jsonl", 5)).doesNotContain("resumes");
        assertThat(killAt(killed, "A/seed-1/metrics.jsonl", 5)).doesNotContain("resumes"); // between two checkpoints
        assertThat(killAt(killed, "A/seed-2/result.json", 1)) // between two methods
                .containsPattern("A, seed 1: resumes after step [24] ");
        assertThat(killAt(killed, "B/seed-1/metrics.jsonl", 3))
                .contains(
                        "A, seed 1: resumes after step " + STEPS + " ", "A, seed 2: resumes after step " + STEPS + " ")
                .doesNotContain("warm-up");
        assertThat(start(killed).waitFor()).as(printed(killed)).isZero();

        assertThat(printed(killed))
                .contains(
                        "A, seed 1: resumes after step " + STEPS + " ", "A, seed 2: resumes after step " + STEPS + " ")
                .containsPattern("B, seed 1: resumes after step [24] ")
                .doesNotContain("B, seed 2: resumes", "warm-up", "damaged");
        assertThat(results(killed))
                .isEqualTo(results(whole))
                .containsKeys(
                        "results.jsonl",
                        "start/model.safetensors",
                        "A/seed-2/result.json",
                        "B/seed-1/metrics.jsonl",
                        "B/seed-2/samples.jsonl",
                        "B/seed-2/checkpoints/step-6/means.safetensors");
    }

    /**
     * Starts the ablation, kills it as soon as a file has so many lines, and returns what it has printed.
     *
     * @param file  file in the output folder; its lines of an earlier process do not count
     * @param lines number of lines
     */
    private String killAt(Path output, String file, int lines) throws Exception {
        Files.deleteIfExists(output.resolve(file));
        Process process = start(output);
        while (process.isAlive() && lines(output.resolve(file)) < lines) {
            Thread.sleep(1);
        }
        process.destroyForcibly();
        assertThat(process.waitFor()).as(printed(output)).isEqualTo(SIGKILL);
        return printed(output);
    }

    private static long lines(Path file) throws IOException {
        if (!Files.exists(file)) {
            return 0;
        }
        try (Stream<String> lines = Files.lines(file)) {
            return lines.count();
        }
    }

    private Process start(Path output) throws IOException {
        var arguments = new ArrayList<String>(tiny.warming(
                output,
                "methods=[{name: A, algorithm: DCPO, preset: PAPER, change: {}},"
                        + " {name: B, algorithm: GSPO, preset: PAPER, change: {}}]",
                "seeds=[1, 2]",
                "training.steps=" + STEPS,
                "training.saveEverySteps=2",
                "training.solvedBetween={from: 0, to: 0.9, rollouts: 4, seed: 1}"));
        arguments.set(0, "ablate");
        return TinyRun.start(TinyRun.command(arguments, TinyRun.PLAIN_LOOPS), printedFile(output));
    }

    private static Path printedFile(Path output) {
        return output.resolveSibling(output.getFileName() + ".txt");
    }

    private static String printed(Path output) throws IOException {
        return Files.readString(printedFile(output));
    }

    /** All that does not depend on the clock or the folder's name, by SHA-256; of result.json all but the seconds. */
    private static Map<String, String> results(Path output) throws IOException {
        var results = new TreeMap<String, String>();
        List<Path> files;
        try (Stream<Path> all = Files.walk(output)) {
            files = all.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            String name = output.relativize(file).toString();
            if (name.matches(".*(metrics|evaluations|samples|results|solved|warm-up)\\.jsonl|.*\\.safetensors")) {
                results.put(name, Sha256.of(file));
            } else if (name.endsWith("result.json")) {
                results.put(name, Files.readString(file).replaceFirst(",\"seconds\":.*", ""));
            }
        }
        return results;
    }
}
