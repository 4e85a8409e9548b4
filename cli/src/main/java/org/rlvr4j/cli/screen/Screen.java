package org.rlvr4j.cli.screen;

import java.io.Console;
import java.io.PrintStream;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;

/**
 * Screen: the place where progress is shown.
 *
 * @param out        stream that text is printed to
 * @param isTerminal whether a line can be overwritten
 * @param width      width of a line in characters, which may change
 * @param nanoTime   clock in nanoseconds, from any origin
 */
public record Screen(PrintStream out, boolean isTerminal, IntSupplier width, LongSupplier nanoTime) {

    /** Whether standard input and standard output are a terminal. */
    @SuppressWarnings("SystemConsoleNull") // JDK 22 to 24 always gave a console, JDK 25 gives null without a terminal
    public static boolean hasTerminal() {
        Console console = System.console();
        return console != null && console.isTerminal();
    }

    /** Standard output, whose lines are overwritten only on a terminal. */
    public static Screen system() {
        return hasTerminal() ? new Screen(System.out, true, TerminalWidth.system(), System::nanoTime) : of(System.out);
    }

    /** Standard error, whose lines are never overwritten, for commands whose standard output is read by scripts. */
    public static Screen standardError() {
        return of(System.err);
    }

    /** A screen that shows nothing. */
    public static Screen silent() {
        return of(new PrintStream(PrintStream.nullOutputStream()));
    }

    /** A stream whose lines are never overwritten. */
    public static Screen of(PrintStream out) {
        return new Screen(out, false, () -> TerminalWidth.USUAL, System::nanoTime);
    }

    /** Current width of a line in characters. */
    int columns() {
        return width.getAsInt();
    }
}
