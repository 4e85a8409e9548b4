package org.rlvr4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class JsonLinesTest {

    @TempDir
    private Path folder = Path.of("");

    private Path file = folder;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("gsm8k_test.jsonl");
    }

    @Test
    void answerOfGsm8kIsWhatFollowsTheLastMarker() throws IOException {
        Files.writeString(file, """
            {"question": "Half of 10?", "answer": "10/2 = <<10/2=5>>5\\n#### 5"}

            {"question": "How many?", "answer": "Many.\\n#### 1,080"}
            """);

        assertThat(Problems.load(file))
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("columns")
                .containsExactly(
                        new Problem("1", "gsm8k_test", user("Half of 10?"), List.of("5")),
                        new Problem("3", "gsm8k_test", user("How many?"), List.of("1,080")));
    }

    @Test
    void generalLinesHaveAPromptOrMessagesAndOneOrMoreAnswers() throws IOException {
        Files.writeString(file, """
            {"prompt": "a?", "answer": 12345678901234567890, "id": 7, "source": "mine"}
            {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "b?"}], "answer": ["x", 0.5]}
            """);

        assertThat(Problems.load(file))
                .usingRecursiveFieldByFieldElementComparatorIgnoringFields("columns")
                .containsExactly(
                        new Problem("7", "mine", user("a?"), List.of("12345678901234567890")),
                        new Problem(
                                "2",
                                "gsm8k_test",
                                List.of(new Message("system", "s"), new Message("user", "b?")),
                                List.of("x", "0.5")));
    }

    @Test
    void problemKeepsAllOfItsColumns() throws IOException {
        Files.writeString(file, """
            {"prompt": "a?", "answer": 5, "level": 3, "share": 0.5, "extra": {"numbers": [1, 2], "hint": null}}
            """);

        Map<String, ?> columns = Problems.load(file).getFirst().columns();

        assertThat(columns.keySet()).containsExactly("prompt", "answer", "level", "share", "extra");
        assertThat(columns.get("level")).isEqualTo(3);
        assertThat(columns.get("share")).isEqualTo(0.5);
        assertThat(columns.get("extra"))
                .asInstanceOf(InstanceOfAssertFactories.MAP)
                .containsEntry("numbers", List.of(1, 2))
                .containsEntry("hint", null);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"prompt\": \"a?\"}                               | line 2: field answer is missing",
                "{\"prompt\": 1.5, \"answer\": {}}                  | line 2: field answer should be text or a number",
                "{\"prompt\": \"a?\", \"answer\": []}               | line 2: field answer should be a list of one or"
                        + " more",
                "{\"answer\": \"1\"}                                | line 2: field messages is missing",
                "{\"messages\": [{\"role\": \"user\"}], \"answer\": 1} | line 2: field content is missing",
                "{\"question\": \"a?\", \"answer\": \"5\"}          | line 2: field answer should end in a line \"####"
                        + " N\"",
                "[1]                                                | line 2: field messages is missing",
                "{\"prompt\"                                        | line 2: not valid JSON",
            })
    void whatIsWrongIsSaidWithFileAndLine(String line, String message) throws IOException {
        Files.writeString(file, "{\"prompt\": \"fine?\", \"answer\": \"yes\"}\n" + line + "\n");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + ", " + message);
    }

    @Test
    void textThatIsNotUtf8IsRefused() throws IOException {
        Files.write(file, new byte[] {'{', (byte) 0xff, '}'});

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + " is not UTF-8 text");
    }

    @Test
    void twoDifferentProblemsMayNotShareAKey() throws IOException {
        Files.writeString(file, """
            {"prompt": "a?", "answer": "1", "id": "p"}
            {"prompt": "b?", "answer": "1", "id": "p"}
            """);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + " has two different problems with the key gsm8k_test/p");
    }

    @Test
    void emptyFileMissingFileAndUnknownEndingAreRefused() throws IOException {
        Files.writeString(file, "\n");
        Path text = Files.writeString(folder.resolve("problems.txt"), "a?");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + " holds no problems");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(folder.resolve("none.jsonl")))
                .withMessage("there is no file " + folder.resolve("none.jsonl"));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(text))
                .withMessage(text + " should end in .parquet or .jsonl");
    }

    private static List<Message> user(String content) {
        return List.of(new Message("user", content));
    }
}
