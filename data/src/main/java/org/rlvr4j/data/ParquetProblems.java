package org.rlvr4j.data;

import com.jerolba.carpet.CarpetParquetReader;
import com.jerolba.carpet.io.FileSystemInputFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.parquet.hadoop.ParquetReader;
import org.jspecify.annotations.Nullable;

/**
 * Reader of problems in verl's layout: {@code data_source}, {@code prompt} as a list of {@code {role, content}},
 * {@code reward_model.ground_truth}, and, where known, {@code extra_info.index}. Other columns are kept with the problem.
 *
 * @see <a href="https://verl.readthedocs.io/en/latest/preparation/prepare_data.html">verl, data preparation</a>
 */
final class ParquetProblems {

    private static final String DAMAGED = " cannot be read: it is not a Parquet file, or is damaged or cut short";
    private static final int EXTRA_ROWS = 50_000; // beyond one per bit of the file; a few bytes can make any number

    private ParquetProblems() {}

    /** Reads one problem per row. */
    @SuppressWarnings("rawtypes") // rows of any schema: the index is a number in one file and text in another
    static List<Problem> read(Path file) {
        var problems = new ArrayList<Problem>();
        long maxRows = file.toFile().length() * Byte.SIZE + EXTRA_ROWS;
        check(file);
        try (ParquetReader<Map> reader = CarpetParquetReader.builder(new FileSystemInputFile(file.toFile()), Map.class)
                .withCodecFactory(new ParquetCodecs())
                .build()) {
            for (Map cells = next(reader, file); cells != null; cells = next(reader, file)) {
                problems.add(new Row(file, problems.size() + 1, cells).problem());
                if (problems.size() > maxRows) {
                    throw new IllegalArgumentException(
                            file + " has more than " + maxRows + " rows, which is more than fits its size");
                }
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
        }
        return problems;
    }

    private static void check(Path file) {
        try {
            ParquetSizes.check(file);
            ParquetPages.check(file);
        } catch (IOException | RuntimeException e) {
            throw damaged(file, e);
        }
    }

    @SuppressWarnings("rawtypes")
    private static @Nullable Map next(ParquetReader<Map> reader, Path file) {
        try {
            return reader.read();
        } catch (IOException | RuntimeException e) {
            throw damaged(file, e);
        }
    }

    private static IllegalArgumentException damaged(Path file, Exception e) {
        Throwable cause = e.getCause() == null ? e : e.getCause();
        boolean unsupported = cause instanceof UnsupportedOperationException;
        return new IllegalArgumentException(
                file + (unsupported ? " cannot be read: " + cause.getMessage() : DAMAGED), e);
    }

    private record Row(Path file, int number, Map<?, ?> cells) {

        Problem problem() {
            List<Message> prompt = prompt();
            Object index = find("extra_info.index");
            String id = index == null ? digest(prompt) : index.toString();
            return new Problem(id, text("data_source"), prompt, answers(), 1, columns());
        }

        private Map<String, @Nullable Object> columns() {
            var columns = new LinkedHashMap<String, @Nullable Object>();
            cells.forEach((name, value) -> columns.put(String.valueOf(name), value));
            return columns;
        }

        private List<Message> prompt() {
            if (!(required("prompt") instanceof List<?> turns) || turns.isEmpty()) {
                throw columnError("prompt", "should be a list of {role, content}");
            }
            var messages = new ArrayList<Message>();
            for (Object turn : turns) {
                if (!(turn instanceof Map<?, ?> message)
                        || !(message.get("role") instanceof String role)
                        || !(message.get("content") instanceof String content)) {
                    throw columnError("prompt", "should be a list of {role, content}");
                }
                messages.add(new Message(role, content));
            }
            return messages;
        }

        private List<String> answers() {
            String column = "reward_model.ground_truth";
            Object truth = required(column);
            if (!(truth instanceof List<?> values)) {
                return List.of(truth.toString());
            }
            if (values.isEmpty() || values.contains(null)) {
                throw columnError(column, "should not be, or hold, nothing");
            }
            return values.stream().map(Object::toString).toList();
        }

        private String text(String column) {
            if (!(required(column) instanceof String text)) {
                throw columnError(column, "should be text");
            }
            return text;
        }

        private Object required(String column) {
            Object value = find(column);
            if (value == null) {
                throw columnError(column, "is missing");
            }
            return value;
        }

        /** The value of a column such as {@code extra_info.index}, where a dot leads into a struct. */
        private @Nullable Object find(String column) {
            Object value = cells;
            for (String name : column.split("\\.", -1)) {
                value = value instanceof Map<?, ?> struct ? struct.get(name) : null;
            }
            return value;
        }

        private IllegalArgumentException columnError(String column, String fault) {
            return new IllegalArgumentException(file + ", row " + number + ": column " + column + " " + fault);
        }

        private static String digest(List<Message> prompt) {
            return UUID.nameUUIDFromBytes(prompt.toString().getBytes(StandardCharsets.UTF_8))
                    .toString();
        }
    }
}
