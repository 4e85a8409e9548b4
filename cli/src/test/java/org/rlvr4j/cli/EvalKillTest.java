package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.run.evaluation.Dump;

/**
 * An evaluation that is killed by SIGKILL, again and again, ends in the bytes of one that is not. More often than in the
 * build:
 *
 * <pre>{@code
 * mvn -B test -pl cli -am -Dtest=EvalKillTest -Drlvr4j.kills=20 -Dsurefire.failIfNoSpecifiedTests=false
 * }</pre>
 */
@Tag("full")
@DisabledOnOs(OS.WINDOWS)
class EvalKillTest {

    private static final int KILLS = Integer.getInteger("rlvr4j.kills", 3);
    private static final int SIGKILL = 128 + 9;
    private static final long SEED = 17;

    @TempDir
    private Path folder = Path.of("");

    @Test
    void killedEvaluationEndsInTheSameBytes() throws Exception {
        Path model = TinyCheckpoint.write(folder.resolve("model"), 0);
        Path problems = folder.resolve("sums.jsonl");
        Files.write(
                problems,
                IntStream.range(1, 51)
                        .mapToObj(i -> "{\"prompt\": \"%d+%d=\", \"answer\": %d}".formatted(i, i, 2 * i))
                        .toList());
        Path whole = folder.resolve("whole");
        assertThat(start(whole, model, problems).waitFor()).isZero();
        long bytes = Files.size(whole.resolve(Dump.FILE));
        var random = new SplittableRandom(SEED);
        var sizes = new ArrayList<Long>();

        Path killed = folder.resolve("killed");
        for (int kill = 0; kill < KILLS; kill++) {
            // Somewhere on the way to the end, but not so near to it that the process may be there first.
            long before = size(killed);
            long target = before + (long) (random.nextDouble() * (0.9 * bytes - before) / (KILLS - kill));
            Process process = start(killed, model, problems);
            while (process.isAlive() && size(killed) <= target) {
                Thread.sleep(1);
            }
            Thread.sleep(0, random.nextInt(1_000_000));
            process.destroyForcibly();
            assertThat(process.waitFor()).as("kill " + kill).isEqualTo(SIGKILL);
            sizes.add(size(killed));
        }
        assertThat(start(killed, model, problems).waitFor()).isZero();

        System.out.println("# killed " + KILLS + " times at these bytes of " + bytes + ": " + sizes);
        assertThat(TinyEvaluation.hashes(killed))
                .isEqualTo(TinyEvaluation.hashes(whole))
                .hasSize(6);
    }

    private static long size(Path evaluation) throws IOException {
        Path dump = evaluation.resolve(Dump.FILE);
        return Files.exists(dump) ? Files.size(dump) : 0;
    }

    private static Process start(Path output, Path model, Path problems) throws IOException {
        var command = new ArrayList<>(List.of(
                ProcessHandle.current().info().command().orElseThrow(),
                "@cli/jvm.options",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "eval",
                problems.toString(),
                "--model=" + model,
                "--output=" + output,
                "--samples=4",
                "--max-new-tokens=24",
                "--max-sequences=4",
                "--threads=1"));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
    }
}
