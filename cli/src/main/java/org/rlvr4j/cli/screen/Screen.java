package org.rlvr4j.cli.screen;

import java.io.Console;
import java.io.PrintStream;
import java.util.function.LongSupplier;

/**
 * Place where progress is shown.
 *
 * @param out        receives the text
 * @param isTerminal whether a line can be drawn over
 * @param columns    width of a line in characters
 * @param nanoTime   a clock in nanoseconds, from any origin
 */
public record Screen(PrintStream out, boolean isTerminal, int columns, LongSupplier nanoTime) {

    private static final int USUAL_COLUMNS = 80;

    /** Standard output, drawn over only where a person sits in front of it. */
    @SuppressWarnings("SystemConsoleNull") // JDK 22 to 24 always gave a console, JDK 25 gives null without a terminal
    public static Screen system() {
        Console console = System.console();
        return new Screen(System.out, console != null && console.isTerminal(), USUAL_COLUMNS, System::nanoTime);
    }

    /** Standard error, for commands whose standard output is read by scripts; never drawn over. */
    public static Screen standardError() {
        return of(System.err);
    }

    /** A stream that is never drawn over. */
    public static Screen of(PrintStream out) {
        return new Screen(out, false, USUAL_COLUMNS, System::nanoTime);
    }
}
