package org.rlvr4j.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;

/** Reader of problem files. */
public final class Problems {

    private Problems() {}

    /**
     * The distinct problems of a {@code .parquet} file in verl's layout or of a {@code .jsonl} file, in the file's order.
     *
     * @throws IllegalArgumentException if the file is missing, has not the format of its name, or holds no problem; the
     *     message is one sentence that names the file, and the row and column if there is one
     */
    public static List<Problem> load(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("there is no file " + file);
        }
        String name = file.getFileName().toString();
        List<Problem> rows;
        if (name.endsWith(".parquet")) {
            rows = ParquetProblems.read(file);
        } else if (name.endsWith(".jsonl")) {
            rows = JsonLines.read(file);
        } else {
            throw new IllegalArgumentException(file + " should end in .parquet or .jsonl");
        }
        if (rows.isEmpty()) {
            throw new IllegalArgumentException(file + " holds no problems");
        }
        return distinct(rows, file);
    }

    /** Merges copies into one problem: some data sets store each problem as often as it is to be sampled. */
    private static List<Problem> distinct(List<Problem> rows, Path file) {
        var problems = new LinkedHashMap<String, Problem>();
        for (Problem row : rows) {
            Problem first = problems.getOrDefault(row.key(), row.withCopies(0));
            if (!first.prompt().equals(row.prompt()) || !first.answers().equals(row.answers())) {
                throw new IllegalArgumentException(file + " has two different problems with the key " + row.key());
            }
            problems.put(row.key(), first.withCopies(first.copies() + 1));
        }
        return List.copyOf(problems.values());
    }
}
