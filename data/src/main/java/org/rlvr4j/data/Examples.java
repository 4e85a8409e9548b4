package org.rlvr4j.data;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;

/**
 * Reader of files of examples, in the layouts that TRL's {@code SFTTrainer} reads and in GSM8K's own.
 *
 * <ul>
 *   <li>{@code messages}, a list of {@code {role, content}};
 *   <li>{@code prompt} and {@code completion}, both text or both lists of {@code {role, content}};
 *   <li>{@code question} and {@code answer}: a user's turn, and the assistant's.
 * </ul>
 *
 * <p>Conversations may have {@code tools} and {@code chat_template_kwargs} beside their messages. Other columns are not read.
 *
 * @see <a href="https://huggingface.co/docs/trl/dataset_formats">TRL, dataset formats and types</a>
 */
public final class Examples {

    private Examples() {}

    /**
     * The examples of a {@code .jsonl} or {@code .parquet} file in the file's order, equal ones as often as they occur.
     *
     * @param file file whose name ends with {@code .jsonl} or {@code .parquet}
     * @throws IllegalArgumentException if the file is missing, has not the format of its name, or holds no example; the
     *     message is one sentence that names the file, and the line or row and the field if there is one
     */
    public static List<Example> load(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("there is no file " + file);
        }
        String name = file.getFileName().toString();
        var examples = new ArrayList<Example>();
        if (name.endsWith(".parquet")) {
            ParquetProblems.readRows(
                    file,
                    schema -> ParquetShape.of(schema, ExampleRow.COLUMNS),
                    (number, cells, _) ->
                            examples.add(new ExampleRow(file + ", row " + number, "column", cells).example()));
        } else if (name.endsWith(".jsonl")) {
            readLines(file, examples);
        } else {
            throw new IllegalArgumentException(file + " should end in .parquet or .jsonl");
        }
        if (examples.isEmpty()) {
            throw new IllegalArgumentException(file + " holds no examples");
        }
        return List.copyOf(examples);
    }

    private static void readLines(Path file, List<Example> examples) {
        List<String> lines = JsonLines.lines(file);
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank()) {
                String place = file + ", line " + (i + 1);
                JsonNode line = JsonLines.parse(file, i + 1, lines.get(i));
                if (!line.isObject()) {
                    throw new IllegalArgumentException(place + ": should be an object with fields");
                }
                examples.add(new ExampleRow(place, "field", JsonLines.fields(line)).example());
            }
        }
    }
}
