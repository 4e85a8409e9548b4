package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script that starts the virtual machine without its warning. */
class LauncherTest {

    private static final String WARNING = "WARNING: Using incubator modules: jdk.incubator.vector";

    @TempDir
    private Path folder = Path.of("");

    @Test
    void onlyTheWarningIsDropped() throws IOException, InterruptedException {
        List<String> plain = TinyRun.command(List.of("evla"), TinyRun.PLAIN_LOOPS);
        String sentence = "rlvr4j: there is no command evla (did you mean eval?), see rlvr4j --help\n";

        assertThat(run(plain)).isEqualTo(2);
        assertThat(error()).isEqualTo(WARNING + "\n" + sentence);
        assertThat(run(quiet(plain))).isEqualTo(2);
        assertThat(error()).isEqualTo(sentence);
    }

    @Test
    void errorsOfTheVirtualMachineArePassedOn() throws IOException, InterruptedException {
        assertThat(run(quiet(TinyRun.command(List.of("devices"), "-XX:NoSuchFlag"))))
                .isEqualTo(1);
        assertThat(error()).contains("Unrecognized VM option 'NoSuchFlag'");
    }

    /** With both streams in one file, where what was printed later must come later. */
    @Test
    void streamsInOneFileKeepTheirOrder() throws IOException, InterruptedException {
        Path both = folder.resolve("both");
        Process process = new ProcessBuilder(quiet(TinyRun.command(
                        List.of("train", "configs/tiny.yaml", "--set=training.steps=0"), TinyRun.PLAIN_LOOPS)))
                .redirectErrorStream(true)
                .redirectOutput(both.toFile())
                .start();

        assertThat(process.waitFor()).isEqualTo(2);
        assertThat(both).content().startsWith("rlvr4j: ").hasLineCount(1);
    }

    private static List<String> quiet(List<String> command) {
        var quiet = new ArrayList<>(List.of("scripts/start-java"));
        quiet.addAll(command);
        return quiet;
    }

    private int run(List<String> command) throws IOException, InterruptedException {
        return new ProcessBuilder(command)
                .redirectOutput(folder.resolve("out").toFile())
                .redirectError(folder.resolve("err").toFile())
                .start()
                .waitFor();
    }

    private String error() throws IOException {
        return Files.readString(folder.resolve("err"));
    }
}
