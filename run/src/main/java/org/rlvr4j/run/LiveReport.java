package org.rlvr4j.run;

import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.rlvr4j.run.report.RunFolder;
import org.rlvr4j.run.report.TrainingFolder;
import org.rlvr4j.run.report.TrainingReport;

/** Report of a training that is written again and again while the training goes on. */
final class LiveReport {

    private static final long SECOND = 1_000_000_000;

    /** Least time between two reports. */
    private static final long INTERVAL = 10 * SECOND;

    /** Least time between two reports, as a multiple of the time that writing one takes: it costs at most 5 %. */
    private static final int COST = 20;

    private final Path folder;
    private final RunListener listener;
    private final LongSupplier nanoTime;
    private final Set<RunFolder> begun = new HashSet<>();
    private boolean written;
    private boolean hasWarned;
    private long next;

    /**
     * @param folder   output folder of the training
     * @param listener receives a warning if the report cannot be written
     * @param nanoTime clock in nanoseconds
     */
    LiveReport(Path folder, RunListener listener, LongSupplier nanoTime) {
        this.folder = folder;
        this.listener = listener;
        this.nanoTime = nanoTime;
    }

    /** Shows a run from now on; what an earlier training left of the runs that have not begun is not shown. */
    void begin(RunFolder run) {
        begun.add(run);
        changed();
    }

    /** Writes the report if the last one is old enough. */
    void changed() {
        if (!written || nanoTime.getAsLong() - next >= 0) {
            write(true);
        }
    }

    /** Writes the report of a training that has ended early. */
    void ended() {
        if (written) {
            write(false);
        }
    }

    private void write(boolean running) {
        long start = nanoTime.getAsLong();
        try {
            new TrainingReport(List.of(TrainingFolder.read(folder).with(begun)), running)
                    .write(TrainingReport.file(folder));
        } catch (RuntimeException e) { // the training does not end for it
            if (!hasWarned) {
                listener.warned("the report cannot be shown while training goes on: " + e.getMessage());
                hasWarned = true;
            }
        }
        written = true;
        next = start + Math.max(INTERVAL, COST * (nanoTime.getAsLong() - start));
    }
}
