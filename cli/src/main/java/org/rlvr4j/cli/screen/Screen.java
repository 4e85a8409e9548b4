package org.rlvr4j.cli.screen;

import java.io.Console;
import java.io.PrintStream;
import java.util.function.LongSupplier;

/**
 * Screen: the place where progress is shown.
 *
 * @param out        stream that text is printed to
 * @param isTerminal whether a line can be overwritten
 * @param columns    width of a line in characters
 * @param nanoTime   clock in nanoseconds, from any origin
 */
public record Screen(PrintStream out, boolean isTerminal, int columns, LongSupplier nanoTime) {

    private static final int USUAL_COLUMNS = 80;

    /** Standard output, whose lines are overwritten only on a terminal. */
    @SuppressWarnings("SystemConsoleNull") // JDK 22 to 24 always gave a console, JDK 25 gives null without a terminal
    public static Screen system() {
        Console console = System.console();
        return new Screen(System.out, console != null && console.isTerminal(), USUAL_COLUMNS, System::nanoTime);
    }

    /** Standard error, whose lines are never overwritten, for commands whose standard output is read by scripts. */
    public static Screen standardError() {
        return of(System.err);
    }

    /** A stream whose lines are never overwritten. */
    public static Screen of(PrintStream out) {
        return new Screen(out, false, USUAL_COLUMNS, System::nanoTime);
    }
}
