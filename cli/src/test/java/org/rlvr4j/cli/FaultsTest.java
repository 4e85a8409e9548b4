package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.run.files.FolderLock;
import org.rlvr4j.run.files.SealedFolder;

/** What a machine may do to a run: each ends it in one sentence that says what to do, and costs no finished step. */
@ExtendWith(TinyStart.class)
@EnabledOnOs(OS.LINUX)
class FaultsTest {

    private final TinyRun tiny;

    @TempDir
    private Path folder = Path.of("");

    FaultsTest(TinyRun tiny) {
        this.tiny = tiny;
    }

    @Test
    void fullDiskEndsTheRunAndTheNewestCheckpointGoesOn() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));
        Path rest = folder.resolve("rest");
        Path second = TinyRun.folder(disk.resolve("run"), "DCPO").resolve("checkpoints/step-2");
        String another = "(while [ ! -e " + second + " ]; do sleep 0.01; done; cat /dev/zero > " + disk + "/full)";
        String printed = onMount(
                "mount -t tmpfs -o size=64m tmpfs " + disk + " && { " + another + " & }",
                "cp -r " + disk + "/run " + rest,
                tiny.arguments(disk.resolve("run"), "DCPO", "training.steps=60"));

        assertThat(printed.lines().toList().getLast())
                .matches("rlvr4j: cannot write .*: No space left on device; once that is mended, the same command goes"
                        + " on from the newest checkpoint");
        assertThat(TinyRun.execute(tiny.arguments(rest, "DCPO", "training.steps=60")))
                .contains("resumes after step ");
    }

    @Test
    void diskThatIsTooSmallIsSaidBeforeTheFirstStep() throws Exception {
        Path disk = Files.createDirectory(folder.resolve("disk"));

        String printed = onMount(
                "mount -t tmpfs -o size=1m tmpfs " + disk,
                "ls " + disk + "/run",
                tiny.arguments(disk.resolve("run"), "DCPO"));

        assertThat(printed)
                .contains(
                        "rlvr4j: training needs ",
                        " of disk in " + disk.resolve("run") + ", but its file system has only")
                .doesNotContain("DCPO", "step");
    }

    @Test
    void folderThatIsReadOnlyIsNamed() throws Exception {
        Path output = folder.resolve("output");
        TinyRun.execute(tiny.arguments(output, "DCPO", "training.steps=1"));

        assertThat(onMount(
                        "mount --bind " + output + " " + output + " && mount -o remount,ro,bind " + output,
                        "true",
                        tiny.arguments(output, "DCPO", "training.steps=2")))
                .endsWith("rlvr4j: cannot write to " + output + ": Read-only file system; set another output\n");
    }

    @Test
    void numbersThatCannotBeWrittenEndTheRun() throws IOException {
        Path run = Files.createDirectories(TinyRun.folder(folder.resolve("run"), "GRPO"));
        Files.createSymbolicLink(run.resolve("metrics.jsonl"), Path.of("/dev/full"));

        assertThat(TinyRun.failure(2, tiny.arguments(folder.resolve("run"), "GRPO")))
                .startsWith("rlvr4j: cannot write " + run.resolve("metrics.jsonl") + ": No space left on device; ");
    }

    @Test
    void secondProcessInAFolderIsRefused() throws Exception {
        Path output = folder.resolve("run");
        String sentence =
                "rlvr4j: another process is writing to " + output + ": wait for its end, or set another output";

        try (var _ = FolderLock.of(output)) {
            Path printed = folder.resolve("printed.txt");
            assertThat(TinyRun.start(TinyRun.command(tiny.arguments(output, "DCPO"), TinyRun.PLAIN_LOOPS), printed)
                            .waitFor())
                    .isEqualTo(2);
            assertThat(Files.readAllLines(printed)).last().isEqualTo(sentence);
            assertThat(TinyRun.failure(2, tiny.arguments(output, "DCPO"))).isEqualTo(sentence);
        }

        TinyRun.execute(tiny.arguments(output, "DCPO", "training.steps=1"));
    }

    @Test
    void clockThatWasSetBackChangesNothing() throws IOException {
        Path output = folder.resolve("run");
        TinyRun.execute(tiny.arguments(output, "GRPO", "training.steps=2"));
        Path run = TinyRun.folder(output, "GRPO");
        Instant future = Instant.parse("2099-01-01T00:00:00Z");
        for (String step : List.of("step-1", "step-2")) {
            try (Stream<Path> files = Files.walk(run.resolve("checkpoints").resolve(step))) {
                for (Path file : files.toList()) {
                    Files.setLastModifiedTime(file, FileTime.from(future));
                }
            }
            future = Instant.EPOCH;
        }

        assertThat(TinyRun.execute(tiny.arguments(output, "GRPO"))).contains("resumes after step 2 ");
        TinyRun.execute(tiny.arguments(folder.resolve("whole"), "GRPO"));
        assertThat(TinyRun.result(output, "GRPO", 6)).isEqualTo(TinyRun.result(folder.resolve("whole"), "GRPO", 6));
    }

    @Test
    void stepThatIsNotFiniteIsNamedAndNotMade() throws IOException {
        Path output = folder.resolve("run");

        assertThat(TinyRun.failure(1, tiny.arguments(output, "GRPO", "training.learningRate=1e25")))
                .matches("rlvr4j: step \\d: the gradient of \\S+ is not finite \\(loss .*, prompts \\d+ to \\d+\\);"
                        + " 4 updates in a row were not made: lower training.learningRate or training.maxGradNorm");
        assertThat(SealedFolder.damage(TinyRun.folder(output, "GRPO").resolve("checkpoints/step-1")))
                .isEmpty();
    }

    @Test
    void heapThatIsTooSmallIsSaidAndCostsNoCheckpoint() throws Exception {
        Path output = folder.resolve("run");
        Path printed = folder.resolve("printed.txt");
        TinyRun.execute(tiny.arguments(output, "DCPO", "training.steps=2"));

        List<String> command = TinyRun.command(tiny.arguments(output, "DCPO"), "-Xmx10m", TinyRun.PLAIN_LOOPS);
        assertThat(TinyRun.start(command, printed).waitFor()).isEqualTo(1);

        assertThat(Files.readAllLines(printed))
                .last()
                .asString()
                .startsWith("rlvr4j: out of memory (Java heap space): ");
        assertThat(TinyRun.execute(tiny.arguments(output, "DCPO"))).contains("resumes after step ");
    }

    /**
     * Trains in a process that sees a file system of its own, if this machine lets a process have one.
     *
     * @param mount  commands that make it
     * @param rescue command that runs after the training
     * @return what is printed by the training, which must end in exit code 2
     */
    private String onMount(String mount, String rescue, List<String> arguments) throws Exception {
        var probe = new ProcessBuilder("unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", folder.toString());
        boolean possible;
        try {
            possible = probe.start().waitFor() == 0;
        } catch (IOException e) {
            possible = false;
        }
        assumeTrue(possible, "a process may not mount a file system of its own here");
        String script = mount + " && { \"$@\"; code=$?; " + rescue + "; exit $code; }";
        var command = new ArrayList<String>(List.of("unshare", "-rm", "sh", "-c", script, "sh"));
        command.addAll(TinyRun.command(arguments, TinyRun.PLAIN_LOOPS));
        Path printed = folder.resolve("printed.txt");
        assertThat(TinyRun.start(command, printed).waitFor())
                .as(() -> printed + ": " + read(printed))
                .isEqualTo(2);
        return read(printed);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
