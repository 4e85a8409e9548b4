package org.rlvr4j.run.report;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * The numbers of a run as JSON Lines: one object per step, its keys in the order given. The same numbers give the same
 * bytes; what is not finite is written as null.
 */
public final class MetricsFile implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;
    private final BufferedWriter out;

    /**
     * Starts a file anew, and its folder where there is none.
     *
     * @throws UncheckedIOException if it cannot be written
     */
    public MetricsFile(Path file) {
        this(file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    /**
     * Goes on with a file.
     *
     * @throws UncheckedIOException if it cannot be written
     */
    public static MetricsFile append(Path file) {
        return new MetricsFile(file, StandardOpenOption.APPEND);
    }

    private MetricsFile(Path file, OpenOption... options) {
        this.file = file;
        try {
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            out = Files.newBufferedWriter(file, options);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    /**
     * The lines of a file as records whose components are named as the numbers are; a null is not a number.
     *
     * @throws UncheckedIOException     if the file cannot be read
     * @throws IllegalArgumentException if a line is not such a record
     */
    public static <T> List<T> read(Path file, Class<T> type) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(line -> JSON.convertValue(numbers(line), type)).toList();
        } catch (JacksonException e) {
            throw new IllegalArgumentException(file + " is damaged: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file + ": " + e.getMessage(), e);
        }
    }

    private static Map<String, Object> numbers(String line) {
        Map<String, Object> numbers = JSON.readValue(line, new TypeReference<>() {});
        numbers.replaceAll((_, value) -> value == null ? Double.NaN : value);
        return numbers;
    }

    /**
     * Writes one line, at once.
     *
     * @param metrics name to number, text or truth value
     */
    public void write(Map<String, ?> metrics) {
        var finite = new LinkedHashMap<String, Object>(metrics);
        finite.replaceAll((_, value) -> value instanceof Number n && !Double.isFinite(n.doubleValue()) ? null : value);
        try {
            out.write(JSON.writeValueAsString(finite) + "\n");
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
    }
}
