package org.rlvr4j.cli.screen;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.Charset;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.run.RunListener;

class ProgressTest {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private long seconds;
    private int width;

    @Test
    void plainOutputGetsALinePerTwentiethOfTheWork() {
        try (var progress = new Progress(plain(), "train", 0, 1000)) {
            for (int i = 0; i < 1000; i++) {
                seconds++;
                progress.advance("reward .53");
            }
        }

        assertThat(text().lines())
                .hasSize(20)
                .startsWith("train  50/1000  reward .53  0:50, 15:50 left")
                .endsWith("train  1000/1000  reward .53  16:40");
    }

    @Test
    void plainOutputGetsALineEachHalfMinuteOfALongUnit() {
        try (var progress = new Progress(plain(), "train", 0, 4)) {
            for (int i = 1; i <= 100; i++) {
                seconds++;
                progress.within(0.01 * i, "answers " + i + "/100");
            }
            progress.advance("reward .53");
        }

        assertThat(text().lines())
                .containsExactly(
                        "train  0/4  answers 30/100  0:30, 6:10 left",
                        "train  0/4  answers 60/100  1:00, 5:40 left",
                        "train  0/4  answers 90/100  1:30, 5:10 left",
                        "train  1/4  reward .53  1:40, 5:00 left",
                        "train  1/4  reward .53  1:40, 5:00 left");
    }

    @Test
    void plainOutputGetsALinePerUnitOfShortWork() {
        try (var progress = new Progress(plain(), "grade", 0, 2)) {
            progress.advance("");
            progress.advance("");
        }

        assertThat(text().lines()).containsExactly("grade  1/2  0:00, 0:00 left", "grade  2/2  0:00");
    }

    @Test
    void interruptedWorkSaysWhereItStopped() {
        try (var progress = new Progress(plain(), "train", 0, 1000)) {
            seconds = 4000;
            progress.update(10, "");
        }

        assertThat(text().lines()).containsExactly("train  10/1000  1:06:40, 110:00:00 left");
    }

    @Test
    void resumedWorkIsJudgedByItsOwnSpeed() {
        try (var progress = new Progress(plain(), "train", 90, 100)) {
            seconds = 10;
            progress.update(95, "");
        }

        assertThat(text().lines()).first().isEqualTo("train  95/100  0:10, 0:10 left");
    }

    @Test
    void terminalRedrawsOneLineInPlace() {
        try (var progress = new Progress(terminal(66, UTF_8), "train", 0, 4)) {
            seconds = 2;
            progress.update(1, "reward .53");
        }

        String drawn = "\rtrain  ██████░░░░░░░░░░░░░░░░░░  1/4  reward .53  0:02, 0:06 left";
        assertThat(text()).endsWith(drawn + drawn + System.lineSeparator());
    }

    @Test
    void terminalWithoutUnicodeGetsABarOfAscii() {
        new Progress(terminal(40, US_ASCII), "train", 1, 2).close();

        assertThat(text()).startsWith("\rtrain  ##########...........  1/2  0:00");
    }

    @Test
    void terminalIsRedrawnTenTimesASecondAtMost() {
        var progress = new Progress(terminal(60, UTF_8), "train", 0, 1000);
        int before = text().length();

        progress.advance("");
        assertThat(text()).hasSize(before);

        seconds++;
        progress.advance("");
        assertThat(text().length()).isGreaterThan(before);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        200 | GRPO+SAS, seed 3  ##########..............................  15/60  reward +0.12  accuracy 0.45  0:45, 2:15 left
        100 | GRPO+SAS, seed 3  #######.....................  15/60  reward +0.12  accuracy 0.45  0:45, 2:15 left
         80 | GRPO+SAS, seed 3  ##......  15/60  reward +0.12  accuracy 0.45  0:45, 2:15 left
         60 | GRPO+SAS, seed 3  15/60  reward +0.12  0:45, 2:15 left
         40 | GRPO+SAS, se...  15/60  0:45, 2:15 left
         35 | GRPO+SA...  15/60  0:45, 2:15 left
         20 | 0:45, 2:15 left
        """)
    void timeLeftIsNeverCutOff(int columns, String line) {
        var progress = new Progress(terminal(columns, US_ASCII), "GRPO+SAS, seed 3", 0, 60);
        seconds = 45;
        progress.update(15, "reward +0.12  accuracy 0.45");

        assertThat(text()).endsWith("\r" + line + " ".repeat(columns - 1 - line.length()));
    }

    @Test
    void resizedTerminalIsFilledAnew() {
        var progress = new Progress(terminal(80, US_ASCII), "train", 0, 4);
        for (int columns : new int[] {200, 60, 30}) {
            seconds++;
            width = columns;
            progress.advance("reward +0.12");
            String line = text().substring(text().lastIndexOf('\r') + 1);
            assertThat(line).hasSize(columns - 1);
            assertThat(line.strip()).endsWith("left");
        }
    }

    @Test
    void lineIsPrintedAboveTheBar() {
        var progress = new Progress(terminal(30, US_ASCII), "a", 0, 1);
        progress.println("row");

        assertThat(text()).contains("\r" + " ".repeat(29) + "\rrow" + System.lineSeparator() + "\ra  ....");
    }

    @Test
    void warningStandsInALineOfItsOwnWhereTheBarWas() {
        Screen screen = terminal(30, US_ASCII);
        var listener = new TerminalListener(screen, screen.out());
        listener.began(new RunListener.Work("a", 0, 2));

        listener.warned("nothing is left to learn from");

        assertThat(text())
                .endsWith("\r" + " ".repeat(29) + "\rrlvr4j: nothing is left to learn from" + System.lineSeparator());
    }

    @Test
    void workCannotStartBeyondItsEnd() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Progress(plain(), "train", 5, 4))
                .withMessage("train cannot start at 5 of 4");
    }

    private Screen plain() {
        return new Screen(
                new PrintStream(bytes, true, UTF_8), false, () -> 80, () -> TimeUnit.SECONDS.toNanos(seconds));
    }

    private Screen terminal(int columns, Charset charset) {
        width = columns;
        return new Screen(
                new PrintStream(bytes, true, charset), true, () -> width, () -> TimeUnit.SECONDS.toNanos(seconds));
    }

    private String text() {
        return bytes.toString(UTF_8);
    }
}
