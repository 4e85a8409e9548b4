package org.rlvr4j.run.report;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Samples for a page, read from {@code samples.jsonl}: those of every k-th step, where all would be too many. */
final class SampleLines {

    /** Most characters of a text on the page. */
    static final int MAX_TEXT = 4_000;

    private static final int OVERHEAD = 200; // characters of JSON around the texts of a line, about

    private final int budget;
    private int widestStride = 1;
    private boolean isShortened;

    /** @param budget most characters of a run's samples */
    SampleLines(int budget) {
        this.budget = budget;
    }

    /** Reads the samples of a run: those of steps, and then those of evaluations. */
    List<Map<String, Object>> read(Path file) {
        var steps = new Thinned(budget / 2);
        var evaluations = new Thinned(budget / 2);
        MetricsFile.forEach(file, line -> {
            Map<String, Object> shortened = shortened(line);
            (line.containsKey("evaluation") ? evaluations : steps).add(shortened);
        });
        widestStride = Math.max(widestStride, Math.max(steps.stride, evaluations.stride));
        return Stream.concat(steps.lines().stream(), evaluations.lines().stream())
                .toList();
    }

    /** A sentence that says what was left out, if anything was. */
    Optional<String> note() {
        String left = widestStride > 1 ? "samples of one step in " + widestStride : "";
        String cut = isShortened ? "the first " + MAX_TEXT + " characters of long texts" : "";
        String all = Stream.of(left, cut)
                .filter(part -> !part.isEmpty())
                .reduce("", (a, b) -> a.isEmpty() ? b : a + " and " + b);
        return all.isEmpty()
                ? Optional.empty()
                : Optional.of("The page shows " + all + ", so that it stays small; samples.jsonl has all.");
    }

    private Map<String, Object> shortened(Map<String, Object> line) {
        line.replaceAll((_, value) -> shortened(value));
        return line;
    }

    private Object shortened(Object value) {
        return switch (value) {
            case String text
            when text.length() > MAX_TEXT -> {
                isShortened = true;
                int end = Character.isHighSurrogate(text.charAt(MAX_TEXT - 1)) ? MAX_TEXT - 1 : MAX_TEXT;
                yield text.substring(0, end) + " … (" + (text.length() - end) + " more characters)";
            }
            case List<?> list -> list.stream().map(this::shortened).toList();
            case Map<?, ?> map -> {
                var copy = new LinkedHashMap<Object, Object>();
                map.forEach((name, part) -> copy.put(name, shortened(part)));
                yield copy;
            }
            default -> value;
        };
    }

    /** The lines of the first, the last and every k-th step, where k doubles when they become too many. */
    private static final class Thinned {

        private record Line(int ordinal, int size, Map<String, Object> content) {}

        private final int budget;
        private int stride = 1;
        private int ordinal = -1; // of the latest step
        private Object step = "none";
        private long size;
        private List<Line> kept = new ArrayList<>();
        private final List<Line> latest = new ArrayList<>();

        Thinned(int budget) {
            this.budget = budget;
        }

        void add(Map<String, Object> content) {
            Object other = content.getOrDefault("step", "none");
            if (!other.equals(step)) {
                step = other;
                ordinal++;
                latest.clear();
            }
            var line = new Line(ordinal, OVERHEAD + characters(content), content);
            latest.add(line);
            if (ordinal % stride == 0) {
                kept.add(line);
                size += line.size();
            }
            while (size > budget && ordinal >= stride) {
                stride *= 2;
                kept = new ArrayList<>(
                        kept.stream().filter(old -> old.ordinal() % stride == 0).toList());
                size = kept.stream().mapToLong(Line::size).sum();
            }
        }

        List<Map<String, Object>> lines() {
            Stream<Line> end = ordinal % stride == 0 ? Stream.of() : latest.stream();
            return Stream.concat(kept.stream(), end).map(Line::content).toList();
        }

        private static int characters(Object value) {
            return switch (value) {
                case String text -> text.length();
                case List<?> list -> list.stream().mapToInt(Thinned::characters).sum();
                case Map<?, ?> map ->
                    map.values().stream().mapToInt(Thinned::characters).sum();
                default -> Long.BYTES;
            };
        }
    }
}
