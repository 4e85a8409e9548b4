package org.rlvr4j.model.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChatTemplateTest {

    private static final List<Map<String, String>> HELLO = List.of(
            Map.of("role", "user", "content", "  hello\n"), Map.of("role", "assistant", "content", "<a>x</a><a>y</a>"));

    @TempDir
    Path folder = Path.of("");

    @Test
    void aConversationIsRendered() {
        ChatTemplate template = template("""
            {%- for message in messages %}
                {{- '<|im_start|>' + message.role + '\\n' + message['content'] + '<|im_end|>\\n' }}
            {%- endfor %}
            {%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}
            """);
        var messages = List.of(Map.of("role", "user", "content", "27+18="));

        assertThat(template.render(messages, false)).isEqualTo("<|im_start|>user\n27+18=<|im_end|>\n");
        assertThat(template.render(messages, true))
                .isEqualTo("<|im_start|>user\n27+18=<|im_end|>\n<|im_start|>assistant\n");
    }

    /** Expected values are Jinja 3.1's with trim_blocks and lstrip_blocks. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "{{ messages[0].content.strip() }} ~ hello",
                "{{ messages[1].content.strip('<>a') }} ~ x</a><a>y</",
                "{{ messages[1].content.lstrip('<') }} ~ a>x</a><a>y</a>",
                "{{ messages[1].content.rstrip('>') }} ~ <a>x</a><a>y</a",
                "{{ messages[1].content.split('</a>')|length }} ~ 3",
                "{{ messages[1].content.split('</a>')[-1] }}. ~ .",
                "{{ messages[1].content.split('.')[0] }} ~ <a>x</a><a>y</a>",
                "{{ messages[1].content.startswith('<a') and not messages[0].content.endswith('<a') }} ~ True",
                "{{ 'y' if '</a>' in messages[1].content else 'n' }} ~ y",
                "{% for m in messages[::-1] %}{{ m.role }}.{% endfor %} ~ assistant.user.",
                "{% set ns = namespace(n=messages|length - 1, on=true) %}{% set ns.on = false %}{{ ns.n }}{{ ns.on }}"
                        + " ~ 1False",
                "{{ messages[1:][0].role }}{{ messages[-1].role }} ~ assistantassistant",
                "{% for m in messages %}{{ loop.index0 }}{{ loop.first }}{{ loop.last }}{% endfor %} ~"
                        + " 0TrueFalse1FalseTrue",
                "{{ 'd' if tools is defined else 'u' }}{{ 's' if messages[0].content is string else 'n' }} ~ ds",
                "{{ 'd' if messages[0].tool_calls is defined else 'u' }}{{ 't' if messages[0].tool_calls else 'f' }} ~"
                        + " uf",
                "{{ {'a': [1, 'é<', true, none], 'b': {}, 'c': []} | tojson }} "
                        + "~ {\"a\": [1, \"é<\", true, null], \"b\": {}, \"c\": []}",
                "{{ [1.0, 1e7, 12345678.9, 1e15, 1e16, -2.5e22, 0.001, 1.5e-4, 1e-5, -0.0] | tojson }} ~ [1.0,"
                        + " 10000000.0, 12345678.9, 1000000000000000.0, 1e+16, -2.5e+22, 0.001, 0.00015, 1e-05, -0.0]",
                "{{ eos_token }}{{ missing }} ~ <|im_end|>",
                "{{ '\\\\boxed{}' + \"\\n\" + 'x' }} ~ `\\boxed{}\nx`",
                "{#- a comment #}{% raw %}{{ x }}{% endraw %} ~ {{ x }}",
            })
    void expressionsMeanWhatTheyMeanInJinja(String source, String expected) {
        assertThat(template(source).render(HELLO, false)).isEqualTo(expected);
    }

    @Test
    void aLineThatHoldsOnlyATagLeavesNothing() {
        assertThat(template("a\n  {% if true %}\n  b\n  {% endif %}\nc\n\n").render(HELLO, false))
                .isEqualTo("a\n  b\nc\n");
    }

    @Test
    void textInMessagesIsNotTakenForTemplateCode() {
        var messages = List.of(Map.of("role", "user", "content", "{{ 1 + 1 }}{% for %}{# \\n"));

        assertThat(template("{{ messages[0].content }}").render(messages, false))
                .isEqualTo("{{ 1 + 1 }}{% for %}{# \\n");
    }

    @Test
    void nothingOfARenderingIsLeftForTheNext() {
        ChatTemplate template = template("""
            {% if x is defined or n is defined %}left{% endif %}{% set x = 1 %}{% set n = namespace(a=1) %}\
            {% macro f(k) %}{% if fail %}{% for i in range(1000) %}{{ f(k) }}{% endfor %}{% endif %}f{{ k }}{% endmacro %}\
            {{ f(x) }}\
            """);

        for (int i = 0; i < 3; i++) {
            assertThat(template.render(HELLO, false, Map.of("fail", false))).isEqualTo("f1");
            assertThatThrownBy(() -> template.render(HELLO, false, Map.of("fail", true)))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void severalThreadsRenderAtOnce() {
        ChatTemplate template = template("{% for m in messages %}{% set x = m.content %}{{ x | upper }}{% endfor %}");

        List<String> texts = IntStream.range(0, 1_000)
                .parallel()
                .mapToObj(i -> template.render(List.of(Map.of("role", "user", "content", "a" + i)), false))
                .toList();

        assertThat(texts)
                .isEqualTo(IntStream.range(0, 1_000).mapToObj(i -> "A" + i).toList());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% include '/etc/passwd' %}",
                "{% import '/etc/passwd' as x %}",
                "{% extends 'pom.xml' %}",
                "{{ 'a'.getClass() }}",
                "{{ 'a'.repeat(3) }}",
                "{{ messages.getClass() }}",
                "{{ messages[0].getClass().forName('java.lang.Runtime') }}",
                "{{ ____int3rpr3t3r____.getConfig() }}",
                "{{ ____int3rpr3t3r____.getContext() }}",
                "{{ (1).getClass() }}",
                "{{ namespace(a=1).getClass() }}",
                "{% for m in messages %}{{ loop.getClass() }}{% endfor %}",
                "{{ ____int3rpr3t3r____.config }}",
                "{{ ''.__class__.__mro__ }}",
                "{{ messages.__init__.__globals__ }}",
                "{{ range.__class__() }}",
                "{{ ns.__dict__ }}{{ namespace(__class__=1) }}",
            })
    void aTemplateReachesNeitherFilesNorTheVirtualMachine(String source) {
        assertThatThrownBy(() -> template(source).render(HELLO, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the chat template fails");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ ____int3rpr3t3r____ }}",
                "{% for m in messages %}{{ loop.class }}{% endfor %}",
                "{{ ''.__class__ }}{{ messages[0]['__class__'] }}{{ messages[0].pop }}",
                "{{ 'a'.class }}{{ 'a'['class'] }}{{ messages.class }}{{ messages[0].class }}",
            })
    void propertiesOfJavaObjectsAreUndefined(String source) {
        assertThat(template(source).render(HELLO, false)).isEmpty();
    }

    @ParameterizedTest
    @Timeout(60)
    @ValueSource(
            strings = {
                "{% for a in range(999) %}{% for b in range(999) %}{% for c in range(999) %}{{ '' }}"
                        + "{% endfor %}{% endfor %}{% endfor %}",
                "{% set ns = namespace(s='0123456789') %}{% for a in range(99) %}{% set ns.s = ns.s + ns.s %}{% endfor"
                        + " %}",
                "{% macro f(x) %}{{ f(x) }}{{ f(x) }}{% endmacro %}{{ f(1) }}", // no recursion
            })
    void aTemplateRunsABoundedNumberOfSteps(String source) {
        assertThatThrownBy(() -> template(source).render(HELLO, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the chat template fails");
    }

    @ParameterizedTest
    @Timeout(60)
    @ValueSource(
            strings = {
                "{% set ns = namespace(l=[]) %}{% for a in range(99) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{"
                        + " ns.l }}",
                "{% set ns = namespace(l=[]) %}{% for a in range(999) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
                "{% set r = range(999) %}{% for a in r %}{% for b in r %}{% for c in r %}{% endfor %}{% endfor %}{%"
                        + " endfor %}",
                "{% set s = range(999)|join('aaaa') %}{{ s|replace('a', s)|replace('a', s)|replace('a', s) }}",
                "{{ messages[0].content|center(999999999) }}",
                "{{ '%999999999d'|format(1) }}",
                "{{ messages|batch(999999999, 'x') }}",
                "{{ '{{ 1 }}'|render }}",
                "{{ 'x'|fromyaml }}{{ '{}'|fromjson }}",
            })
    void aTemplateBuildsNothingOfUnboundedSize(String source) {
        assertThatThrownBy(() -> template(source).render(HELLO, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the chat template ");
    }

    @Test
    void aLongConversationIsWithinTheLimitOfSteps() {
        var turn = Map.of("role", "user", "content", "x".repeat(1_000));
        ChatTemplate template =
                template("{% for m in messages %}{{ '<' + m.role + '>' + m.content | trim }}{% endfor %}");

        assertThat(template.render(Collections.nCopies(1_000, turn), false)).hasSize(1_006_000);
    }

    @Test
    @Timeout(60)
    void expressionsThatAreNestedTooDeepAreRefused() {
        String nested = "(".repeat(40) + "1" + ")".repeat(40);

        assertThat(template("{{ " + nested + " }}").render(HELLO, false)).isEqualTo("1");
        assertThat(template("{{ '" + nested + nested + nested + "' }}").render(HELLO, false))
                .hasSize(243);
        assertThatThrownBy(() -> template("{{ f" + "(".repeat(40_000) + ")".repeat(40_000) + " }}"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the chat template fails in line 1: it is nested more than 100 deep");
    }

    @Test
    @Timeout(60)
    void anExpressionThatIsTooLongIsRefused() {
        assertThatThrownBy(
                        () -> template("{{ (" + "1+".repeat(40_000) + "1) }}").render(HELLO, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the chat template fails in line 1: it is nested more than 800 deep");
    }

    @Test
    void aTemplateThatIsTooLongIsRefused() {
        assertThatThrownBy(() -> template("x".repeat(200_000)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the chat template has 200000 characters, and the limit is 131072");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "{{ messages[7].content.strip() + ~ 1",
                "{{ messages[0].content.encode() }} ~ unsupported method 'encode' of a str",
                "{{ messages | tojson(4, 2, 3, 4, 5) }} ~ tojson takes at most 4 arguments, not 5",
                "{{ messages | nonsense }} ~ unknown filter 'nonsense'",
                "{{ messages | groupby('role') }} ~ unsupported filter 'groupby'",
                "{% if x is nonsense %}{% endif %} ~ unknown test 'nonsense'",
                "{% do messages.append(1) %} ~ unknown tag 'do'",
                "{{ raise_exception('roles must alternate') }} ~ roles must alternate",
                "{% if true %} ~ it ends without elif or else or endif",
                "{{ messages[::0] }} ~ the step of a slice must not be zero",
            })
    void aTemplateThatFailsSaysWhere(String source, String message) {
        assertThatThrownBy(() -> template(source).render(HELLO, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("the chat template fails in line 1: ")
                .hasMessageContaining(message);
    }

    /** Expected values here and below are Transformers 5.24's. */
    @Test
    void fieldsOfAMessageThatAreNullAreMissing() {
        var message = new LinkedHashMap<String, Object>();
        message.put("role", "assistant");
        message.put("content", null);
        message.put("tool_calls", List.of(Collections.singletonMap("id", null)));

        assertThat(template("{% for m in messages %}{{ m.content is defined }}{{ m | tojson }}{% endfor %}")
                        .render(List.of(message), false))
                .isEqualTo("False{\"role\": \"assistant\", \"tool_calls\": [{\"id\": null}]}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "reasoning ~ {'thinking': 'why', 'role': 'assistant', 'reasoning': 'why', 'reasoning_content': 'why'}",
                "thinking ~ {'thinking': 'why', 'role': 'assistant', 'reasoning_content': 'why'}",
                "reasoning_content ~ {'thinking': 'why', 'role': 'assistant', 'reasoning_content': 'why'}",
                "thoughts ~ {'role': 'assistant', 'thoughts': 'why', 'content': ''}",
            })
    void reasoningIsFoundUnderTheNamesThatTemplatesRead(String field, String shown) {
        var message = new LinkedHashMap<String, Object>();
        message.put("role", "assistant");
        message.put(field, "why");
        if (field.equals("thoughts")) {
            message.put("content", "");
        }

        assertThat(template("{{ messages[0] }}").render(List.of(message), false))
                .isEqualTo(shown);
    }

    @Test
    void reasoningOfItsOwnNameComesFirstAndAnotherStays() {
        var message = new LinkedHashMap<String, Object>();
        message.put("role", "assistant");
        message.put("reasoning", "c");
        message.put("thinking", "b");
        message.put("reasoning_content", null);

        assertThat(template("{{ messages[0] }}").render(List.of(message), false))
                .isEqualTo("{'thinking': 'b', 'role': 'assistant', 'reasoning': 'c', 'reasoning_content': 'b'}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                "{% if false %}{{ 1 | from_json }}{% elif 1 is nonsense %}{% else %}{% endif %} ~ unknown test"
                        + " 'nonsense'",
                "{% if true %}{{ 1 | from_json }}{% endif %} ~ unknown filter 'from_json'",
                "{% if true %}{{ messages | groupby('role') }}{% endif %} ~ unsupported filter 'groupby'",
                "{{ 1 | from_json if true }} ~ unknown filter 'from_json'",
            })
    void aNameThatIsNotKnownFailsWithinAnIfWhenItIsReached(String source, String message) {
        ChatTemplate template = template(source);

        assertThatThrownBy(() -> template.render(HELLO, false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the chat template fails in line 1: " + message);
    }

    @Test
    void aNameThatIsNotKnownIsNoMatterWithinAnIfThatIsNotTaken() {
        String source = "{% if false %}{{ 1 | from_json }}{% elif false %}{{ 2 is nonsense }}{% else %}b{% endif %}"
                + "{{ 1 | from_json if false else 'c' }}{{ 'd' if true else 1 | nonsense }}";

        assertThat(template(source).render(HELLO, false)).isEqualTo("bcd");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% if false %}{% for m in messages %}{{ m | nonsense }}{% endfor %}{% endif %}",
                "{% if false %}{% for m in messages if m is nonsense %}{% endfor %}{% endif %}",
                "{% if false %}{% for m in messages %}{% else %}{{ 1 | nonsense }}{% endfor %}{% endif %}",
                "{% if false %}{% macro f(a=1 | nonsense) %}{% endmacro %}{% endif %}",
                "{% if false %}{% macro f() %}{{ 1 | nonsense }}{% endmacro %}{% endif %}",
                "{% if false %}{% set x | nonsense %}{% endset %}{% endif %}",
                "{% if false %}{% set x %}{{ 1 | nonsense }}{% endset %}{% endif %}",
                "{% if false %}{% filter nonsense %}{% endfilter %}{% endif %}",
                "{% if false %}{% with x = 1 %}{{ x | nonsense }}{% endwith %}{% endif %}",
                "{% if false %}{% generation %}{{ 1 | nonsense }}{% endgeneration %}{% endif %}",
                "{% if true %}{% endif %}{{ 1 | nonsense }}",
                "{{ (1 if false else 2) | nonsense }}",
            })
    void aNameThatIsNotKnownIsRefusedWhereJinjaRefusesIt(String source) {
        assertThatThrownBy(() -> template(source))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("nonsense");
    }

    @Test
    void aTemplateHasNoBlocks() {
        assertThat(template("{{ self is defined }}|{{ self.title }}|{{ self['title'] }}|{{ self is iterable }}")
                        .render(HELLO, false))
                .isEqualTo("True|||True");
        assertThatThrownBy(() -> template("{{ self }}").render(HELLO, false))
                .hasMessageContaining("unsupported: the text of a");
    }

    @Test
    void anArgumentOfTransformersIsNoVariable() {
        assertThatThrownBy(() -> template("").render(HELLO, false, Map.of("continue_final_message", true)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("continue_final_message is no variable: in Transformers it is an argument");
    }

    @Test
    void aConversationNeedsAMessage() {
        assertThatThrownBy(() -> template("x").render(List.of(), true))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a conversation has no message; give one at least");
    }

    @Test
    void aMessageNeedsContent() {
        assertThatThrownBy(() -> template("").render(List.of(Map.of("role", "user")), false))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("a message has no content: {role=user}");
    }

    @Test
    void ofNamedTemplatesTheDefaultIsTaken() throws IOException {
        Path config = folder.resolve("tokenizer_config.json");
        Files.writeString(config, """
            {"chat_template": [{"name": "tool_use", "template": "tools"}, {"name": "default", "template": "plain"}]}
            """);
        assertThat(ChatTemplate.load(folder).source()).isEqualTo("plain");

        Files.writeString(config, "{\"chat_template\": [{\"name\": \"tool_use\", \"template\": \"tools\"}]}");
        assertThatThrownBy(() -> ChatTemplate.load(folder))
                .hasMessage(config
                        + " has the chat templates [tool_use] and none is called default: write the one to use to"
                        + " chat_template.jinja");
    }

    @Test
    void theTemplateFileComesBeforeTheOneInTheTokenizersConfiguration() throws IOException {
        Path config = folder.resolve("tokenizer_config.json");
        assertThatThrownBy(() -> ChatTemplate.load(folder))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage("no such file: " + config);

        Files.writeString(config, "{}");
        assertThatThrownBy(() -> ChatTemplate.load(folder)).hasMessage(folder + " has no chat template");

        Files.writeString(
                config,
                "{\"chat_template\": \"old {{ mask_token }}{{ eos_token }}\","
                        + " \"mask_token\": \"<mask>\", \"eos_token\": {\"content\": \"<end>\"}}");
        assertThat(ChatTemplate.load(folder).render(HELLO, false)).isEqualTo("old <mask><end>");

        Files.writeString(folder.resolve("chat_template.jinja"), "new {{ eos_token }}\n");
        assertThat(ChatTemplate.load(folder).render(HELLO, false)).isEqualTo("new <end>");
    }

    private static ChatTemplate template(String source) {
        return ChatTemplate.of(source, Map.of("eos_token", "<|im_end|>"));
    }
}
