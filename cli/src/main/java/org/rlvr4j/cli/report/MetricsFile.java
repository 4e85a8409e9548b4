package org.rlvr4j.cli.report;

import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
     * Opens a file for the steps to come.
     *
     * @param keep lines of an existing file to keep: 0 starts anew, a resumed run keeps what its checkpoint had seen
     * @throws UncheckedIOException     if the file cannot be written
     * @throws IllegalArgumentException if the file has fewer lines than are to be kept
     */
    public MetricsFile(Path file, int keep) {
        this.file = file;
        try {
            List<String> lines = keep > 0 && Files.exists(file) ? Files.readAllLines(file) : List.of();
            if (lines.size() < keep) {
                throw new IllegalArgumentException(
                        file + " has " + lines.size() + " lines, fewer than the " + keep + " steps that are done");
            }
            Path folder = file.toAbsolutePath().getParent();
            if (folder != null) {
                Files.createDirectories(folder);
            }
            out = Files.newBufferedWriter(file);
            for (String line : lines.subList(0, keep)) {
                out.write(line + "\n");
            }
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file + ": " + e.getMessage(), e);
        }
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
