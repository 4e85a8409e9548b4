package org.rlvr4j.cli;

import java.util.List;

/** Chat templates such as checkpoints bring along, and what they are made of. */
final class InputTemplates {

    static final String CHAT = """
        {%- for message in messages %}
            {{- '<|im_start|>' + message.role + '\\n' + message['content'] | trim + eos_token + '\\n' }}
        {%- endfor %}
        {%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{%- endif %}
        """;

    static final String TOOLS = """
        {%- if tools %}{% for tool in tools %}{{ tool | tojson }}{% endfor %}{% endif %}
        {%- set ns = namespace(last=messages|length - 1, text='', list=[]) %}
        {%- for message in messages[::-1] %}
            {%- set ns.text = ns.text ~ message.content.split('?')[0].strip() %}
            {%- set ns.list = ns.list + [message.role] %}
            {%- if loop.first or (message.role == "user" and not message.tool_calls) %}{{ loop.index0 }}{% endif %}
        {%- endfor %}
        {{- {'text': ns.text, 'list': ns.list} | tojson }}{{ ns.list | join(', ') | replace('user', 'User') }}
        """;

    static final String MACRO = """
        {%- macro turn(role, text) %}<{{ role|upper }}>{{ text|default('none')|string }}{% endmacro %}
        {%- for a in range(3) %}{% for m in messages if m.content is string %}{{ turn(m.role, m.content) }}{% endfor %}
        {%- endfor %}{% raw %}{{ x }}{% endraw %}{# a comment #}{{ (1 + 2) * 3 // 2 ** 2 % 5 }}{{ 'a' in 'abc' }}
        """;

    static final List<String> WORDS = List.of(
            "{{",
            "}}",
            "{%",
            "%}",
            "{#",
            "#}",
            "{% for a in range(999) %}",
            "{% endfor %}",
            "{% for b in messages %}",
            "{% for class, b in messages %}",
            "{% set ns.text = ns.text ~ ns.text %}",
            "{% set ns.list = [ns.list, ns.list] %}",
            "{% set x %}",
            "{% endset %}",
            "{{ ns.list }}",
            "{% if true %}",
            "{% endif %}",
            "{% else %}",
            "{% macro f(x) %}{{ f(x) }}{% endmacro %}",
            "{{ f(1) }}",
            "{% call f(1) %}",
            "{% endcall %}",
            "{% include '/etc/passwd' %}",
            "{% import 'x' as y %}",
            "|tojson",
            "|replace('a', 'bbbbbbbb')",
            "|join(messages[1].content)",
            "|center(999999999)",
            "|format(1)",
            "|list",
            "|sort",
            "|map('upper')",
            "|selectattr('role')",
            "|batch(999999999)",
            "|indent(999999999)",
            "|random",
            "|fromyaml",
            "|render",
            "|log",
            "|regex_replace('(a*)*b', '')",
            "'%999999999d'",
            "range(999)",
            "range(999999999)",
            "messages",
            "loop",
            "namespace(",
            "ns.list.append(ns.list)",
            "ns.update(ns)",
            ".class",
            ".getClass()",
            "____int3rpr3t3r____",
            "lipsum(99)",
            "cycler",
            "[",
            "]",
            "(",
            ")",
            "~",
            "+",
            "**",
            "*",
            "'",
            "\"",
            "is defined",
            "is string",
            "not",
            "in",
            "::-1",
            "\\",
            "\0",
            "|");

    private InputTemplates() {}
}
