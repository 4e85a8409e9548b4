package org.rlvr4j.run.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.rlvr4j.run.files.FileFailure;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Folder of a run, one method with one seed, in the output folder of a training. Besides the files that grow with every
 * step it has, in the end, {@code result.json} with the numbers of a finished run, or {@code failure.json} with the reason
 * why one of several ended early.
 *
 * @param method name of the method in the configuration
 * @param seed   seed of the run
 * @param path   folder
 */
public record RunFolder(String method, long seed, Path path) {

    /** File with the metrics of each step. */
    public static final String METRICS = "metrics.jsonl";

    /** File with the timings of each step. */
    public static final String TIMINGS = "timings.jsonl";

    /** File with the evaluations. */
    public static final String EVALUATIONS = "evaluations.jsonl";

    /** File with samples of what the policy wrote. */
    public static final String SAMPLES = "samples.jsonl";

    private static final JsonMapper JSON = new JsonMapper();

    /**
     * The folder of a run in the output folder of its training.
     *
     * @param output folder of the training
     * @param method name of the method
     * @param seed   seed of the run
     */
    public static RunFolder of(Path output, String method, long seed) {
        return new RunFolder(method, seed, output.resolve(method).resolve("seed-" + seed));
    }

    /**
     * Path of a file or folder in this folder.
     *
     * @param name name of the file
     */
    public Path resolve(String name) {
        return path.resolve(name);
    }

    /** File with the losses of the warm-up of the run's training. */
    Path warmUp() {
        Path training = path.resolve("../..").normalize();
        Path own = training.resolve(TrainingFolder.warmUp(seed));
        return Files.exists(own) ? own : training.resolve(TrainingFolder.WARM_UP);
    }

    /** Whether the run has begun. */
    boolean exists() {
        return Files.isRegularFile(resolve(METRICS));
    }

    /** Removes the outcome of an earlier run. */
    public void clearOutcome() {
        try {
            Files.deleteIfExists(result());
            Files.deleteIfExists(failed());
        } catch (IOException e) {
            throw FileFailure.writingTo(path, e);
        }
    }

    /**
     * Writes the numbers of the finished run.
     *
     * @param numbers numbers of the finished run
     */
    public void write(RunNumbers numbers) {
        write(result(), numbers);
    }

    /**
     * Writes the failure of the run.
     *
     * @param failure why the run failed
     */
    public void write(RunFailure failure) {
        write(failed(), failure);
    }

    /** The numbers of the run if it is finished. */
    Optional<RunNumbers> numbers() {
        return read(result(), RunNumbers.class);
    }

    /** The failure of the run if it failed. */
    Optional<RunFailure> failure() {
        return read(failed(), RunFailure.class);
    }

    private Path result() {
        return resolve("result.json");
    }

    private Path failed() {
        return resolve("failure.json");
    }

    private static void write(Path file, Object value) {
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, JSON.writeValueAsString(value) + "\n");
        } catch (IOException e) {
            throw FileFailure.writing(file, e);
        }
    }

    private static <T> Optional<T> read(Path file, Class<T> type) {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            return Optional.of(JSON.readValue(Files.readString(file), type));
        } catch (JacksonException e) {
            throw new IllegalArgumentException(file + " is damaged: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw FileFailure.reading(file, e);
        }
    }
}
