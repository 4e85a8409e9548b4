package org.rlvr4j.run.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Columns of numbers, read from a metrics file: the means of equally many consecutive steps. */
final class Columns {

    /** Numbers that only grow: their last value stands for several steps, and not their mean. */
    private static final Set<String> GROWING = Set.of("step", "seconds", "generatedResponses");

    private static final int DIGITS = 7; // of a number on the page

    /** Values of one number in the steps of one point. */
    private static final class Cell {
        private double sum;
        private double last = Double.NaN;
        private int count;
    }

    private final int stride;
    private final TreeMap<Long, Map<String, Cell>> points = new TreeMap<>();
    private final Set<String> names = new LinkedHashSet<>();

    private Columns(int stride) {
        this.stride = stride;
    }

    /** Number of lines of a file. */
    static int count(Path file) {
        return MetricsFile.count(file);
    }

    /**
     * Reads the numbers of a file.
     *
     * @param file   metrics file, each line of which has a step
     * @param stride number of steps of each point
     * @return values by name, as many for each name; null where there is none
     */
    static Map<String, List<@Nullable Double>> read(Path file, int stride) {
        var columns = new Columns(stride);
        MetricsFile.forEach(file, columns::add);
        return columns.toMap();
    }

    /**
     * Reads the evaluations of a run: for each suite and number of samples, the columns {@code step} and {@code avg}.
     *
     * @param file   file of evaluations
     * @param stride number of steps of each point
     */
    static List<Map<String, Object>> evaluations(Path file, int stride) {
        record Key(String suite, long samples) {}

        var bySuite = new LinkedHashMap<Key, Columns>();
        MetricsFile.forEach(file, line -> {
            if (line.get("suite") instanceof String suite) {
                var key = new Key(suite, line.get("samples") instanceof Number n ? n.longValue() : 1);
                bySuite.computeIfAbsent(key, _ -> new Columns(stride)).add(line);
            }
        });
        var list = new ArrayList<Map<String, Object>>();
        bySuite.forEach((key, columns) -> {
            var map = new LinkedHashMap<String, Object>();
            map.put("suite", key.suite());
            map.putAll(columns.toMap());
            map.put("samples", key.samples());
            list.add(map);
        });
        return list;
    }

    private void add(Map<String, Object> line) {
        if (!(line.get("step") instanceof Number step)) {
            return;
        }
        long point = Math.ceilDiv(step.longValue(), stride); // step 0, before training, is a point of its own
        Map<String, Cell> cells = points.computeIfAbsent(point, _ -> new LinkedHashMap<>());
        line.forEach((name, value) -> {
            if (value instanceof Number number) {
                names.add(name);
                Cell cell = cells.computeIfAbsent(name, _ -> new Cell());
                cell.last = number.doubleValue();
                cell.sum += cell.last;
                cell.count++;
            }
        });
    }

    private Map<String, List<@Nullable Double>> toMap() {
        var map = new LinkedHashMap<String, List<@Nullable Double>>();
        for (String name : names) {
            var values = new ArrayList<@Nullable Double>();
            for (Map<String, Cell> cells : points.values()) {
                values.add(value(name, cells.get(name)));
            }
            map.put(name, values);
        }
        return map;
    }

    private static @Nullable Double value(String name, @Nullable Cell cell) {
        if (cell == null) {
            return null;
        }
        double value = GROWING.contains(name) ? cell.last : cell.sum / cell.count;
        return Double.isFinite(value) ? (Double) rounded(value) : null;
    }

    /** The value with seven significant digits; a whole number stays whole. */
    private static double rounded(double value) {
        if (value == 0 || value == Math.rint(value)) {
            return value;
        }
        double scale = Math.pow(10, DIGITS - 1 - Math.floor(Math.log10(Math.abs(value))));
        double rounded = scale >= 1 ? Math.rint(value * scale) / scale : Math.rint(value);
        return Double.isFinite(rounded) ? rounded : value;
    }
}
