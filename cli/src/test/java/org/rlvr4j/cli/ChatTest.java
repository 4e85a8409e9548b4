package org.rlvr4j.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a model says on the terminal: an answer to a prompt, and the turns of a chat. */
class ChatTest {

    private static final String CUT_OFF = "rlvr4j: the answer was cut off at 4 tokens: raise --max-new-tokens\n";

    @TempDir
    private static Path folder = Path.of("");

    private static String model = "";

    @BeforeAll
    static void writeCheckpoint() {
        model = "--model=" + TinyCheckpoint.write(folder.resolve("checkpoint"), 0);
    }

    @Test
    void streamedAnswerIsThatOfABatch() {
        TinyConsole one = run("", "generate", "1+2=", "--temperature=1");
        TinyConsole three = run("", "generate", "1+2=", "--temperature=1", "--samples=3");

        assertThat(one.out()).hasLineCount(1).endsWith("\n");
        assertThat(three.out()).hasLineCount(3).startsWith(one.out());
    }

    @Test
    void answerThatIsCutOffIsSaidToBeOnStandardError() {
        assertThat(run("", "generate", "1+2=").err()).isEqualTo(CUT_OFF);
        assertThat(run("", "generate", "1+2=", "--samples=2", "--temperature=1").err())
                .isEqualTo("rlvr4j: 2 of the answers were cut off at 4 tokens: raise --max-new-tokens\n");
    }

    @Test
    void promptIsReadFromStandardInput() {
        assertThat(run("1+2=\n", "generate", "-")).isEqualTo(run("", "generate", "1+2="));
        assertThat(run("\n", "generate", "-")).isEqualTo(new TinyConsole(2, "", "rlvr4j: the prompt is empty\n"));
        assertThat(TinyConsole.run(new byte[] {'1', (byte) 0xff}, "generate", "-", model))
                .isEqualTo(new TinyConsole(2, "", "rlvr4j: standard input cannot be read: it is not UTF-8\n"));
    }

    @Test
    void lineIsATurn() {
        String first = run("", "generate", "1+2=").out();

        TinyConsole chat = run("1+2=\n\n/reset\n1+2=\n/exit\n1+2=\n", "chat");

        assertThat(chat).isEqualTo(new TinyConsole(0, first + first, CUT_OFF + CUT_OFF));
    }

    /** The model has 64 positions, and a turn takes some 15. */
    @Test
    void turnsBeforeAreKeptInMindUntilTheModelHasNoRoomForThem() {
        assertThat(run("11+22+33=\n/reset\n".repeat(10), "chat").out()).hasLineCount(10);

        TinyConsole chat = run("11+22+33=\n".repeat(10), "chat");

        assertThat(chat.exitCode()).isEqualTo(2);
        assertThat(chat.out().lines().count()).isBetween(2L, 8L);
        assertThat(chat.err())
                .containsPattern("rlvr4j: the conversation has \\d+ tokens, which leave no room for an answer in the"
                        + " model's 64 positions: /reset begins anew\n$");
    }

    private static TinyConsole run(String input, String command, String... arguments) {
        var all = new String[arguments.length + 4];
        all[0] = command;
        System.arraycopy(arguments, 0, all, 1, arguments.length);
        all[arguments.length + 1] = model;
        all[arguments.length + 2] = "--max-new-tokens=4";
        all[arguments.length + 3] = "--threads=1";
        return TinyConsole.run(input, all);
    }
}
