package org.rlvr4j.run.sft;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.run.files.FileFailure;
import org.rlvr4j.run.report.MetricsFile;
import org.rlvr4j.run.report.RunFolder;

/** Log of a fine-tuning: the files that the numbers of each step are written to. */
final class FineTuningLog implements AutoCloseable {

    private final Path folder;
    private final MetricsFile metrics;
    private final MetricsFile timings;

    /**
     * Opens the files.
     *
     * @param folder     output folder
     * @param checkpoint checkpoint that the training resumes from, with copies by {@link #copyTo}; null for a new one
     */
    FineTuningLog(Path folder, @Nullable Path checkpoint) {
        this.folder = folder;
        this.metrics = open(RunFolder.METRICS, checkpoint);
        this.timings = open(RunFolder.TIMINGS, checkpoint);
    }

    private MetricsFile open(String name, @Nullable Path checkpoint) {
        Path file = folder.resolve(name);
        if (checkpoint == null) {
            return new MetricsFile(file);
        }
        try {
            Files.copy(checkpoint.resolve(name), file, StandardCopyOption.REPLACE_EXISTING);
            return MetricsFile.append(file);
        } catch (IOException e) {
            throw FileFailure.of("cannot restore " + file, e);
        }
    }

    /** Copies all files, as written so far, into a checkpoint. */
    void copyTo(Path checkpoint) throws IOException {
        for (String name : List.of(RunFolder.METRICS, RunFolder.TIMINGS)) {
            Files.copy(folder.resolve(name), checkpoint.resolve(name));
        }
    }

    /** Writes numbers that are the same on every machine. */
    void write(Map<String, ? extends Number> numbers) {
        metrics.write(numbers);
    }

    /** Writes the time of a step, in seconds, and the time of training until its end. */
    void write(int step, double stepSeconds, double seconds, int tokens) {
        var map = new LinkedHashMap<String, Number>();
        map.put("step", step);
        map.put("seconds", seconds);
        map.put("tokensPerSecond", tokens / stepSeconds);
        timings.write(map);
    }

    @Override
    public void close() {
        metrics.close();
        timings.close();
    }
}
