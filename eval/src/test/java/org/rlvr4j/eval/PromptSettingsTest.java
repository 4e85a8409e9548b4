package org.rlvr4j.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.rlvr4j.data.Message;
import org.rlvr4j.data.Problem;
import org.rlvr4j.model.text.ChatTemplate;
import org.rlvr4j.model.text.Tokenizer;
import org.rlvr4j.tensor.Golden;

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

    /** Qwen3's template closes an empty thought if it is told not to think, and otherwise leaves that to the model. */
    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("qwen3")
    void thinkingOfQwen3IsAVariable(Path folder) {
        ChatConversation conversation = ChatConversation.load(folder);
        String asked = "<|im_start|>user\n1+1<|im_end|>\n<|im_start|>assistant\n";

        assertThat(prompt(conversation, "user", "1+1")).isEqualTo(asked);
        assertThat(prompt(conversation.with(thinking(true)), "user", "1+1")).isEqualTo(asked);
        assertThat(prompt(conversation.with(thinking(false)), "user", "1+1"))
                .isEqualTo(asked + "<think>\n\n</think>\n\n");
    }

    static List<Path> qwen3() {
        return Golden.tokenizer("qwen3");
    }

    private static PromptSettings thinking(boolean enabled) {
        return new PromptSettings(null, null, Map.of("enable_thinking", enabled));
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
