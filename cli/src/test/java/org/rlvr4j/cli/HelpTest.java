package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** What the command says of itself. */
class HelpTest {

    @TempDir
    private Path folder = Path.of("");

    @ParameterizedTest
    @MethodSource("commands")
    void helpFitsEightyColumnsAndHasTheExitCodes(CommandLine command) {
        assertThat(command.getUsageMessage().lines())
                .allMatch(line -> line.length() <= 80)
                .contains(
                        "Exit codes:",
                        "  0     it is done",
                        "  1     it failed",
                        "  2     an argument, a setting or a file is wrong",
                        "  3     it needs more memory than the machine has",
                        "  130   it was interrupted");
    }

    static Stream<CommandLine> commands() {
        return commands(Main.commandLine(new Main(), false, List.of("completion")));
    }

    private static Stream<CommandLine> commands(CommandLine line) {
        return Stream.concat(
                Stream.of(line), line.getSubcommands().values().stream().flatMap(HelpTest::commands));
    }

    @Test
    void helpOfACommandIsItsOption() {
        assertThat(printed("help", "eval")).isEqualTo(printed("eval", "--help")).startsWith("Usage: rlvr4j eval ");
    }

    @Test
    void helpOfNoCommandIsRefused() {
        assertThat(TinyRun.failure(2, List.of("help", "evla")))
                .isEqualTo("rlvr4j: there is no command evla (did you mean eval?), see rlvr4j --help");
    }

    @Test
    void noCommandIsAnsweredWithTheHelp() {
        assertThat(TinyRun.execute(List.of())).isEqualTo(printed("--help"));
    }

    /** The usage names commands of which only names and descriptions have been read. */
    @Test
    void helpIsTheSameWhetherCommandsAreReadInFull() {
        assertThat(printed("--help"))
                .isEqualTo(Main.commandLine(new Main(), false, List.of("completion"))
                        .getUsageMessage());
    }

    @Test
    void argumentsFromAFileNameACommandToo() throws IOException {
        Path file = Files.writeString(folder.resolve("arguments"), "eval --help");

        assertThat(printed("@" + file)).isEqualTo(printed("eval", "--help"));
    }

    private static String printed(String... arguments) {
        var out = new StringWriter();
        assertThat(Main.commandLine(new Main(), false, List.of(arguments))
                        .setOut(new PrintWriter(out))
                        .execute(arguments))
                .isZero();
        return out.toString();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        ev        | eval
        in        | init inspect
        eval --mo | --model
        train --q | --quiet --quick
        """)
    void shellCompletesCommandsAndOptions(String typed, String completions) throws IOException, InterruptedException {
        Path script = Files.writeString(
                folder.resolve("completion"), TinyRun.execute(List.of("completion", "bash")), StandardCharsets.UTF_8);
        String words = "rlvr4j " + typed;
        Process bash = new ProcessBuilder(
                        "bash",
                        "-c",
                        "source \"$0\"; COMP_WORDS=(" + words + "); COMP_CWORD=$((${#COMP_WORDS[@]} - 1));"
                                + " COMP_LINE='" + words + "'; COMP_POINT=${#COMP_LINE};"
                                + " _complete_rlvr4j; printf '%s\\n' \"${COMPREPLY[@]}\"",
                        script.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD) // compopt, outside a completion
                .start();
        String printed = new String(bash.getInputStream().readAllBytes(), StandardCharsets.UTF_8);

        assertThat(bash.waitFor()).isZero();
        assertThat(printed.lines()).containsExactlyInAnyOrder(completions.split(" "));
    }
}
