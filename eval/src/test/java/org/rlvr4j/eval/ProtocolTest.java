package org.rlvr4j.eval;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.eval.Protocol.Example;
import org.rlvr4j.eval.Protocol.Form;
import org.rlvr4j.model.text.ChatTemplate;
import org.rlvr4j.model.text.Tokenizer;

/** How the problems of a suite are asked. */
class ProtocolTest {

    private static final ChatConversation CHAT = new ChatConversation(
            ChatTemplate.of("{% for m in messages %}{{ m.role }}={{ m.content }};{% endfor %}answer=", Map.of()),
            Tokenizer.load(Path.of("configs/tiny-tokenizer")));

    private static final List<Example> EXAMPLES = List.of(new Example("1+1", "so 2"), new Example("2+2", "so 4"));
    private static final Message SYSTEM = new Message("system", "be brief");
    private static final Message PROBLEM = new Message("user", "3+3");

    @Test
    void plainProtocolAsksAsTheChatTemplateDoes() {
        assertThat(asked(Protocol.PLAIN, SYSTEM, PROBLEM)).isEqualTo("system=be brief;user=3+3;answer=");
        assertThat(new ProtocolConversation(CHAT, Protocol.PLAIN).prompt(problem(SYSTEM, PROBLEM)))
                .isEqualTo(CHAT.prompt(problem(SYSTEM, PROBLEM)));
    }

    @Test
    void examplesAreTurnsAfterTheSystemMessage() {
        var protocol = new Protocol(Form.CHAT, "q=", "\na=", EXAMPLES, List.of());

        assertThat(asked(protocol, SYSTEM, PROBLEM))
                .isEqualTo("system=be brief;user=q=1+1\na=;assistant=so 2;user=q=2+2\na=;assistant=so 4;"
                        + "user=q=3+3\na=;answer=");
    }

    @Test
    void earlierTurnsOfAProblemStayBeforeItsLast() {
        var protocol = new Protocol(Form.CHAT, "q=", "", EXAMPLES.subList(0, 1), List.of());

        assertThat(asked(protocol, new Message("user", "hi"), new Message("assistant", "yes"), PROBLEM))
                .isEqualTo("user=q=1+1;assistant=so 2;user=hi;assistant=yes;user=q=3+3;answer=");
    }

    /** The text that lm-evaluation-harness makes of the same: an answer after a space, an example after an empty line. */
    @Test
    void plainTextHasExamplesAsParagraphs() {
        var protocol = new Protocol(Form.TEXT, "q=", "\na=", EXAMPLES, List.of());

        assertThat(asked(protocol, SYSTEM, PROBLEM))
                .isEqualTo("be brief\n\nq=1+1\na= so 2\n\nq=2+2\na= so 4\n\nq=3+3\na=");
    }

    @Test
    void settingsOfThePromptsApplyToBothForms() {
        ChatConversation brief = CHAT.with(new PromptSettings("be brief", null, Map.of()));

        for (Form form : Form.values()) {
            var protocol = new Protocol(form, "", "", List.of(), List.of());
            assertThat(new ProtocolConversation(brief, protocol).shown(problem(PROBLEM)))
                    .isEqualTo(asked(protocol, SYSTEM, PROBLEM));
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "18 Question: 19 | '18 '",
                "18 </s> Question: | '18 '",
                "Question: | ''",
                "18 question: | 18 question:"
            })
    void answerEndsAtTheFirstOfTheTexts(String response, String answer) {
        var protocol = new Protocol(Form.CHAT, "", "", List.of(), List.of("Question:", "</s>"));

        assertThat(protocol.ended(response)).isEqualTo(answer);
    }

    @Test
    void textOfACompletionIsCutWhereItEnds() {
        var conversation = new ProtocolConversation(CHAT, new Protocol(Form.CHAT, "", "", List.of(), List.of("=")));
        int[] tokens = CHAT.tokenizer().encode("27+18=45");

        assertThat(conversation.text(tokens)).isEqualTo("27+18");
        assertThat(new ProtocolConversation(CHAT, Protocol.PLAIN).text(tokens)).isEqualTo("27+18=45");
    }

    private static String asked(Protocol protocol, Message... prompt) {
        return new ProtocolConversation(CHAT, protocol).shown(problem(prompt));
    }

    private static Problem problem(Message... prompt) {
        return new Problem("1", "test", List.of(prompt), List.of("6"));
    }
}
