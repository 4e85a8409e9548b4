package org.rlvr4j.data;

import com.jerolba.carpet.io.FileSystemInputFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.filter2.compat.FilterCompat;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;
import org.jspecify.annotations.Nullable;
import org.rlvr4j.data.ParquetValue.Unreadable;

/**
 * Reader of problems in verl's layout: {@code data_source}, {@code prompt} as a list of {@code {role, content}},
 * {@code reward_model.ground_truth}, and, where known, {@code extra_info.index}. The columns that are read are kept with the
 * problem: those of that layout, or all.
 *
 * @see <a href="https://verl.readthedocs.io/en/latest/preparation/prepare_data.html">verl, data preparation</a>
 */
final class ParquetProblems {

    private static final String TRUTH = "reward_model.ground_truth";
    private static final String DAMAGED = " cannot be read: it is not a Parquet file, or is damaged or cut short";
    private static final int TURN = 32; // characters around the role and content of a turn in the text that is digested
    private static final int EXTRA_ROWS = 1_000_000; // beyond one per bit of the file; a few bytes can make any number
    private static final int EXTRA_VALUES = 5_000_000; // beyond 64 per byte of the file

    private ParquetProblems() {}

    /** Receiver of the rows of a file, whose columns are values by name. */
    @FunctionalInterface
    interface RowReader {

        /**
         * Takes a row.
         *
         * @param number number of the row, from 1
         */
        void read(int number, Map<String, @Nullable Object> cells, ParquetBudget budget);
    }

    /** Reads one problem per row. */
    static void read(Path file, Columns columns, Consumer<Problem> problems) {
        readRows(
                file,
                schema -> ParquetShape.of(schema, columns),
                (number, cells, budget) -> problems.accept(new Row(file, number, columns, cells, budget).problem()));
    }

    /**
     * Reads the rows of a file.
     *
     * @param shapes shape of the columns to read, by the file's schema
     * @param rows   receives the rows; without any of the columns one row that has none, if the file has rows
     */
    static void readRows(Path file, Function<MessageType, ParquetShape.Struct> shapes, RowReader rows) {
        var options = ParquetReadOptions.builder(new PlainParquetConfiguration())
                .withCodecFactory(new ParquetCodecs())
                .build();
        ParquetSizes sizes = attempt(file, () -> ParquetSizes.of(file));
        ParquetFileReader opened =
                attempt(file, () -> ParquetFileReader.open(new FileSystemInputFile(file.toFile()), options));
        try (ParquetFileReader reader = opened) {
            ParquetShape.Struct shape = attempt(file, () -> {
                ParquetShape.Struct read = shapes.apply(reader.getFileMetaData().getSchema());
                sizes.requireReadable((MessageType) read.type());
                reader.setRequestedSchema((MessageType) read.type());
                return read;
            });
            read(file, reader, shape, rows);
        } catch (IOException e) {
            throw new IllegalArgumentException(file + " cannot be read: " + e.getMessage(), e);
        }
    }

    private static void read(Path file, ParquetFileReader reader, ParquetShape.Struct shape, RowReader receiver) {
        var schema = (MessageType) shape.type();
        requireFew(file, reader.getRowGroups(), schema);
        var budget = new ParquetBudget(file.toFile().length());
        var rows = new Rows(shape, budget);
        int number = 0;
        for (int i = 0; i < reader.getRowGroups().size(); i++) {
            long count = reader.getRowGroups().get(i).getRowCount();
            if (count == 0) {
                continue; // some writers leave them, and Parquet's own reader refuses them
            }
            if (shape.fields().isEmpty()) {
                receiver.read(1, Map.of(), budget); // who says what is missing
            }
            int group = i;
            RecordReader<Map<String, @Nullable Object>> records = attempt(file, () -> {
                ParquetPages.check(reader.readRowGroup(group), schema);
                return new ColumnIOFactory()
                        .getColumnIO(schema, reader.getFileMetaData().getSchema())
                        .getRecordReader(reader.readRowGroup(group), rows, FilterCompat.NOOP);
            });
            for (long row = 0; row < count; row++) {
                number++;
                receiver.read(number, attempt(file, records::read), budget);
            }
        }
    }

    /** Refuses more rows and values than there is any use for: equal ones take hardly a byte, however many they are. */
    private static void requireFew(Path file, List<BlockMetaData> groups, MessageType schema) {
        long size = file.toFile().length();
        long maxRows = size * Byte.SIZE + EXTRA_ROWS;
        long maxValues = size * Long.SIZE + EXTRA_VALUES;
        long rows = 0;
        long values = 0;
        for (BlockMetaData group : groups) {
            rows += group.getRowCount();
            if (group.getRowCount() < 0 || rows > maxRows) {
                throw new IllegalArgumentException(
                        file + " has more than " + maxRows + " rows, which is more than fits its size");
            }
            for (ColumnChunkMetaData column :
                    group.getRowCount() == 0 ? List.<ColumnChunkMetaData>of() : group.getColumns()) {
                String[] path = column.getPath().toArray();
                if (!schema.containsPath(path)) {
                    continue;
                }
                ParquetCodecs.requireSupported(column, file);
                long count = column.getValueCount();
                values += count;
                if (count < 0 || values > maxValues) {
                    throw new IllegalArgumentException(
                            file + " has more than " + maxValues + " values, which is more than fits its size");
                }
                boolean isFlat = schema.getMaxRepetitionLevel(path) == 0;
                if (count < group.getRowCount() || (isFlat && count > group.getRowCount())) {
                    throw new IllegalArgumentException(file + DAMAGED);
                }
            }
        }
    }

    /** Does a step of reading, whose failure is the file's. */
    private static <T> T attempt(Path file, Step<T> step) {
        try {
            return step.take();
        } catch (IOException | RuntimeException e) {
            String reason = UnsupportedParquetException.reason(e);
            throw new IllegalArgumentException(file + (reason == null ? DAMAGED : " cannot be read: " + reason), e);
        }
    }

    @FunctionalInterface
    private interface Step<T> {
        T take() throws IOException;
    }

    /** Rows as maps, one after the other. */
    private static final class Rows extends RecordMaterializer<Map<String, @Nullable Object>> {

        private final GroupConverter root;
        private Map<String, @Nullable Object> row = Map.of();

        @SuppressWarnings("unchecked") // a struct gives maps
        Rows(ParquetShape.Struct shape, ParquetBudget budget) {
            root = shape.converter(
                    budget, value -> row = value == null ? Map.of() : (Map<String, @Nullable Object>) value);
        }

        @Override
        public Map<String, @Nullable Object> getCurrentRecord() {
            return row;
        }

        @Override
        public GroupConverter getRootConverter() {
            return root;
        }
    }

    private record Row(
            Path file, int number, Columns columns, Map<String, @Nullable Object> cells, ParquetBudget budget) {

        Problem problem() {
            List<Message> prompt = prompt();
            String id = id(prompt);
            String source = text("data_source");
            count(source.length() + (long) id.length());
            List<String> answers = answers();
            if (columns == Columns.ALL) {
                requireReadable("", cells);
            }
            return new Problem(id, source, prompt, answers, 1, cells);
        }

        private void requireReadable(String name, @Nullable Object value) {
            switch (value) {
                case Unreadable given -> throw columnError(name, "is not readable: it is " + given.type());
                case Map<?, ?> given ->
                    given.forEach((field, inner) ->
                            requireReadable(name.isEmpty() ? String.valueOf(field) : name + "." + field, inner));
                case List<?> given -> given.forEach(item -> requireReadable(name, item));
                case null, default -> {}
            }
        }

        private String id(List<Message> prompt) {
            Object index = find("extra_info.index");
            if (isScalar(index)) {
                return String.valueOf(index);
            }
            prompt.forEach(turn ->
                    count(TURN + turn.role().length() + (long) turn.content().length()));
            return digest(prompt);
        }

        /** Counts text that is copied for each row, though a file's dictionary may hold it once. */
        private void count(long characters) {
            attempt(file, () -> {
                budget.text(characters);
                return file;
            });
        }

        private static boolean isScalar(@Nullable Object value) {
            return value instanceof String || value instanceof Number || value instanceof Boolean;
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
            Object truth = required(TRUTH);
            if (Answers.isStructured(truth)) {
                return List.of(json(truth));
            }
            if (!(truth instanceof List<?> values)) {
                return List.of(answer(truth));
            }
            if (values.isEmpty() || values.contains(null)) {
                throw columnError(TRUTH, "should not be, or hold, nothing");
            }
            var answers = new ArrayList<String>();
            values.forEach(value -> answers.add(answer(value)));
            return answers;
        }

        /** Counted, as it is written for each row, though a file's dictionary may hold its texts once. */
        private String json(Object truth) {
            try {
                String text = JsonText.of(truth);
                count(text.length());
                return text;
            } catch (IllegalArgumentException e) {
                throw columnError(TRUTH, "should hold text and numbers, but has one that is " + e.getMessage());
            }
        }

        private String answer(@Nullable Object truth) {
            String text =
                    switch (truth) {
                        case String given -> given;
                        case Boolean given -> given.toString();
                        case Number given -> number(given);
                        case Unreadable given -> throw notAnAnswer(given.type());
                        case null, default -> throw notAnAnswer("nothing");
                    };
            if (text.isBlank()) {
                throw columnError(TRUTH, "should not be blank");
            }
            return text;
        }

        private String number(Number truth) {
            if (!Double.isFinite(truth.doubleValue()) && (truth instanceof Double || truth instanceof Float)) {
                throw notAnAnswer(truth.toString());
            }
            return Answers.plain(truth);
        }

        private IllegalArgumentException notAnAnswer(String found) {
            return columnError(
                    TRUTH,
                    "should be text, a number, a list of them or a struct, but is " + found
                            + "; write the answer itself");
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
