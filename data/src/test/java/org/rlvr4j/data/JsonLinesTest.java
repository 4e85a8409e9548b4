package org.rlvr4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.math.BigDecimal;
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
                "{\"prompt\": 1.5, \"answer\": null}                | line 2: field answer should be text or a number",
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
    void byteOrderMarkAtTheBeginningIsSkipped() throws IOException {
        Files.writeString(file, "\ufeff{\"prompt\": \"a?\", \"answer\": 1}\r\n{\"prompt\": \"b?\", \"answer\": 2}\r\n");

        assertThat(Problems.load(file)).extracting(Problem::answers).containsExactly(List.of("1"), List.of("2"));
    }

    @Test
    void fileOfAByteOrderMarkAloneHoldsNoProblems() throws IOException {
        Files.writeString(file, "\ufeff");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + " holds no problems");
    }

    @ParameterizedTest
    @CsvSource({
        "1e7, 10000000",
        "-2.5e-3, -0.0025",
        "0.1234567890123456789, 0.1234567890123456789",
        "3.0, 3.0",
        "1.5, 1.5",
    })
    void numbersKeepTheirDigits(String number, String answer) throws IOException {
        Files.writeString(file, "{\"prompt\": \"a?\", \"answer\": " + number + "}");

        assertThat(Problems.load(file).getFirst().answers()).containsExactly(answer);
    }

    @Test
    void numberBeyondADoubleKeepsItsDigits() throws IOException {
        Files.writeString(file, "{\"prompt\": \"a?\", \"answer\": [1e400, -1e400]}");

        Problem problem = Problems.load(file).getFirst();

        assertThat(problem.answers()).containsExactly("1" + "0".repeat(400), "-1" + "0".repeat(400));
        assertThat(problem.columns())
                .containsEntry("answer", List.of(new BigDecimal("1e400"), new BigDecimal("-1e400")));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "\"\"                 | field answer should not be blank",
                "\" \\t\"           | field answer should not be blank",
                "[\"1\", \" \"]     | field answer should not be blank",
                "1e1000000000         | field answer should be a number of at most 1000 digits",
                "1e-1000000000        | field answer should be a number of at most 1000 digits",
            })
    void truthThatNoAnswerAgreesWithIsRefused(String answer, String reason) throws IOException {
        Files.writeString(file, "{\"prompt\": \"a?\", \"answer\": " + answer + "}");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + ", line 1: " + reason);
    }

    /** As Python's {@code json.dumps(answer, ensure_ascii=False)} writes them. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"target\":24,\"numbers\":[1,2]}       | {\"target\": 24, \"numbers\": [1, 2]}",
                "[[1,2.50],[]]                             | [[1, 2.5], []]",
                "[{\"in\": \"a\\/b\\u00e9\\u0001\\t\"}] | [{\"in\": \"a/b\u00e9\\u0001\\t\"}]",
                "{}                                        | {}",
                "{\"x\": [1e7, 1e16, 1.5e-5, 1e-4, 5e-324, 0.0, null, true]}"
                        + " | {\"x\": [10000000.0, 1e+16, 1.5e-05, 0.0001, 5e-324, 0.0, null, true]}",
            })
    void structuredTruthIsOneAnswerInJson(String truth, String answer) throws IOException {
        Files.writeString(file, "{\"prompt\": \"a?\", \"answer\": " + truth + "}");

        assertThat(Problems.load(file).getFirst().answers()).containsExactly(answer);
    }

    @Test
    void blankAfterTheMarkerIsRefused() throws IOException {
        Files.writeString(file, "{\"question\": \"a?\", \"answer\": \"None.\\n#### \"}");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + ", line 1: field answer should not be blank after \"####\"");
    }

    @Test
    void limitOfNumbersIsNotCalledAFaultOfTheFile() throws IOException {
        Files.writeString(file, "{\"prompt\": \"a?\", \"answer\": " + "9".repeat(2_000) + "}");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Problems.load(file))
                .withMessage(file + ", line 1: has a number or text too long, or nesting too deep, to be read");
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
