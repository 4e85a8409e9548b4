package org.rlvr4j.cli.screen;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Width of the terminal in columns, which is read again every few seconds, so that a resize is followed. */
final class TerminalWidth implements IntSupplier {

    static final int USUAL = 80;

    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(2);
    private static final long PATIENCE_SECONDS = 1;
    private static final Pattern ROWS_AND_COLUMNS = Pattern.compile("\\d+ ([1-9]\\d{0,4})");

    private final Supplier<OptionalInt> reading;
    private final int fallback;
    private final LongSupplier nanoTime;
    private int columns;
    private long readAt;

    /**
     * @param reading  reads the width; empty if it cannot be read
     * @param fallback width while it cannot be read
     * @param nanoTime clock in nanoseconds
     */
    TerminalWidth(Supplier<OptionalInt> reading, int fallback, LongSupplier nanoTime) {
        this.reading = reading;
        this.fallback = fallback;
        this.nanoTime = nanoTime;
    }

    /** The width of this process's terminal; else the environment's {@code COLUMNS}, else 80. */
    static TerminalWidth system() {
        return new TerminalWidth(TerminalWidth::ofTerminal, columns(System.getenv("COLUMNS")), System::nanoTime);
    }

    @Override
    public int getAsInt() {
        long now = nanoTime.getAsLong();
        if (columns == 0 || now - readAt >= FRESH_NANOS) {
            columns = reading.get().orElse(fallback);
            readAt = now;
        }
        return columns;
    }

    /** Number of columns in the environment; 80 if there is none, or what is there is no such number. */
    static int columns(@Nullable String environment) {
        return environment != null && environment.matches("[1-9]\\d{0,4}") ? Integer.parseInt(environment) : USUAL;
    }

    /** Number of columns in what {@code stty size} prints; empty if that is not known, which it prints as 0. */
    static OptionalInt parse(String rowsAndColumns) {
        Matcher matcher = ROWS_AND_COLUMNS.matcher(rowsAndColumns.strip());
        return matcher.matches() ? OptionalInt.of(Integer.parseInt(matcher.group(1))) : OptionalInt.empty();
    }

    private static OptionalInt ofTerminal() {
        try {
            Process stty = new ProcessBuilder("stty", "size")
                    .redirectInput(new File("/dev/tty"))
                    .redirectError(ProcessBuilder.Redirect.DISCARD)
                    .start();
            if (!stty.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                stty.destroyForcibly();
                return OptionalInt.empty();
            }
            return parse(new String(stty.getInputStream().readAllBytes(), StandardCharsets.US_ASCII));
        } catch (IOException e) {
            return OptionalInt.empty(); // no stty or no terminal
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalInt.empty();
        }
    }
}
