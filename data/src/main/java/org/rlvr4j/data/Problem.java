package org.rlvr4j.data;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Problem: a question with a verifiable answer.
 *
 * @param id      name within the source, which never changes: statistics of the problem's visits are kept under it
 * @param source  data set that the problem is from, such as {@code qwen_aime_2024}
 * @param prompt  turns before the model's, at least one
 * @param answers accepted answers, at least one; any of them will do. A truth that is a struct, a map or a list of lists is
 *                one answer, its JSON as Python writes it: {@code {"target": 24, "numbers": [1, 2]}}
 * @param copies  number of rows of the file that hold this problem
 * @param columns row by column name, in the file's order, for verifiers that need more than the answers: all fields of
 *                JSON Lines, and the {@link Columns} of Parquet that were asked for; values are text, numbers, truth
 *                values, lists, maps or null, and dates and times are text as ISO 8601 has it
 */
public record Problem(
        String id,
        String source,
        List<Message> prompt,
        List<String> answers,
        int copies,
        Map<String, @Nullable Object> columns) {

    public Problem {
        require(!prompt.isEmpty(), source, id, "has no prompt");
        require(!answers.isEmpty(), source, id, "has no answer");
        prompt = List.copyOf(prompt);
        answers = List.copyOf(answers);
        columns = Collections.unmodifiableMap(new LinkedHashMap<>(columns));
    }

    /** A problem that is in no file, and so has no columns. */
    public Problem(String id, String source, List<Message> prompt, List<String> answers) {
        this(id, source, prompt, answers, 1, Map.of());
    }

    /** Source and id, which no two problems share together. */
    public String key() {
        return source + "/" + id;
    }

    /** Whether the answer is the JSON of a struct, a map or a list of lists, which a verifier has to look into. */
    public boolean hasStructuredAnswer() {
        boolean isVerl = columns.get("reward_model") instanceof Map<?, ?> model
                && Answers.isStructured(model.get("ground_truth"));
        return isVerl || Answers.isStructured(columns.get("answer"));
    }

    Problem withCopies(int count) {
        return new Problem(id, source, prompt, answers, count, columns);
    }

    private static void require(boolean condition, String source, String id, String message) {
        if (!condition) {
            throw new IllegalArgumentException("problem " + id + " of " + source + " " + message);
        }
    }
}
