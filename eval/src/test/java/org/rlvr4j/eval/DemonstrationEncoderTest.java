package org.rlvr4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.rlvr4j.data.Example;
import org.rlvr4j.model.text.Tokenizer;

class DemonstrationEncoderTest {

    /** Of the main job's alphabet: a user's turn is in front of "=", an assistant's ends in a token. */
    private static final String PLAIN = "{% for m in messages %}{% if m.role == 'assistant' %}{{ m.content"
            + " }}<|im_end|>{% else %}<|im_start|>{{ m.content }}{% endif %}{% endfor %}{% if add_generation_prompt and"
            + " lead %}+{% endif %}";

    private static final String MARKED =
            PLAIN.replace("{{ m.content }}<|im_end|>", "{% generation %}{{ m.content }}<|im_end|>{% endgeneration %};");

    private static final Map<String, Object> FIRST = turn("user", "1+1=");
    private static final Map<String, Object> TWO = turn("assistant", "2");
    private static final Map<String, Object> SECOND = turn("user", "2+2=");
    private static final Map<String, Object> FOUR = turn("assistant", "4");

    @TempDir
    private Path folder = Path.of("");

    @Test
    void withoutMarksTheTokensBehindThePromptAreLearned() throws IOException {
        DemonstrationEncoder encoder = encoder(PLAIN, PromptSettings.NONE);

        assertThat(learned(encoder.encode(chat(0, FIRST, TWO)))).isEqualTo("_____2<|im_end|>");
        assertThat(learned(encoder.encode(chat(0, FIRST, TWO, SECOND, FOUR)))).isEqualTo("____________4<|im_end|>");
        assertThat(learned(encoder.encode(chat(1, FIRST, TWO, SECOND, FOUR))))
                .isEqualTo("_____2<|im_end|><|im_start|>2+2=4<|im_end|>");
        assertThat(encoder.leavesTurns(chat(0, FIRST, TWO, SECOND, FOUR))).isTrue();
        assertThat(encoder.leavesTurns(chat(0, FIRST, TWO))).isFalse();
    }

    @Test
    void marksOfTheTemplateAreLearnedInEveryTurn() throws IOException {
        DemonstrationEncoder encoder = encoder(MARKED, PromptSettings.NONE);

        assertThat(learned(encoder.encode(chat(0, FIRST, TWO, SECOND, FOUR))))
                .isEqualTo("_____2<|im_end|>______4<|im_end|>_");
        assertThat(learned(encoder.encode(chat(3, FIRST, TWO, SECOND, FOUR)))).isEqualTo("_____________4<|im_end|>_");
        assertThat(learned(encoder.encode(chat(0, FIRST, TWO, SECOND)))).isEqualTo("_____2<|im_end|>______");
        assertThat(encoder.leavesTurns(chat(0, FIRST, TWO, SECOND, FOUR))).isFalse();
    }

    @Test
    void plainTextHasNoTemplateAndEndsInTheTokenThatEndsATurn() throws IOException {
        DemonstrationEncoder encoder =
                encoder("{{ raise_exception('not used') }}", new PromptSettings("s", "x", Map.of()));

        assertThat(learned(encoder.encode(new Example.Plain("here", "1+1=", "2"))))
                .isEqualTo("____2<|im_end|>");
        assertThat(learned(encoder.encode(new Example.Plain("here", "1+1=", "2<|im_end|>"))))
                .isEqualTo("____2<|im_end|>");
        assertThat(learned(encoder.encode(new Example.Plain("here", "", "12")))).isEqualTo("_2<|im_end|>");
    }

    @Test
    void settingsOfThePromptActOnConversations() throws IOException {
        DemonstrationEncoder encoder = encoder(PLAIN, new PromptSettings("9", "0", Map.of()));

        assertThat(text(encoder.encode(chat(1, FIRST, TWO)))).isEqualTo("<|im_start|>9<|im_start|>1+1=02<|im_end|>");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoder.encode(chat(0, turn("system", "8"), FIRST, TWO)))
                .withMessage("here: prompt.system gives a system message, but the example has one already: 8");
    }

    @Test
    void whereTheAnswerBeginsMustBeKnown() throws IOException {
        DemonstrationEncoder encoder = encoder(PLAIN, new PromptSettings(null, null, Map.of("lead", true)));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoder.encode(chat(1, FIRST, TWO)))
                .withMessageStartingWith("here: the tokens of the conversation do not begin with those of its prompt");
        assertThat(learned(encoder.encode(chat(1, FIRST, turn("assistant", "+2")))))
                .isEqualTo("______2<|im_end|>");
    }

    @Test
    void conversationWithNothingToLearnIsRefused() throws IOException {
        DemonstrationEncoder plain = encoder(PLAIN, PromptSettings.NONE);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> plain.encode(chat(0, FIRST, SECOND)))
                .withMessage("here: has no message of the assistant to learn");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> plain.encode(chat(0, FIRST, TWO, SECOND)))
                .withMessageStartingWith("here: should end in a message of the assistant, with others before it");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoder(MARKED.replace("'assistant'", "'nobody'"), PromptSettings.NONE)
                        .encode(chat(0, FIRST, TWO)))
                .withMessage("here: has no token to learn");
    }

    @Test
    void variablesOfTheExampleReachTheTemplate() throws IOException {
        DemonstrationEncoder encoder = encoder(PLAIN, PromptSettings.NONE);

        Demonstration led = encoder.encode(
                new Example.Chat("here", List.of(FIRST, turn("assistant", "+2")), 1, Map.of("lead", true)));

        assertThat(learned(led)).isEqualTo("______2<|im_end|>");
    }

    @Test
    void tokensThatBeginEveryTextAreNotLearned() throws IOException {
        encoder(MARKED, PromptSettings.NONE);
        Path file = folder.resolve("tokenizer.json");
        String template = """
            "post_processor": {"type": "TemplateProcessing",
              "single": [{"SpecialToken": {"id": "<|endoftext|>", "type_id": 0}}, {"Sequence": {"id": "A", "type_id": 0}}],
              "special_tokens": {"<|endoftext|>": {"id": "<|endoftext|>", "ids": [55], "tokens": ["<|endoftext|>"]}}}\
            """;
        Files.writeString(
                file,
                Files.readString(file)
                        .replaceFirst("\"post_processor\": \\{[^{}]*}", Matcher.quoteReplacement(template)));
        DemonstrationEncoder encoder = DemonstrationEncoder.load(folder, PromptSettings.NONE);

        Demonstration chat = encoder.encode(chat(0, FIRST, TWO));
        assertThat(text(chat)).isEqualTo("<|endoftext|><|im_start|>1+1=2<|im_end|>;");
        assertThat(learned(chat)).isEqualTo("______2<|im_end|>_");
        assertThat(learned(encoder.encode(new Example.Plain("here", "1+1=", "2"))))
                .isEqualTo("_____2<|im_end|>");
    }

    @Test
    void whatTheTokenizerLacksIsSaid() throws IOException {
        DemonstrationEncoder encoder = encoder(PLAIN, PromptSettings.NONE);
        Path config = folder.resolve("tokenizer_config.json");
        Files.writeString(config, Files.readString(config).replace("eos_token", "eos"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> encoder.encode(new Example.Plain("here", "1+1=", "2")))
                .withMessageContaining("has no eos_token, which ends the completion of plain text");
    }

    private DemonstrationEncoder encoder(String template, PromptSettings settings) throws IOException {
        for (String name : List.of("tokenizer.json", "tokenizer_config.json")) {
            Files.write(folder.resolve(name), Files.readAllBytes(Path.of("configs/tiny-tokenizer", name)));
        }
        Files.writeString(folder.resolve("chat_template.jinja"), template);
        return DemonstrationEncoder.load(folder, settings);
    }

    private static Example.Chat chat(int given, Map<?, ?>... messages) {
        return new Example.Chat(
                "here",
                Arrays.stream(messages).map(DemonstrationEncoderTest::typed).toList(),
                given,
                Map.of());
    }

    @SuppressWarnings("unchecked")
    private static Map<String, Object> typed(Map<?, ?> message) {
        return (Map<String, Object>) message;
    }

    private static Map<String, Object> turn(String role, String content) {
        return Map.of("role", role, "content", content);
    }

    private static String text(Demonstration demonstration) {
        return Tokenizer.load(Path.of("configs/tiny-tokenizer")).decode(demonstration.tokens(), false);
    }

    /** The text, with a low line for each token that is not learned. */
    private static String learned(Demonstration demonstration) {
        var tokenizer = Tokenizer.load(Path.of("configs/tiny-tokenizer"));
        var text = new StringBuilder();
        IntStream.range(0, demonstration.length())
                .forEach(i -> text.append(
                        demonstration.learned()[i]
                                ? tokenizer.decode(new int[] {demonstration.tokens()[i]}, false)
                                : "_"));
        return text.toString();
    }
}
