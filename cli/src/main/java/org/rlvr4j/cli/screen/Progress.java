package org.rlvr4j.cli.screen;

import java.time.Duration;
import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Progress of a long piece of work. On a terminal it is a bar, redrawn in place at most ten times a second; elsewhere
 * it is plain lines, one for each twentieth of the work, and one for each half minute within a long unit.
 */
public final class Progress implements AutoCloseable {

    private static final int LINES = 20;
    private static final long REDRAW_NANOS = 100_000_000;
    private static final long LONGEST_SILENCE_NANOS = 30_000_000_000L;

    private final Screen screen;
    private final String label;
    private final long total;
    private final long initial;
    private final long start;
    private final boolean blocks;
    private long finished;
    private String note = "";
    private double share;
    private String detail = "";
    private long drawnAt;
    private long printedAt;

    /**
     * @param screen   place where progress is shown
     * @param label    short description of the work
     * @param finished number of units finished before, by a run that is now resumed; from 0 to {@code total}
     * @param total    number of all units, such as steps
     * @throws IllegalArgumentException if {@code finished} is out of its range
     */
    public Progress(Screen screen, String label, long finished, long total) {
        if (finished < 0 || finished > total) {
            throw new IllegalArgumentException(label + " cannot start at " + finished + " of " + total);
        }
        this.screen = screen;
        this.label = label;
        this.total = total;
        this.initial = finished;
        this.finished = finished;
        this.start = screen.nanoTime().getAsLong();
        this.printedAt = start;
        this.blocks = screen.out().charset().newEncoder().canEncode('█');
        draw(true);
    }

    /**
     * Shows how much of the work is finished.
     *
     * @param finished number of units finished so far
     * @param note     short note, such as {@code reward .53}
     */
    public void update(long finished, String note) {
        long before = this.finished;
        this.finished = Math.clamp(finished, 0, total);
        this.note = note;
        share = 0;
        detail = "";
        if (screen.isTerminal()) {
            draw(this.finished == total);
        } else if (twentieths(this.finished) != twentieths(before)) {
            print();
        }
    }

    /**
     * Shows how much of the next unit is finished.
     *
     * @param share  finished share of the unit, from 0 to 1
     * @param detail what is finished, such as {@code answers 12/64}
     */
    public void within(double share, String detail) {
        this.share = share;
        this.detail = detail;
        if (screen.isTerminal()) {
            draw(false);
        } else if (screen.nanoTime().getAsLong() - printedAt >= LONGEST_SILENCE_NANOS) {
            print();
        }
    }

    private void print() {
        printedAt = screen.nanoTime().getAsLong();
        screen.out().println(line().plain());
    }

    /** Shows that one more unit is finished. */
    public void advance(String note) {
        update(finished + 1, note);
    }

    /** Prints a line above the bar, such as a row of a table. */
    public void println(String line) {
        clear();
        screen.out().println(line);
        draw(true);
    }

    /** Removes the bar until it is drawn again, so that a line can be printed in its place. */
    public void clear() {
        if (screen.isTerminal()) {
            screen.out().print("\r" + " ".repeat(screen.columns() - 1) + "\r");
            screen.out().flush();
        }
    }

    /** Shows the final state, which stays on the screen. */
    @Override
    public void close() {
        if (screen.isTerminal()) {
            draw(true);
            screen.out().println();
        } else if (finished < total) {
            screen.out().println(line().plain());
        }
    }

    private long twentieths(long units) {
        return total == 0 ? LINES : units * LINES / total;
    }

    private void draw(boolean immediately) {
        long time = screen.nanoTime().getAsLong();
        if (screen.isTerminal() && (immediately || time - drawnAt >= REDRAW_NANOS)) {
            drawnAt = time;
            int width = screen.columns() - 1; // a full line would wrap
            String text = line().fitted(width, blocks);
            screen.out().print("\r" + text + " ".repeat(width - text.length()));
            screen.out().flush();
        }
    }

    private ProgressLine line() {
        long elapsed = screen.nanoTime().getAsLong() - start;
        String time = time(elapsed);
        double done = finished + share;
        if (initial < done && done < total) {
            time += ", " + time((long) (elapsed / (done - initial) * (total - done))) + " left";
        }
        String notes = Stream.of(note, detail).filter(text -> !text.isEmpty()).collect(Collectors.joining("  "));
        return new ProgressLine(label, total == 0 ? 1 : done / total, finished + "/" + total, notes, time);
    }

    private static String time(long nanos) {
        Duration time = Duration.ofNanos(nanos);
        return time.toHours() > 0
                ? String.format("%d:%02d:%02d", time.toHours(), time.toMinutesPart(), time.toSecondsPart())
                : String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
    }
}
