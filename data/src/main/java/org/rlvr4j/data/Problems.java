package org.rlvr4j.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** Reader of problem files. */
public final class Problems {

    private Problems() {}

    /** The distinct problems of a file, of which Parquet's keep verl's columns; see {@link #load(Path, Columns)}. */
    public static List<Problem> load(Path file) {
        return load(file, Columns.VERL);
    }

    /**
     * The distinct problems of a {@code .parquet} file in verl's layout or of a {@code .jsonl} file, in the file's order.
     * Of equal problems the first one's columns are kept.
     *
     * @param columns columns that the problems of a {@code .parquet} file keep
     * @throws IllegalArgumentException if the file is missing, has not the format of its name, or holds no problem; the
     *     message is one sentence that names the file, and the row and column if there is one
     */
    public static List<Problem> load(Path file, Columns columns) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("there is no file " + file);
        }
        String name = file.getFileName().toString();
        var distinct = new Distinct(file);
        if (name.endsWith(".parquet")) {
            ParquetProblems.read(file, columns, distinct);
        } else if (name.endsWith(".jsonl")) {
            JsonLines.read(file).forEach(distinct);
        } else {
            throw new IllegalArgumentException(file + " should end in .parquet or .jsonl");
        }
        if (distinct.problems.isEmpty()) {
            throw new IllegalArgumentException(file + " holds no problems");
        }
        return List.copyOf(distinct.problems.values());
    }

    /** Merges copies into one problem: some data sets store each problem as often as it is to be sampled. */
    private static final class Distinct implements Consumer<Problem> {

        private final Map<String, Problem> problems = new LinkedHashMap<>();
        private final Path file;

        Distinct(Path file) {
            this.file = file;
        }

        @Override
        public void accept(Problem row) {
            Problem first = problems.getOrDefault(row.key(), row.withCopies(0));
            if (!first.prompt().equals(row.prompt()) || !first.answers().equals(row.answers())) {
                throw new IllegalArgumentException(file + " has two different problems with the key " + row.key());
            }
            problems.put(row.key(), first.withCopies(first.copies() + 1));
        }
    }
}
