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
import org.rlvr4j.run.report.TensorBoard;

/** Log of a run: the files that metrics, timings and evaluations are written to, step by step. */
final class RunLog implements AutoCloseable {

    private static final String METRICS = "metrics.jsonl";
    private static final String TIMINGS = "timings.jsonl";
    private static final String EVALUATIONS = "evaluations.jsonl";

    private final Path folder;
    private final MetricsFile metrics;
    private final MetricsFile timings;
    private final MetricsFile evaluations;
    private final TensorBoard board;

    /**
     * Opens the files in a run's folder.
     *
     * @param folder     folder of the run
     * @param checkpoint checkpoint that the run resumes from, with copies by {@link #copyTo}; null for a new run
     */
    RunLog(Path folder, @Nullable Path checkpoint) {
        this.folder = folder;
        this.metrics = open(METRICS, checkpoint);
        this.timings = open(TIMINGS, checkpoint);
        this.evaluations = open(EVALUATIONS, checkpoint);
        this.board = board(checkpoint);
    }

    /**
     * Opens the only events file of the run, even after an interruption: with a second file, points would be drawn
     * twice.
     */
    private TensorBoard board(@Nullable Path checkpoint) {
        try {
            for (Path old : TensorBoard.files(folder)) {
                Files.delete(old);
            }
            Optional<Path> events = checkpoint == null
                    ? Optional.empty()
                    : TensorBoard.files(checkpoint).stream().findFirst();
            return events.isPresent()
                    ? TensorBoard.append(
                            Files.copy(events.get(), folder.resolve(events.get().getFileName())))
                    : new TensorBoard(folder, wallTime());
        } catch (IOException e) {
            throw FileFailure.of("cannot restore the events in " + folder, e);
        }
    }

    private MetricsFile open(String name, @Nullable Path checkpoint) {
        Path file = folder.resolve(name);
        if (checkpoint == null) {
            return new MetricsFile(file);
        }
        try {
            Files.createDirectories(folder);
            Files.copy(checkpoint.resolve(name), file, StandardCopyOption.REPLACE_EXISTING);
            return MetricsFile.append(file);
        } catch (IOException e) {
            throw FileFailure.of("cannot restore " + file, e);
        }
    }

    /** Copies all files, as written so far, into a checkpoint. */
    void copyTo(Path checkpoint) throws IOException {
        for (String name : List.of(METRICS, TIMINGS, EVALUATIONS)) {
            Files.copy(folder.resolve(name), checkpoint.resolve(name));
        }
        for (Path file : TensorBoard.files(folder)) {
            Files.copy(file, checkpoint.resolve(file.getFileName()));
        }
    }

    /**
     * Writes the numbers of a step.
     *
     * @param step    metrics, parts of the reward and timings of the step
     * @param traffic counters of the transfers between host and device in this step, by name
     */
    void step(Trainer.Step step, Map<String, Long> traffic) {
        int number = step.metrics().step();
        Map<String, Number> all = Numbers.of(step.metrics());
        step.parts().forEach((part, mean) -> all.put("reward/" + part, mean));
        all.putAll(traffic);
        metrics.write(all);
        timings.write(map(number, step.timings()));
        board.scalars(number, wallTime(), doubles(all));
    }

    /** Metrics of all steps so far. */
    List<StepMetrics> steps() {
        return MetricsFile.read(folder.resolve(METRICS), StepMetrics.class);
    }

    /** Differences of counters, by name; a counter that is missing in {@code before} was 0. */
    static Map<String, Long> difference(Map<String, Long> after, Map<String, Long> before) {
        var difference = new LinkedHashMap<String, Long>();
        after.forEach((name, count) -> difference.put(name, count - before.getOrDefault(name, 0L)));
        return difference;
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
            evaluations.write(map);
        }
        var scalars = new TreeMap<String, Double>();
        suites.forEach(suite -> scalars.put(
                "avgAt" + suite.samples() + "/" + suite.suite(), suite.avg().mean()));
        board.scalars(step, wallTime(), scalars);
    }

    private static Map<String, Object> map(int step, Timings timings) {
        var map = new TreeMap<String, Object>();
        map.put("step", step);
        map.put("rolloutSeconds", timings.rolloutSeconds());
        map.put("updateSeconds", timings.updateSeconds());
        map.put("rolloutTokensPerSecond", timings.rolloutTokens() / timings.rolloutSeconds());
        map.put("updateTokensPerSecond", timings.updateTokens() / timings.updateSeconds());
        return map;
    }

    private static Map<String, Double> doubles(Map<String, Number> metrics) {
        return metrics.entrySet().stream()
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
        board.close();
    }
}
