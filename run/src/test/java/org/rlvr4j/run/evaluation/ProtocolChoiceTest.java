package org.rlvr4j.run.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.rlvr4j.eval.Protocol;
import org.rlvr4j.eval.Protocol.Form;
import org.rlvr4j.eval.Suite;
import org.rlvr4j.run.evaluation.ProtocolChoice.FewShot;

/** Protocols of suites, and what replaces them. */
class ProtocolChoiceTest {

    private static final List<String> ENDS = List.of("Question:", "</s>", "<|im_end|>");

    @TempDir
    private Path folder = Path.of("");

    private Path train = Path.of("");

    @BeforeEach
    void writeExamples() throws IOException {
        train = Files.writeString(folder.resolve("train.jsonl"), """
            {"question": "1+1?", "answer": "It is <<1+1=2>>2.\\n#### 2"}
            {"prompt": "2+2?", "completion": "4"}
            {"messages": [{"role": "user", "content": "3+3?"}, {"role": "assistant", "content": "6"}]}
            {"messages": [{"role": "system", "content": "s"}, {"role": "user", "content": "?"}]}
            """);
    }

    @Test
    void gsm8kIsAskedInItsFrameAndJudgedByItsNumbers() throws IOException {
        Published own = Published.of(suite("test.jsonl", "{\"question\": \"4+4?\", \"answer\": \"8\\n#### 8\"}"));

        assertThat(own.protocol()).isEqualTo(new Protocol(Form.CHAT, "Question: ", "\nAnswer:", List.of(), ENDS));
        assertThat(own.verifier())
                .extracting(part -> part.kind().getKey())
                .containsExactly("number", "strict-match", "flexible-extract");
        assertThat(own.sampled()).isFalse();
    }

    @Test
    void gsm8kInAnotherLayoutKeepsItsPrompts() throws IOException {
        Published own = Published.of(suite(
                "test.jsonl", "{\"prompt\": \"4+4? Use ####.\", \"answer\": \"8\", \"source\": \"openai/gsm8k\"}"));

        assertThat(own.protocol()).isEqualTo(new Protocol(Form.CHAT, "", "", List.of(), ENDS));
        assertThat(own.verifier()).hasSize(3);
    }

    @Test
    void otherSuitesAreAskedAsTheyAreAndJudgedByTheirBoxes() throws IOException {
        assertThat(Published.of(suite("math500.jsonl", "{\"prompt\": \"4+4?\", \"answer\": \"8\"}")))
                .isEqualTo(new Published(Protocol.PLAIN, null, true));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "     |        | CHAT | Q    | A",
                "     | \" x\" | CHAT | \"\" | \" x\"",
                "TEXT |        | TEXT | \"Question: \" | A",
                "TEXT | \" x\" | TEXT | \"Question: \" | \" x\\nAnswer:\""
            })
    void suffixAndFormReplaceThoseOfTheSuite(Form form, String suffix, Form chosen, String before, String after) {
        var own = new Protocol(Form.CHAT, "Q", "A", List.of(), List.of("end"));

        Protocol protocol = new ProtocolChoice(null, form, suffix, null).applied(own, List.of());

        assertThat(protocol)
                .isEqualTo(new Protocol(
                        chosen,
                        before,
                        after.replace("\\n", "\n"),
                        List.of(),
                        chosen == Form.TEXT ? ENDS : List.of("end")));
    }

    @Test
    void examplesAreTheFirstOfTheFile() {
        var choice = new ProtocolChoice(null, null, null, new FewShot(train, 3));

        assertThat(choice.examples())
                .containsExactly(
                        new Protocol.Example("1+1?", "It is <<1+1=2>>2.\n#### 2"),
                        new Protocol.Example("2+2?", "4"),
                        new Protocol.Example("3+3?", "6"));
        assertThat(ProtocolChoice.OF_SUITES.examples()).isEmpty();
    }

    @Test
    void conversationThatIsNoExampleAndTooFewAreRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ProtocolChoice(null, null, null, new FewShot(train, 4)).examples())
                .withMessage(train + ", line 4: an example of --few-shot is a user's turn and the assistant's answer");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new ProtocolChoice(null, null, null, new FewShot(train, 5)).examples())
                .withMessage("--few-shot asks for 5 examples, but " + train + " has 4");
    }

    @Test
    void problemAmongItsExamplesIsRefused() throws IOException {
        Suite suite = suite("test.jsonl", "{\"question\": \"1+1? \", \"answer\": \"2\\n#### 2\"}");

        assertThatIllegalArgumentException()
                .isThrownBy(() -> ProtocolChoice.requireOthers(
                        suite, new ProtocolChoice(null, null, null, new FewShot(train, 1)).examples()))
                .withMessageStartingWith("problem test/1 is among the examples of --few-shot");
    }

    @Test
    void fewShotIsAFileAndANumber() {
        assertThat(FewShot.parse("a:b/train.jsonl:5")).isEqualTo(new FewShot(Path.of("a:b/train.jsonl"), 5));
    }

    @ParameterizedTest
    @ValueSource(strings = {"train.jsonl", "train.jsonl:", ":5", "train.jsonl:0", "train.jsonl:x", "train.jsonl:-1"})
    void otherFewShotIsRefused(String text) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FewShot.parse(text))
                .withMessage("--few-shot must be a file and a number of examples, such as train.jsonl:5, not " + text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "-1   | 1   | --samples must be from 0 to 1000, not -1",
                "1001 | 1   | --samples must be from 0 to 1000, not 1001",
                "4    | 0   | --temperature is that of Avg@k and must be above 0, not 0.0",
                "4    | NaN | --temperature is that of Avg@k and must be above 0, not NaN"
            })
    void drawingOutOfRangeIsRefused(int samples, double temperature, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Drawing(samples, null, temperature, 0, 1))
                .withMessageStartingWith(message);
    }

    @Test
    void samplesOfNamedSuitesCannotBeNone() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Drawing(0, List.of("GSM8K"), 1, 0, 1))
                .withMessage("--sampled names suites to be sampled, but --samples is 0");
    }

    private Suite suite(String name, String line) throws IOException {
        return Suite.load(Files.writeString(folder.resolve(name), line)).getFirst();
    }
}
