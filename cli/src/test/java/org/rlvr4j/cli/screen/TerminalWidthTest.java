package org.rlvr4j.cli.screen;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class TerminalWidthTest {

    private OptionalInt terminal = OptionalInt.of(60);
    private long milliseconds;
    private int readings;

    @Test
    void widthIsReadAgainAfterTwoSeconds() {
        var width = new TerminalWidth(this::read, 80, () -> TimeUnit.MILLISECONDS.toNanos(milliseconds));
        assertThat(width.getAsInt()).isEqualTo(60);

        terminal = OptionalInt.of(200);
        milliseconds = 1999;
        assertThat(width.getAsInt()).isEqualTo(60);
        assertThat(readings).isEqualTo(1);

        milliseconds = 2000;
        assertThat(width.getAsInt()).isEqualTo(200);
    }

    @Test
    void widthThatCannotBeReadIsTheFallback() {
        terminal = OptionalInt.empty();

        assertThat(new TerminalWidth(this::read, 132, () -> 0).getAsInt()).isEqualTo(132);
    }

    private OptionalInt read() {
        readings++;
        return terminal;
    }

    @Test
    void columnsAreTheSecondNumberOfStty() {
        assertThat(TerminalWidth.parse("24 80\n")).hasValue(80);
        assertThat(TerminalWidth.parse("0 0\n")).isEmpty(); // a terminal that does not know
        assertThat(TerminalWidth.parse("stty: standard input: Inappropriate ioctl for device\n"))
                .isEmpty();
        assertThat(TerminalWidth.parse("")).isEmpty();
    }

    @Test
    void environmentIsBelievedIfItIsANumber() {
        assertThat(TerminalWidth.columns("132")).isEqualTo(132);
        assertThat(TerminalWidth.columns(null)).isEqualTo(80);
        assertThat(TerminalWidth.columns("0")).isEqualTo(80);
        assertThat(TerminalWidth.columns("wide")).isEqualTo(80);
    }
}
