package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.run.Interruption;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

class MainTest {

    private final StringWriter err = new StringWriter();

    @Command(name = "rlvr4j")
    static final class Failing implements Runnable {

        @Override
        public void run() {
            throw new IllegalArgumentException("no command");
        }

        @Command
        int fail(@Option(names = "--by", paramLabel = "REASON", defaultValue = "nothing") String by) {
            throw switch (by) {
                case "mistake" -> new IllegalArgumentException("configs/x.yaml: steps:\n  must be positive");
                case "file" -> new UncheckedIOException("no such file: x", new IOException("x"));
                case "memory" -> new IllegalStateException("a kernel failed", outOfMemory());
                case "signal" -> new Interruption.EarlyEnd("interrupted after step 3, which is saved");
                case "silence" -> new IllegalArgumentException();
                default -> new IllegalStateException("a bug");
            };
        }
    }

    /** As much beside the heap as no machine has. */
    private static OutOfMemoryError outOfMemory() {
        try (Arena arena = Arena.ofConfined()) {
            throw new AssertionError(arena.allocate(1L << 60));
        } catch (OutOfMemoryError e) {
            return e;
        }
    }

    @Test
    void lackOfMemoryIsASentenceThatSaysWhatToDo() {
        assertThat(execute(false, "fail", "--by=memory")).isEqualTo(1);
        assertThat(err.toString())
                .startsWith("rlvr4j: out of memory (")
                .contains("lower training.microBatchTokens", "checkpoints that were written are whole")
                .hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        fail --by=mistake    | 2 | rlvr4j: configs/x.yaml: steps: must be positive
        fail --by=file       | 2 | rlvr4j: no such file: x
        fail --by=signal     | 130 | rlvr4j: interrupted after step 3, which is saved
        fail --by=silence    | 2 | rlvr4j: java.lang.IllegalArgumentException
        fail --by=bug        | 1 | rlvr4j: java.lang.IllegalStateException: a bug
        fail --bi=bug        | 2 | rlvr4j: there is no option --bi (did you mean --by?), see rlvr4j fail --help
        fail --why           | 2 | rlvr4j: there is no option --why, see rlvr4j fail --help
        fail --by=bug now    | 2 | rlvr4j: there is one argument too many, now, see rlvr4j fail --help
        fail --by            | 2 | rlvr4j: Missing required parameter for option '--by' (REASON), see rlvr4j fail --help
        fial                 | 2 | rlvr4j: there is no command fial (did you mean fail?), see rlvr4j --help
        hello                | 2 | rlvr4j: there is no command hello, see rlvr4j --help
        """)
    void failureIsOneSentenceAndAnExitCode(String arguments, int exitCode, String sentence) {
        assertThat(execute(false, arguments.split(" "))).isEqualTo(exitCode);
        assertThat(err.toString()).isEqualTo(sentence + System.lineSeparator());
    }

    @Test
    void stackTraceIsShownOnRequest() {
        assertThat(execute(false, "fail", "--by=bug", "--debug")).isEqualTo(1);
        assertThat(err.toString()).contains("rlvr4j: java.lang.IllegalStateException: a bug", "\tat org.rlvr4j");
    }

    @Test
    void stackTraceIsShownWhereTheEnvironmentAsksForIt() {
        assertThat(execute(true, "fail", "--by=mistake")).isEqualTo(2);
        assertThat(err.toString()).contains("\tat org.rlvr4j");
    }

    @Test
    void theRealCommandHasHelp() {
        var out = new StringWriter();
        CommandLine line =
                Main.commandLine(new Main(), false, List.of("--help")).setOut(new PrintWriter(out));

        assertThat(line.execute("--help")).isZero();
        assertThat(out.toString()).contains("Usage: rlvr4j", "--debug");
    }

    @Test
    void downloadSaysWhatCanBeDownloaded() {
        CommandLine line =
                Main.commandLine(new Main(), false, List.of("download")).setErr(new PrintWriter(err, true));

        assertThat(line.execute("download")).isEqualTo(2);
        assertThat(line.execute("download", "model", "../name")).isEqualTo(2);
        assertThat(err.toString().lines())
                .containsExactly(
                        "rlvr4j: Missing required subcommand, see rlvr4j download --help",
                        "rlvr4j: \"../name\" is no repository of the form ORG/NAME");
    }

    private int execute(boolean debug, String... arguments) {
        return Main.commandLine(CommandSpec.forAnnotatedObject(new Failing()), debug)
                .setErr(new PrintWriter(err, true))
                .execute(arguments);
    }
}
