package org.rlvr4j.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.eval.Evaluation;
import org.rlvr4j.rl.StepMetrics;
import org.rlvr4j.rl.Timings;
import org.rlvr4j.rl.Trainer;
import org.rlvr4j.run.files.FileFailure;
import org.rlvr4j.run.report.MetricsFile;
import org.rlvr4j.run.report.Numbers;
import org.rlvr4j.run.report.RunFolder;
import org.rlvr4j.run.report.TensorBoard;

/** Log of a run: the files that metrics, timings, evaluations and samples are written to, step by step. */
final class RunLog implements AutoCloseable {

    private static final String PERPLEXITY = "perplexity";

    private final RunFolder folder;
    private final MetricsFile metrics;
    private final MetricsFile timings;
    private final MetricsFile evaluations;
    private final MetricsFile samples;
    private final Samples sampling;
    private final TensorBoard board;

    /**
     * Opens the files in a run's folder.
     *
     * @param folder     folder of the run
     * @param checkpoint checkpoint that the run resumes from, with copies by {@link #copyTo}; null for a new run
     * @param sampling   chooses the samples that are written
     */
    RunLog(RunFolder folder, @Nullable Path checkpoint, Samples sampling) {
        this.folder = folder;
        this.sampling = sampling;
        this.metrics = open(RunFolder.METRICS, checkpoint);
        this.timings = open(RunFolder.TIMINGS, checkpoint);
        this.evaluations = open(RunFolder.EVALUATIONS, checkpoint);
        this.samples = open(RunFolder.SAMPLES, checkpoint);
        this.board = board(checkpoint);
    }

    /**
     * Opens the only events file of the run, even after an interruption: with a second file, points would be drawn
     * twice.
     */
    private TensorBoard board(@Nullable Path checkpoint) {
        try {
            for (Path old : TensorBoard.files(folder.path())) {
                Files.delete(old);
            }
            Optional<Path> events = checkpoint == null
                    ? Optional.empty()
                    : TensorBoard.files(checkpoint).stream().findFirst();
            return events.isPresent()
                    ? TensorBoard.append(Files.copy(
                            events.get(), folder.path().resolve(events.get().getFileName())))
                    : new TensorBoard(folder.path(), wallTime());
        } catch (IOException e) {
            throw FileFailure.of("cannot restore the events in " + folder.path(), e);
        }
    }

    private MetricsFile open(String name, @Nullable Path checkpoint) {
        Path file = folder.resolve(name);
        if (checkpoint == null) {
            return new MetricsFile(file);
        }
        try {
            Files.createDirectories(folder.path());
            Files.copy(checkpoint.resolve(name), file, StandardCopyOption.REPLACE_EXISTING);
            return MetricsFile.append(file);
        } catch (IOException e) {
            throw FileFailure.of("cannot restore " + file, e);
        }
    }

    /** Copies all files, as written so far, into a checkpoint. */
    void copyTo(Path checkpoint) throws IOException {
        for (String name : List.of(RunFolder.METRICS, RunFolder.TIMINGS, RunFolder.EVALUATIONS, RunFolder.SAMPLES)) {
            Files.copy(folder.resolve(name), checkpoint.resolve(name));
        }
        for (Path file : TensorBoard.files(folder.path())) {
            Files.copy(file, checkpoint.resolve(file.getFileName()));
        }
    }

    /**
     * Writes the numbers and the samples of a step.
     *
     * @param step    result of the step
     * @param seconds seconds of training until the end of the step, evaluations for the curve included
     * @param others  other numbers of the step by their names: of the mismatch, and of transfers to a device and back
     */
    void step(Trainer.Step step, double seconds, Map<String, Number> others) {
        int number = step.metrics().step();
        Map<String, Number> all = Numbers.of(step.metrics());
        step.parts().forEach((part, mean) -> all.put("reward/" + part, mean));
        all.putAll(others);
        metrics.write(all);
        timings.write(map(number, seconds, step.timings()));
        sampling.of(step).forEach(samples::write);
        board.scalars(number, wallTime(), finite(all));
    }

    /** Metrics of all steps so far. */
    List<StepMetrics> steps() {
        return MetricsFile.read(folder.resolve(RunFolder.METRICS), StepMetrics.class);
    }

    /** Differences of counters, by name; a counter that is missing in {@code before} was 0. */
    static Map<String, Long> difference(Map<String, Long> after, Map<String, Long> before) {
        var difference = new LinkedHashMap<String, Long>();
        after.forEach((name, count) -> difference.put(name, count - before.getOrDefault(name, 0L)));
        return difference;
    }

    /** Writes one line for the greedy evaluation of each suite and one for the text, and the answers to the first problems. */
    void evaluated(int step, Measurement.Greedy greedy) {
        evaluated(step, greedy.suites());
        if (greedy.perplexity() != null) {
            var line = new LinkedHashMap<String, Object>();
            line.put("step", step);
            line.put(PERPLEXITY, greedy.perplexity());
            evaluations.write(line);
            board.scalars(step, wallTime(), new TreeMap<>(Map.of(PERPLEXITY, greedy.perplexity())));
        }
        sampling.of(step, greedy.samples()).forEach(samples::write);
    }

    /** Writes one line for the evaluation of each suite. */
    void evaluated(int step, List<Evaluation> suites) {
        for (Evaluation suite : suites) {
            var map = new LinkedHashMap<String, Object>();
            map.put("step", step);
            map.put("suite", suite.suite());
            map.put("samples", suite.samples());
            map.put("avg", suite.avg().mean());
            map.put("unboxed", suite.unboxedShare());
            map.put("truncated", suite.truncatedShare());
            map.put("responseLength", suite.meanLength());
            if (suite.samples() == 1) {
                map.put("right", right(suite));
            }
            evaluations.write(map);
        }
        var scalars = new TreeMap<String, Double>();
        suites.forEach(suite -> scalars.put(
                "avgAt" + suite.samples() + "/" + suite.suite(), suite.avg().mean()));
        board.scalars(step, wallTime(), scalars);
    }

    /** A digit for each problem: 1 if its only answer is right. */
    private static String right(Evaluation greedy) {
        return greedy.scores().stream()
                .map(score -> score.share() == 1 ? "1" : "0")
                .collect(Collectors.joining());
    }

    private static Map<String, Object> map(int step, double seconds, Timings timings) {
        var map = new TreeMap<String, Object>();
        map.put("step", step);
        map.put("seconds", seconds);
        map.put("rolloutSeconds", timings.rolloutSeconds());
        map.put("updateSeconds", timings.updateSeconds());
        map.put("rolloutTokensPerSecond", timings.rolloutTokens() / timings.rolloutSeconds());
        map.put("updateTokensPerSecond", timings.updateTokens() / timings.updateSeconds());
        return map;
    }

    private static Map<String, Double> finite(Map<String, Number> metrics) {
        return metrics.entrySet().stream()
                .filter(entry -> Double.isFinite(entry.getValue().doubleValue()))
                .collect(Collectors.toMap(
                        Map.Entry::getKey, entry -> entry.getValue().doubleValue(), (a, b) -> a, TreeMap::new));
    }

    private static double wallTime() {
        return System.currentTimeMillis() / 1e3;
    }

    @Override
    public void close() {
        metrics.close();
        timings.close();
        evaluations.close();
        samples.close();
        board.close();
    }
}
