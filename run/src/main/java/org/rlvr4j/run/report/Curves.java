package org.rlvr4j.run.report;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/**
 * Curves and samples of a page, which its script draws: they are read from the files of runs, and thinned where they are
 * too many for a page.
 *
 * @param running whether the runs are still going on, so that the page loads itself again
 * @param runs    runs to show
 * @param warmUps files with the losses of warm-ups, by the name of their curve
 */
public record Curves(boolean running, List<Run> runs, Map<String, Path> warmUps) {

    /** Most numbers of all curves together. */
    static final int MAX_NUMBERS = 400_000;

    /** Most characters of all samples together. */
    static final int MAX_SAMPLE_CHARACTERS = 4_000_000;

    private static final int COLUMNS = 30; // of a run, about
    private static final JsonMapper JSON = new JsonMapper();

    public Curves {
        runs = List.copyOf(runs);
    }

    /**
     * Run to show; any of its files may be missing.
     *
     * @param series      name of the curve that it belongs to: runs with the same name differ in their seeds
     * @param seed        seed of the run
     * @param metrics     file with the metrics of each step
     * @param timings     file with the timings of each step
     * @param evaluations file with the evaluations
     * @param samples     file with the samples
     */
    public record Run(String series, long seed, Path metrics, Path timings, Path evaluations, Path samples) {}

    /**
     * Data of a page.
     *
     * @param json  data for the page's script, in which no tag can begin or end
     * @param notes sentences that say what was left out
     */
    record Data(String json, List<String> notes) {}

    /** Reads the files. */
    Data data() {
        var notes = new ArrayList<String>();
        int stride = stride();
        if (stride > 1) {
            notes.add("Each point of a curve is the mean of " + stride
                    + " steps, so that the page stays small; metrics.jsonl has every step.");
        }
        var samples = new SampleLines(MAX_SAMPLE_CHARACTERS / Math.max(1, runs.size()));
        var list = new ArrayList<Map<String, Object>>();
        for (Run run : runs) {
            var map = new LinkedHashMap<String, Object>();
            map.put("series", run.series());
            map.put("seed", run.seed());
            map.put("steps", steps(run, stride));
            map.put(
                    "evaluations",
                    exists(run.evaluations()) ? Columns.evaluations(run.evaluations(), stride) : List.of());
            map.put("samples", exists(run.samples()) ? samples.read(run.samples()) : List.of());
            list.add(map);
        }
        samples.note().ifPresent(notes::add);
        var warmUpList = new ArrayList<Map<String, Object>>();
        warmUps.forEach((series, file) -> {
            int warmUpStride = Math.ceilDiv(Columns.count(file), MAX_NUMBERS / 100);
            warmUpList.add(Map.of("series", series, "steps", Columns.read(file, Math.max(1, warmUpStride))));
        });
        var page = new LinkedHashMap<String, Object>();
        page.put("running", running);
        page.put("runs", list);
        page.put("warmUps", warmUpList);
        // no tag ends the script's element, and none in a text begins
        return new Data(JSON.writeValueAsString(page).replace("<", "\\u003c"), notes);
    }

    private static Map<String, List<Double>> steps(Run run, int stride) {
        if (!exists(run.metrics())) {
            return Map.of();
        }
        Map<String, List<Double>> steps = Columns.read(run.metrics(), stride);
        if (exists(run.timings())) {
            Columns.read(run.timings(), stride).forEach(steps::putIfAbsent);
        }
        return steps;
    }

    /** Number of steps of each point. */
    private int stride() {
        int longest = runs.stream()
                .filter(run -> exists(run.metrics()))
                .mapToInt(run -> Columns.count(run.metrics()))
                .max()
                .orElse(0);
        int points = Math.max(1, MAX_NUMBERS / COLUMNS / Math.max(1, runs.size()));
        return Math.max(1, Math.ceilDiv(longest, points));
    }

    private static boolean exists(Path file) {
        return Files.isRegularFile(file);
    }
}
