package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The scripts that start the virtual machine without its warning, and with an archive of classes. */
class LauncherTest {

    private static final String WARNING = "WARNING: Using incubator modules: jdk.incubator.vector";

    @TempDir
    private Path folder = Path.of("");

    @Test
    void onlyTheWarningIsDropped() throws IOException, InterruptedException {
        List<String> plain = TinyRun.command(List.of("evla"), TinyRun.PLAIN_LOOPS);
        String sentence = "rlvr4j: there is no command evla (did you mean eval?), see rlvr4j --help\n";

        assertThat(error(2, plain)).isEqualTo(WARNING + "\n" + sentence);
        assertThat(error(2, quiet(plain))).isEqualTo(sentence);
    }

    @Test
    void errorsOfTheVirtualMachineArePassedOn() throws IOException, InterruptedException {
        assertThat(error(1, quiet(TinyRun.command(List.of("devices"), "-XX:NoSuchFlag"))))
                .contains("Unrecognized VM option 'NoSuchFlag'");
    }

    /** With both streams in one file, where what was printed later must come later. */
    @Test
    void streamsInOneFileKeepTheirOrder() throws IOException, InterruptedException {
        Path both = folder.resolve("both");
        List<String> tooLarge = List.of(
                "inspect",
                "configs/tiny.yaml",
                "--set=training.maxSequences=100000000",
                "--set=training.groupSize=100000000");
        Process process = new ProcessBuilder(quiet(TinyRun.command(tooLarge, TinyRun.PLAIN_LOOPS)))
                .redirectErrorStream(true)
                .redirectOutput(both.toFile())
                .start();

        assertThat(process.waitFor()).isEqualTo(3);
        assertThat(both)
                .content()
                .containsPattern("(?s)^model .*does not fit\\n.*\\nrlvr4j: training needs [^\\n]+\\n$");
    }

    @Test
    void anArchiveThatCannotBeMadeIsEmptyAndFailsNothing() throws IOException, InterruptedException {
        Path archive = folder.resolve("rlvr4j.jsa");
        Path options = Files.writeString(folder.resolve("options"), "-XX:NoSuchFlag");

        assertThat(error(0, archiving(options, archive)))
                .startsWith("rlvr4j: the archive of classes could not be made, so commands start slower:\n")
                .contains("NoSuchFlag");
        assertThat(archive).isEmptyFile();
        assertThat(folder).isDirectoryNotContaining("glob:**/rlvr4j.jsa.*");
    }

    private static List<String> archiving(Path options, Path archive) {
        String java = ProcessHandle.current().info().command().orElseThrow();
        return List.of("scripts/archive-classes", java, options.toString(), "no.jar", archive.toString());
    }

    private static List<String> quiet(List<String> command) {
        var quiet = new ArrayList<>(List.of("scripts/start-java"));
        quiet.addAll(command);
        return quiet;
    }

    /** What a command prints on standard error, to the end of the filter, which may outlive the command. */
    private static String error(int exitCode, List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        String error = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).isEqualTo(exitCode);
        return error;
    }
}
