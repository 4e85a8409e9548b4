package org.rlvr4j.cli.screen;

import java.time.Duration;
import java.util.Locale;

/**
 * How far a long piece of work is. A terminal gets a bar, redrawn in place ten times a second at most; anything else
 * gets plain lines, one per twentieth of the work.
 */
public final class Progress implements AutoCloseable {

    private static final int LINES = 20;
    private static final int BAR = 24;
    private static final long REDRAW_NANOS = 100_000_000;

    private final Screen screen;
    private final String label;
    private final long total;
    private final long first;
    private final long start;
    private final boolean blocks;
    private long done;
    private String note = "";
    private long drawn;

    /**
     * @param label what is being done
     * @param done  units finished before, by a run that is now resumed
     * @param total how many units of work there are, such as steps
     */
    public Progress(Screen screen, String label, long done, long total) {
        if (done < 0 || done > total) {
            throw new IllegalArgumentException(label + " cannot start at " + done + " of " + total);
        }
        this.screen = screen;
        this.label = label;
        this.total = total;
        this.first = done;
        this.done = done;
        this.start = screen.nanoTime().getAsLong();
        this.blocks = screen.out().charset().newEncoder().canEncode('█');
        draw(true);
    }

    /**
     * Says how far the work is.
     *
     * @param done units finished so far
     * @param note a short word on how it goes, such as {@code reward .53}
     */
    public void update(long done, String note) {
        long before = this.done;
        this.done = Math.clamp(done, 0, total);
        this.note = note;
        if (screen.isTerminal()) {
            draw(this.done == total);
        } else if (part(this.done) != part(before)) {
            screen.out().println(text());
        }
    }

    /** One more unit is finished. */
    public void advance(String note) {
        update(done + 1, note);
    }

    /** Prints a line above the bar, such as a row of a table. */
    public void println(String line) {
        if (screen.isTerminal()) {
            screen.out().print("\r" + " ".repeat(screen.columns() - 1) + "\r");
        }
        screen.out().println(line);
        draw(true);
    }

    /** Leaves the last state on the screen. */
    @Override
    public void close() {
        if (screen.isTerminal()) {
            draw(true);
            screen.out().println();
        } else if (done < total) {
            screen.out().println(text());
        }
    }

    private long part(long units) {
        return total == 0 ? LINES : units * LINES / total;
    }

    private void draw(boolean now) {
        long time = screen.nanoTime().getAsLong();
        if (screen.isTerminal() && (now || time - drawn >= REDRAW_NANOS)) {
            drawn = time;
            int width = screen.columns() - 1; // a full line would wrap
            String text = text();
            screen.out()
                    .print("\r" + text.substring(0, Math.min(width, text.length()))
                            + " ".repeat(Math.max(0, width - text.length())));
            screen.out().flush();
        }
    }

    private String text() {
        long elapsed = screen.nanoTime().getAsLong() - start;
        String time = time(elapsed);
        if (first < done && done < total) {
            time += ", " + time((long) ((double) elapsed / (done - first) * (total - done))) + " left";
        }
        return String.join("  ", label, screen.isTerminal() ? bar() : "", done + "/" + total, note, time)
                .replaceAll(" {3,}", "  ");
    }

    private String bar() {
        int filled = total == 0 ? BAR : (int) (done * BAR / total);
        return (blocks ? "█" : "#").repeat(filled) + (blocks ? "░" : ".").repeat(BAR - filled);
    }

    private static String time(long nanos) {
        Duration time = Duration.ofNanos(nanos);
        return time.toHours() > 0
                ? String.format("%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart())
                : String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
    }
}
