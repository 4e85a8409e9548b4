package org.rlvr4j.run.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import org.rlvr4j.eval.Estimate;
import org.rlvr4j.eval.Evaluation;

/** Tables of a training's results: methods, their differences from the first, and what failed. */
public final class ResultTables {

    private static final String NONE = "–";

    private ResultTables() {}

    /**
     * The tables of one training.
     *
     * @param methods  names of the methods, the first of which is the baseline
     * @param runs     numbers of the runs that are finished
     * @param failures runs that failed
     * @param before   greedy accuracy before reinforcement, from 0 to 1, if it is known
     * @param finished folders of the runs that are finished
     */
    public static List<Table> of(
            List<String> methods,
            List<RunNumbers> runs,
            List<RunFailure> failures,
            OptionalDouble before,
            List<RunFolder> finished) {
        var tables = new ArrayList<Table>();
        var byMethod = new LinkedHashMap<String, List<RunNumbers>>();
        methods.forEach(method -> byMethod.put(
                method, runs.stream().filter(run -> run.method().equals(method)).toList()));
        tables.add(methods(byMethod, before));
        if (methods.size() > 1 && !runs.isEmpty()) {
            tables.add(Effects.table(methods, runs));
            tables.removeIf(table -> table.rows().isEmpty()); // where no seed of two methods is finished
        }
        tables.addAll(Gains.tables(finished));
        if (!failures.isEmpty()) {
            tables.add(failed(failures));
        }
        return tables;
    }

    /**
     * The table of methods, or of methods of several trainings.
     *
     * @param byName numbers of the finished runs, by the name that a row begins with
     * @param before greedy accuracy before reinforcement, from 0 to 1, if it is known
     */
    static Table methods(Map<String, List<RunNumbers>> byName, OptionalDouble before) {
        List<Integer> samples = byName.values().stream()
                .flatMap(List::stream)
                .map(RunNumbers::samples)
                .distinct()
                .toList();
        String sampled = samples.size() == 1 ? Evaluation.nameOfSampled(samples.getFirst()) : "Avg@k";
        var columns = List.of("Method", "Avg@1 %", sampled + " %", "RUR %", "TCR %", "Responses", "Seconds");
        var rows = new ArrayList<List<String>>();
        byName.forEach((name, seeds) -> rows.add(row(name, seeds, columns.size())));
        String caption = seeds(byName.values())
                + (before.isEmpty()
                        ? ""
                        : String.format(Locale.ROOT, "; greedy accuracy before: %.1f %%", 100 * before.getAsDouble()));
        return new Table(caption, columns, rows);
    }

    private static String seeds(Collection<List<RunNumbers>> runs) {
        List<Integer> counts = runs.stream()
                .map(List::size)
                .filter(count -> count > 0)
                .distinct()
                .sorted()
                .toList();
        if (counts.isEmpty()) {
            return "No run is finished";
        }
        return counts.equals(List.of(1))
                ? "One seed"
                : "Means over " + counts.stream().map(String::valueOf).collect(Collectors.joining(" or "))
                        + " seeds with 95 % intervals";
    }

    private static List<String> row(String name, List<RunNumbers> seeds, int columns) {
        var row = new ArrayList<>(List.of(name));
        if (seeds.isEmpty()) {
            row.addAll(Collections.nCopies(columns - 1, NONE));
            return row;
        }
        row.add(percent(seeds, RunNumbers::avgAt1));
        row.add(percent(seeds, RunNumbers::avgAtK));
        row.add(percent(seeds, RunNumbers::rur));
        row.add(String.format(Locale.ROOT, "%.3f", 100 * mean(seeds, RunNumbers::tcr)));
        row.add(String.format(Locale.ROOT, "%.0f", mean(seeds, RunNumbers::generatedResponses)));
        row.add(String.format(Locale.ROOT, "%.0f", mean(seeds, RunNumbers::seconds)));
        return row;
    }

    /** The table of runs that failed, with the reason of each. */
    static Table failed(List<RunFailure> failures) {
        return new Table(
                "Failed; the same command tries these again",
                List.of("Run", "Reason"),
                failures.stream()
                        .map(failure -> List.of(failure.run(), failure.reason()))
                        .toList());
    }

    private static String percent(List<RunNumbers> runs, ToDoubleFunction<RunNumbers> value) {
        return Estimate.of(runs.stream().mapToDouble(value).toArray()).percent();
    }

    private static double mean(List<RunNumbers> runs, ToDoubleFunction<RunNumbers> value) {
        return runs.stream().mapToDouble(value).average().orElse(0);
    }
}
