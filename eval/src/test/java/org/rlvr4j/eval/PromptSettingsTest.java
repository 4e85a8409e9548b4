package org.rlvr4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.model.text.ChatTemplate;
import org.rlvr4j.model.text.Tokenizer;

/** Settings of the prompts that are made of problems. */
class PromptSettingsTest {

    private static final ChatConversation PLAIN = new ChatConversation(
            ChatTemplate.of(
                    "{% for m in messages %}{{ m.role }}={{ m.content }};{% endfor %}{% if depth %}depth={{ depth }}{%"
                            + " endif %}",
                    Map.of()),
            Tokenizer.load(Path.of("configs/tiny-tokenizer")));

    @Test
    void systemMessageStandsBeforeAndSuffixAfterTheProblem() {
        var settings = new PromptSettings("be brief", " a", Map.of());

        assertThat(prompt(PLAIN, "user", "1+1")).isEqualTo("user=1+1;");
        assertThat(prompt(PLAIN.with(settings), "user", "1+1")).isEqualTo("system=be brief;user=1+1 a;");
    }

    @Test
    void variablesReachTheTemplate() {
        assertThat(prompt(PLAIN.with(new PromptSettings(null, null, Map.of("depth", 3))), "user", "1"))
                .isEqualTo("user=1;depth=3");
    }

    @Test
    void anotherSystemMessageIsRefused() {
        ChatConversation conversation = PLAIN.with(new PromptSettings("be brief", null, Map.of()));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> prompt(conversation, "system", "be long"))
                .withMessage("prompt.system gives a system message, but a problem has one already: be long");
    }

    private static String prompt(ChatConversation conversation, String role, String content) {
        int[] tokens = conversation.prompt(new Problem("1", "test", List.of(new Message(role, content)), List.of("2")));
        return conversation.tokenizer().decode(tokens, false);
    }
}
