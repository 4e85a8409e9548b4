package org.rlvr4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.parquet.example.data.Group;
import org.apache.parquet.example.data.simple.SimpleGroup;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExamplesTest {

    private static final Map<String, Object> QUESTION = turn("user", "1+1?");
    private static final Map<String, Object> ANSWER = turn("assistant", "2");

    @TempDir
    private Path folder = Path.of("");

    @Test
    void linesHaveAnyOfTheLayouts() throws IOException {
        Path file = Files.writeString(folder.resolve("examples.jsonl"), """
            {"messages": [{"role": "user", "content": "1+1?"}, {"role": "assistant", "content": "2", "name": null}], "id": 7}

            {"prompt": [{"role": "user", "content": "1+1?"}], "completion": [{"role": "assistant", "content": "2"}]}
            {"prompt": "1+1=", "completion": "2"}
            {"question": "1+1?", "answer": "2"}
            {"prompt": "of another column", "messages": [{"role": "user", "content": "1+1?"}, {"role": "assistant",\
             "content": "2"}]}
            """);
        String place = file + ", line ";

        assertThat(Examples.load(file))
                .containsExactly(
                        new Example.Chat(place + 1, List.of(QUESTION, ANSWER), 0, Map.of()),
                        new Example.Chat(place + 3, List.of(QUESTION, ANSWER), 1, Map.of()),
                        new Example.Plain(place + 4, "1+1=", "2"),
                        new Example.Chat(place + 5, List.of(QUESTION, ANSWER), 1, Map.of()),
                        new Example.Chat(place + 6, List.of(QUESTION, ANSWER), 0, Map.of()));
    }

    @Test
    void toolsAndVariablesOfTheTemplateComeAlong() throws IOException {
        Path file = Files.writeString(folder.resolve("tools.jsonl"), """
            {"messages": [{"role": "user", "content": "time?"}, {"role": "assistant", "tool_calls": [{"name": "clock"}]}],\
             "tools": "[{\\"name\\": \\"clock\\"}]", "chat_template_kwargs": {"enable_thinking": false}}
            """);

        assertThat(Examples.load(file)).singleElement().satisfies(example -> {
            var chat = (Example.Chat) example;
            assertThat(chat.variables())
                    .isEqualTo(Map.of("tools", List.of(Map.of("name", "clock")), "enable_thinking", false));
            assertThat(chat.messages().getLast())
                    .isEqualTo(Map.of("role", "assistant", "tool_calls", List.of(Map.of("name", "clock"))));
        });
    }

    @Test
    void rowsOfParquetHaveTheSameLayouts() throws IOException {
        var chats = new VerlFile("""
            message schema {
              optional group messages (LIST) {
                repeated group list {
                  optional group element {
                    optional binary content (STRING);
                    optional binary role (STRING);
                    optional binary thinking (STRING);
                  }
                }
              }
              optional binary image;
            }
            """);
        Group chat = new SimpleGroup(chats.schema());
        Group turns = chat.addGroup("messages");
        turns.addGroup("list").addGroup("element").append("content", "1+1?").append("role", "user");
        turns.addGroup("list").addGroup("element").append("content", "2").append("role", "assistant");
        var plain =
                new VerlFile("message schema { optional binary question (STRING); optional binary answer (STRING); }");
        Group gsm8k = new SimpleGroup(plain.schema()).append("question", "1+1?").append("answer", "2");
        Path first = chats.write(folder.resolve("chats.parquet"), chat);
        Path second = plain.write(folder.resolve("plain.parquet"), gsm8k, gsm8k);

        assertThat(Examples.load(first))
                .containsExactly(new Example.Chat(first + ", row 1", List.of(QUESTION, ANSWER), 0, Map.of()));
        assertThat(Examples.load(second))
                .extracting(Example::place)
                .containsExactly(second + ", row 1", second + ", row 2");
    }

    @Test
    void rowOfParquetThatLacksSomethingIsNamed() throws IOException {
        var file =
                new VerlFile("message schema { optional binary question (STRING); optional binary answer (STRING); }");
        Group whole = new SimpleGroup(file.schema()).append("question", "1+1?").append("answer", "2");
        Group half = new SimpleGroup(file.schema()).append("question", "1+1?");
        Path path = file.write(folder.resolve("half.parquet"), whole, half);
        var other = new VerlFile("message schema { optional binary text (STRING); }");
        Path texts = other.write(folder.resolve("texts.parquet"), new SimpleGroup(other.schema()).append("text", "a"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Examples.load(path))
                .withMessageStartingWith(path + ", row 2: an example has messages, or prompt and completion");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Examples.load(texts))
                .withMessageStartingWith(texts + ", row 1: an example has messages")
                .withMessageEndingWith("but this has none of them");
        byte[] bytes = Files.readAllBytes(path);
        Files.write(path, Arrays.copyOf(bytes, bytes.length / 2));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Examples.load(path))
                .withMessage(path + " cannot be read: it is not a Parquet file, or is damaged or cut short");
    }

    /** Columns: a line, and the sentence behind the file's name. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {"messages": [                                             | , line 2: not valid JSON
        [1]                                                        | , line 2: should be an object with fields
        {"text": "a"}                                              | , line 2: an example has messages, or prompt and completion, or question and answer, but this has text
        {"prompt": "a"}                                            | , line 2: an example has messages, or prompt and completion, or question and answer, but this has prompt
        {"messages": "a"}                                          | , line 2: field messages should be a list of {role, content}, one at least
        {"messages": []}                                           | , line 2: field messages should be a list of {role, content}, one at least
        {"messages": [{"content": "a"}]}                           | , line 2: field messages.0 should have a role
        {"messages": [{"role": "user", "content": 1}]}             | , line 2: field messages.0 should have a content that is text
        {"messages": [{"role": "user"}]}                           | , line 2: field messages.0 should have a content that is text
        {"prompt": "a", "completion": ["b"]}                       | , line 2: field completion should be text if prompt is text, and a list of {role, content} if prompt is one
        {"prompt": "a", "completion": ""}                          | , line 2: field completion should not be empty
        {"question": "a", "answer": 2}                             | , line 2: field answer should be text
        {"question": "a", "answer": "b", "tools": "{"}             | , line 2: field tools should be a list, or text that is one in JSON
        {"question": "a", "answer": "b", "chat_template_kwargs": 1} | , line 2: field chat_template_kwargs should be an object
        """, quoteCharacter = '`')
    void lineThatIsWrongIsNamed(String line, String sentence) throws IOException {
        Path file = Files.writeString(
                folder.resolve("wrong.jsonl"), "{\"question\": \"a\", \"answer\": \"b\"}\n" + line + "\n");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Examples.load(file))
                .withMessage(file + sentence);
    }

    @Test
    void fileThatIsNoneIsRefused() throws IOException {
        Path empty = Files.writeString(folder.resolve("empty.jsonl"), "\n");
        Path csv = Files.writeString(folder.resolve("examples.csv"), "a,b");
        Path latin = Files.write(folder.resolve("latin.jsonl"), "{\"é\": 1}".getBytes(StandardCharsets.ISO_8859_1));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> Examples.load(empty))
                .withMessage(empty + " holds no examples");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Examples.load(csv))
                .withMessage(csv + " should end in .parquet or .jsonl");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Examples.load(latin))
                .withMessage(latin + " is not UTF-8 text");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Examples.load(folder.resolve("none.jsonl")))
                .withMessage("there is no file " + folder.resolve("none.jsonl"));
    }

    @Test
    void epochHasEveryExampleOnceInAnOrderOfItsOwn() {
        List<Integer> pool = IntStream.range(0, 10).boxed().toList();
        var order = new ExampleOrder<>(pool, 4, 1);

        assertThat(order.stepsPerEpoch()).isEqualTo(3);
        assertThat(order.batch(2)).hasSize(2);
        assertThat(epoch(order, 0)).containsExactlyInAnyOrderElementsOf(pool).isNotEqualTo(epoch(order, 1));
        assertThat(epoch(order, 1)).containsExactlyInAnyOrderElementsOf(pool);
        assertThat(epoch(new ExampleOrder<>(pool, 4, 2), 0)).isNotEqualTo(epoch(order, 0));
        assertThat(order.batch(1)).isEqualTo(new ExampleOrder<>(pool, 4, 1).batch(1));
    }

    private static List<Integer> epoch(ExampleOrder<Integer> order, int epoch) {
        return IntStream.range(0, 3)
                .mapToObj(i -> order.batch(3 * epoch + i))
                .flatMap(List::stream)
                .toList();
    }

    private static Map<String, Object> turn(String role, String content) {
        return Map.of("role", role, "content", content);
    }
}
