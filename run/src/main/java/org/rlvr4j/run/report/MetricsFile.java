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
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.rlvr4j.run.files.FileFailure;
import tools.jackson.core.JacksonException;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/**
 * Metrics file: numbers of a run as JSON Lines, one object per step, with its keys in the given order. Equal numbers
 * give equal bytes; numbers that are not finite are written as null.
 */
public final class MetricsFile implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();

    private final Path file;
    private final BufferedWriter out;

    /**
     * Creates an empty file, and its folder if that does not exist; an existing file is replaced.
     *
     * @param file file to create
     * @throws UncheckedIOException if the file cannot be written
     */
    public MetricsFile(Path file) {
        this(file, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE);
    }

    /**
     * Opens an existing file to append to it.
     *
     * @param file file to append to
     * @throws UncheckedIOException if the file cannot be written
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
            throw FileFailure.writing(file, e);
        }
    }

    /**
     * Reads the lines of a file as records, whose components have the names of the numbers. Null becomes NaN, and so does a
     * {@code double} that the program did not write yet when it wrote the file.
     *
     * @param <T>  record type of a line
     * @param file file of numbers
     * @param type record type of a line
     * @throws UncheckedIOException     if the file cannot be read
     * @throws IllegalArgumentException if a line is not such a record
     */
    public static <T> List<T> read(Path file, Class<T> type) {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.map(line -> JSON.convertValue(numbers(line, type), type))
                    .toList();
        } catch (JacksonException e) {
            throw new IllegalArgumentException(file + " is damaged: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw FileFailure.reading(file, e);
        }
    }

    /**
     * Reads the lines of a file one by one, also while they are written: a last line that is not complete yet is left
     * out.
     *
     * @param file   file of numbers
     * @param action receives the values of each line by name; they are numbers, texts, truth values, lists, maps or null
     * @throws UncheckedIOException     if the file cannot be read
     * @throws IllegalArgumentException if another line is not JSON
     */
    static void forEach(Path file, Consumer<Map<String, Object>> action) {
        try (Stream<String> lines = Files.lines(file)) {
            String damage = "";
            long number = 0;
            for (String line : (Iterable<String>) lines::iterator) {
                number++;
                if (!damage.isEmpty()) {
                    throw new IllegalArgumentException(damage);
                }
                try {
                    action.accept(JSON.readValue(line, new TypeReference<>() {}));
                } catch (JacksonException e) {
                    damage = file + " is damaged in line " + number + ": " + e.getOriginalMessage();
                }
            }
        } catch (IOException e) {
            throw FileFailure.reading(file, e);
        }
    }

    /**
     * Number of lines of a file.
     *
     * @throws UncheckedIOException if the file cannot be read
     */
    static int count(Path file) {
        try (Stream<String> lines = Files.lines(file)) {
            return Math.toIntExact(lines.count());
        } catch (IOException e) {
            throw FileFailure.reading(file, e);
        }
    }

    private static Map<String, Object> numbers(String line, Class<?> type) {
        Map<String, Object> numbers = JSON.readValue(line, new TypeReference<>() {});
        numbers.replaceAll((_, value) -> value == null ? Double.NaN : value);
        Stream.of(type.getRecordComponents())
                .filter(component -> component.getType() == double.class)
                .forEach(component -> numbers.putIfAbsent(component.getName(), Double.NaN));
        return numbers;
    }

    /**
     * Writes one line and flushes it.
     *
     * @param metrics numbers, texts or booleans by name
     * @throws UncheckedIOException if the file cannot be written
     */
    public void write(Map<String, ?> metrics) {
        var finite = new LinkedHashMap<String, Object>(metrics);
        finite.replaceAll((_, value) -> value instanceof Number n && !Double.isFinite(n.doubleValue()) ? null : value);
        try {
            out.write(JSON.writeValueAsString(finite) + "\n");
            out.flush();
        } catch (IOException e) {
            throw FileFailure.writing(file, e);
        }
    }

    @Override
    public void close() {
        try {
            out.close();
        } catch (IOException e) {
            throw FileFailure.writing(file, e);
        }
    }
}
