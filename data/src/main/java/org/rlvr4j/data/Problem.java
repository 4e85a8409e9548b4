package org.rlvr4j.data;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A question with a verifiable answer.
 *
 * @param id      tells the problem from others of its source, for good: statistics of a problem's visits are kept by it
 * @param source  the data set it is from, such as {@code qwen_aime_2024}
 * @param prompt  the turns before the model's, at least one
 * @param answers the answers to be accepted, at least one; any of them will do
 * @param copies  how many rows of the file hold this problem
 * @param columns the whole row by column, in the file's order, for verifiers that need more than the answers; values are
 *                text, numbers, truth values, lists, maps or null
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

    /** A problem that is in no file, so that there are no other columns. */
    public Problem(String id, String source, List<Message> prompt, List<String> answers) {
        this(id, source, prompt, answers, 1, Map.of());
    }

    /** The id with its source, which no two problems share. */
    public String key() {
        return source + "/" + id;
    }

    Problem withCopies(int number) {
        return new Problem(id, source, prompt, answers, number, columns);
    }

    private static void require(boolean condition, String source, String id, String message) {
        if (!condition) {
            throw new IllegalArgumentException("problem " + id + " of " + source + " " + message);
        }
    }
}
