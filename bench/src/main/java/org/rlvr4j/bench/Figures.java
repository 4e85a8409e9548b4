package org.rlvr4j.bench;

import java.util.Arrays;
import java.util.Locale;

/**
 * Printer of throughput figures, one tab-separated line each: name, figure, unit.
 *
 * <p>A row that needs more memory or more time than there is, or that fails, is a line of comment with the reason.
 */
final class Figures {

    private static final int ROUNDS = 9; // the median is reported
    private static final double SHORTEST = 0.02; // seconds of a round: shorter work is repeated in it
    private static final int MOST_RUNS = 1000; // of a round
    private static final double ENOUGH = 1; // seconds after which no further round starts
    private static final int RUNS_OF_A_ROW = 3; // first run, a first look at the time, and one round

    private final double bytes;
    private final long end;
    private final boolean quick;
    private double rate = Double.POSITIVE_INFINITY;
    private int failures;

    /**
     * @param bytes   memory that a row may need
     * @param seconds time after which no further row starts
     * @param quick   whether each row is measured once
     */
    Figures(double bytes, double seconds, boolean quick) {
        this.bytes = bytes;
        this.end = System.nanoTime() + (long) (1e9 * seconds);
        this.quick = quick;
    }

    boolean isQuick() {
        return quick;
    }

    /** Number of rows that failed. */
    int failures() {
        return failures;
    }

    /** Notes the GFLOP/s of a large matrix product, by which the time of other rows is estimated. */
    void expect(double gflopPerSecond) {
        rate = gflopPerSecond;
    }

    /**
     * Measures one row, or says why it is left out.
     *
     * @param name     name of the row
     * @param required bytes of memory
     * @param gflop    billions of multiplications and additions of one run; 0 if it has few
     * @param row      work that prints the row
     */
    void row(String name, double required, double gflop, Runnable row) {
        double seconds = RUNS_OF_A_ROW * gflop / rate;
        double left = 1e-9 * (end - System.nanoTime());
        if (required > bytes) {
            note(name
                    + " left out: it needs %.2f GB of memory, and there are %.2f"
                            .formatted(1e-9 * required, 1e-9 * bytes));
        } else if (seconds > left || left < 0) {
            note(name + " left out: it takes about %.0f s, and %.0f s are left".formatted(seconds, Math.max(0, left)));
        } else {
            try {
                row.run();
            } catch (RuntimeException | OutOfMemoryError e) {
                failures++;
                note(name + " failed: " + e);
            }
        }
    }

    /**
     * Median time of a piece of work.
     *
     * @param first work to run before: it compiles the code
     * @param work  work to measure; it may return before the device is through
     * @param last  waits for the device
     * @return seconds
     */
    double seconds(Runnable first, Runnable work, Runnable last) {
        first.run();
        last.run();
        if (quick) {
            return round(1, work, last);
        }
        long start = System.nanoTime();
        int runs = (int) Math.clamp(Math.ceil(SHORTEST / round(1, work, last)), 1, MOST_RUNS);
        double[] times = new double[ROUNDS];
        int rounds = 0;
        while (rounds < ROUNDS && (rounds == 0 || System.nanoTime() - start < 1e9 * ENOUGH)) {
            times[rounds++] = round(runs, work, last);
        }
        double[] sorted = Arrays.copyOf(times, rounds);
        Arrays.sort(sorted);
        return sorted[rounds / 2];
    }

    private static double round(int runs, Runnable work, Runnable last) {
        long start = System.nanoTime();
        for (int i = 0; i < runs; i++) {
            work.run();
        }
        last.run();
        return 1e-9 * (System.nanoTime() - start) / runs;
    }

    void print(String name, double value, String unit) {
        System.out.printf(Locale.ROOT, "%s\t%.4g\t%s%n", name, value, unit);
    }

    private static void note(String text) {
        System.out.println("# " + text);
    }
}
