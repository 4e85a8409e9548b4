"""Writes templates, and the text that Transformers makes of each, for TemplateGoldenTest: one JSON object per line.

Usage: python template_expressions.py SEED COUNT > expressions.jsonl

Each line has the template, the construct it was made for, and `text`, or `error` where the reference fails. Needs
transformers 5 and jinja2 3.1.6.
"""

import json
import random
import sys
import warnings

from transformers.utils.chat_template_utils import _compile_jinja_template

warnings.simplefilter("ignore")

VARIABLES = {
    "messages": [
        {"role": "system", "content": "  You are helpful.\n"},
        {"role": "user", "content": "what is 2 + 2?"},
        {"role": "assistant", "content": "<think>\nadd\n</think>\n\n4", "n": 3},
        {"role": "user", "content": "Ünïcode 🎉 'quoted' \"twice\""},
    ],
    "tools": None,
    "add_generation_prompt": True,
    "eos_token": "<|im_end|>",
    "xs": [3, 1, 2, 1],
    "names": ["bob", "Alice", "bob", "Éva"],
    "d": {"b": 1, "a": 2, "C": [1, {"x": None}]},
    "people": [{"name": "bob", "age": 5, "tags": ["x"]}, {"name": "Al", "age": 7.5, "tags": []}, {"age": 5, "name": "cy"}],
    "s": "Hello, World",
    "empty": "",
    "spaced": " a  b\tc\n",
    "lines": "one\n\n two\r\nthree",
    "i": 7,
    "neg": -3,
    "f": 2.5,
    "zero": 0,
    "yes": True,
    "no": False,
    "null": None,
    "nested": [[1, 2], [3], []],
    "html": "<a href='x'>&\"</a>",
}

random_ = random.Random(int(sys.argv[1]))
pick = random_.choice


def word():
    """A random literal of text."""
    return repr("".join(pick("aAbZx 1²3ß_é-\tÉ漢.,½ǅ\n") for _ in range(random_.randrange(1, 7))))


def listed(depth=2):
    """A random list or tuple."""
    inside = [listed(depth - 1) if depth > 0 and random_.random() < 0.3 else pick([number, word])() for _ in range(random_.randrange(4))]
    return "[" + ", ".join(inside) + "]"


def mapping():
    """A dict."""
    if random_.random() < 0.4:
        return pick(["d", "{}", "messages[0]", "people[0]", "people[1]", "messages[2]"])
    return "{" + ", ".join(f"{pick([word, number])()}: {pick([word, number, listed])()}" for _ in range(random_.randrange(1, 4))) + "}"


def number():
    if random_.random() < 0.2:
        return pick([str(random_.randrange(-99, 1000)), f"{random_.uniform(-20, 20):.3g}", f"{random_.uniform(-9, 9) * 10 ** random_.randrange(-9, 20):.17g}"])
    return pick(["0", "1", "2", "-1", "7", "10", "2.5", "-0.5", "1e3", "i", "neg", "f", "zero", "xs[0]", "xs|length", "yes", "1_000", "0x1F", "messages|length"])


def integer():
    return pick(["0", "1", "2", "-1", "-2", "3", "10", "i", "neg", "zero"])


def text():
    if random_.random() < 0.4:
        return word()
    return pick(["s", "empty", "spaced", "lines", "''", "'a'", "'Hello'", "\"it's\"", "'b\\n'", "names[0]", "messages[1].content", "messages[2]['content']", "html", "'ß'", "'é🎉'", "'42'", "' 3.7 '", "'hello world-foo (bar'", "eos_token", "messages[-1].content", "'12ab'", "'a,b,,c'"])


def items():
    if random_.random() < 0.3:
        return listed()
    return pick(["xs", "names", "[]", "[1, 'a', none]", "nested", "(1, 2)", "(1,)", "range(4)", "d", "people", "messages", "d.items()", "d.keys()", "'abc'", "[2.5, 1, yes]", "['b', 'A', 'c']", "nested[0]", "[[2, 'a'], [1, 'b']]"])


def anything():
    return pick([number, text, items, lambda: pick(["none", "true", "false", "missing", "null", "d", "tools", "messages[0]", "messages[0].missing", "{}", "{'k': 1}", "[]", "people[0]"])])()


def value(depth=2):
    kind = random_.random()
    if depth == 0 or kind < 0.4:
        return anything()
    if kind < 0.6:
        return f"({value(depth - 1)} {pick(['+', '-', '*', '/', '//', '%', '==', '!=', '<', '>=', 'and', 'or', '~', 'in', 'not in'])} {value(depth - 1)})"
    if kind < 0.7:
        return f"(not {value(depth - 1)})"
    if kind < 0.8:
        return f"({value(depth - 1)} if {value(depth - 1)} else {value(depth - 1)})"
    if kind < 0.9:
        return f"({value(depth - 1)} | {pick(['default(0)', 'string', 'length', 'list', 'upper', 'tojson', 'trim', 'first', 'int'])})"
    return f"({value(depth - 1)} is {pick(['defined', 'none', 'string', 'number', 'mapping', 'iterable', 'true'])})"


def each(names, make):
    return [(name, (lambda n: lambda: make(n))(name)) for name in names]


D_NEWLINE = repr("d\n")
TABBED = repr("a\tb")
SHOWN = "{{ %s }}"


def shown(expression):
    return SHOWN % expression


def sep():
    return pick(["','", "' '", "'l'", "'\\n'", "'</think>'", "'ab'", "'o'", "', '", "'a'"])


FILTERS = {
    "abs": lambda: f"{number()} | abs",
    "batch": lambda: f"{items()} | batch({pick(['1', '2', '3'])}{pick(['', ', 0'])}) | list",
    "capitalize": lambda: f"{text()} | capitalize",
    "center": lambda: f"({text()} | center({pick(['3', '12', '15'])})) ~ '|'",
    "count": lambda: f"{items()} | count",
    "d": lambda: f"{anything()} | d({pick(['', '0', repr('x')])})",
    "default": lambda: f"{anything()} | default({pick(['', '0', 'none', repr('x') + ', true', repr('x') + ', boolean=false'])})",
    "dictsort": lambda: f"{pick(['d', '{}', '{1: 2, 0: 3}', 'messages[0]', 'people[0]'])} | dictsort({pick(['', 'true', 'by=' + repr('value'), 'reverse=true', 'false, ' + repr('key')])})",
    "e": lambda: f"{anything()} | e",
    "escape": lambda: f"{pick([text(), 'html', 'html | escape', 'html | safe'])} | escape ~ {text()}",
    "first": lambda: f"{items()} | first",
    "float": lambda: f"{pick([text(), number(), anything(), repr('1e5'), repr('-.5'), repr('1_0.5'), repr('inf'), repr('nan')])} | float({pick(['', '-1', 'default=none'])})",
    "forceescape": lambda: f"{pick([text(), 'html', 'html | safe'])} | forceescape",
    "format": lambda: f"{pick([repr('%s'), repr('%d-%s'), repr('%5.2f|%s'), repr('%-5s|%03d'), repr('%r %%')])} | format({pick([text(), number(), number() + ', ' + text()])})",
    "indent": lambda: f"{pick(['lines', text()])} | indent({pick(['', '2', '2, true', 'width=3, blank=true', repr('> '), '0', 'first=true'])})",
    "int": lambda: f"{pick([text(), number(), anything(), repr('0x1f') + '', repr(' 12 '), repr('-7'), repr('1_0')])} | int({pick(['', '-1', 'default=none', 'base=16', '0, 0', '0, 2'])})",
    "items": lambda: f"{pick([mapping(), mapping(), 'missing'])} | items | list",
    "join": lambda: f"{items()} | join({pick(['', sep(), repr('-'), 'attribute=0', repr('/') + ', attribute=' + repr('role')])})",
    "last": lambda: f"{items()} | last",
    "length": lambda: f"{pick([items(), text(), anything()])} | length",
    "list": lambda: f"{pick([items(), text(), anything()])} | list",
    "lower": lambda: f"{anything()} | lower",
    "map": lambda: f"{items()} | map({pick([repr('upper'), repr('string'), repr('length'), 'attribute=0', 'attribute=' + repr('role'), 'attribute=' + repr('tags.0') + ', default=' + repr('-'), repr('default') + ', 1', repr('int'), repr('join') + ', ' + repr('-')])}) | list",
    "max": lambda: f"{items()} | max({pick(['', 'true', 'attribute=' + repr('age')])})",
    "min": lambda: f"{items()} | min({pick(['', 'case_sensitive=true', 'attribute=' + repr('age')])})",
    "reject": lambda: f"{items()} | reject({pick(['', repr('odd'), repr('string'), repr('in') + ', [1, 2]', repr('none'), repr('gt') + ', 1'])}) | list",
    "rejectattr": lambda: f"{pick(['people', 'messages', '[]'])}{pick(['', '[1:]', '[:2]', '[::-1]'])} | rejectattr({pick([repr('name'), repr('age') + ', ' + repr('gt') + ', 5', repr('role') + ', ' + repr('equalto') + ', ' + repr('user'), repr('n') + ', ' + repr('defined'), repr('tags')])}) | list",
    "replace": lambda: f"{pick([text(), number()])} | replace({sep()}, {pick([sep(), repr('')])}{pick(['', ', 1', ', count=0'])})",
    "reverse": lambda: f"{pick([text(), items() + ' | list'])} | reverse | list",
    "round": lambda: f"{pick([number(), '2.675', '-1.5', '0.5', '1234.5'])} | round({pick(['', '1', '2', '-1', 'method=' + repr('floor'), '1, ' + repr('ceil'), '0, ' + repr('common')])})",
    "safe": lambda: f"({pick(['html', text()])} | safe) ~ {text()}",
    "select": lambda: f"{items()} | select({pick(['', repr('odd'), repr('string'), repr('==') + ', 1', repr('number'), repr('lt') + ', 3', repr('defined')])}) | list",
    "selectattr": lambda: f"{pick(['people', 'messages'])} | selectattr({pick([repr('name'), repr('age') + ', ' + repr('<=') + ', 5', repr('role') + ', ' + repr('==') + ', ' + repr('user'), repr('n') + ', ' + repr('undefined'), repr('role') + ', ' + repr('in') + ', [' + repr('user') + ']'])}) | map(attribute={pick([repr('role'), repr('name'), repr('age')])}) | list",
    "slice": lambda: f"{items()} | slice({pick(['1', '2', '3'])}{pick(['', ', ' + repr('x')])}) | list",
    "sort": lambda: f"{items()} | sort({pick(['', 'true', 'reverse=true, case_sensitive=true', 'attribute=' + repr('age'), 'attribute=0', 'attribute=' + repr('age,name')])})",
    "string": lambda: f"{anything()} | string",
    "sum": lambda: f"{pick(['xs', '[]', '[0.5, 1]', 'people', '[[1], [2]]', 'range(5)'])} | sum({pick(['', 'attribute=' + repr('age'), 'start=10', 'start=[]', 'attribute=0'])})",
    "title": lambda: f"{text()} | title",
    "tojson": lambda: f"{anything()} | tojson({pick(['', 'indent=2', 'ensure_ascii=true', 'sort_keys=true', 'indent=1, sort_keys=true', 'separators=(' + repr(',') + ', ' + repr(':') + ')', '1'])})",
    "trim": lambda: f"({text()} | trim({pick(['', sep(), repr('abcH'), 'none'])})) ~ '|'",
    "unique": lambda: f"{items()} | unique({pick(['', 'true', 'attribute=' + repr('age')])}) | list",
    "upper": lambda: f"{anything()} | upper",
    "wordcount": lambda: f"{text()} | wordcount",
}

TESTS = {
    name: (lambda n: lambda: f"{pick([anything(), value(1)])} is {pick(['', 'not '])}{n}")(name)
    for name in "boolean callable defined even false float integer iterable lower mapping none number odd sequence string true undefined upper escaped".split()
}
TESTS |= {
    name: (lambda n: lambda: f"{anything()} is {n} {pick([number(), '(' + anything() + ')', text()])}")(name)
    for name in "eq equalto ne lt lessthan le gt greaterthan ge divisibleby".split()
}
TESTS["in"] = lambda: f"{anything()} is in {pick(['[1, 2]', '(' + items() + ')', 'xs', 's'])}"
TESTS["sameas"] = lambda: f"{pick(['none', 'true', 'false', 'yes', 'null', 'missing', 'i', 'd'])} is sameas {pick(['none', 'true', 'false', 'd', '7'])}"
TESTS["filter"] = lambda: f"{pick([repr(pick(list(FILTERS))), repr('nope'), repr('attr'), text()])} is {pick(['', 'not '])}filter"
TESTS["test"] = lambda: f"{pick([repr(pick(list(TESTS))), repr('nope'), repr('=='), text()])} is {pick(['', 'not '])}test"

METHODS = {
    "capitalize": "()", "casefold": "()", "swapcase": "()", "title": "()", "upper": "()", "lower": "()",
    "isalnum": "()", "isalpha": "()", "isascii": "()", "isdecimal": "()", "isdigit": "()", "isidentifier": "()",
    "islower": "()", "isnumeric": "()", "isprintable": "()", "isspace": "()", "istitle": "()", "isupper": "()",
}
METHODS = {name: (lambda n: lambda: f"{pick([text(), word(), word(), repr('Ab1'), repr('TITLE Case'), '(' + text() + ' ~ ' + text() + ')'])}.{n}()")(name) for name in METHODS}
METHODS |= {
    "strip": lambda: f"({text()}).strip({pick(['', sep(), repr('abc'), 'none'])}) ~ '|'",
    "lstrip": lambda: f"({text()}).lstrip({pick(['', sep(), repr('H ')])}) ~ '|'",
    "rstrip": lambda: f"({text()}).rstrip({pick(['', sep(), D_NEWLINE])}) ~ '|'",
    "split": lambda: f"({text()}).split({pick(['', sep(), sep() + ', 1', 'none, 1', 'maxsplit=1', sep() + ', maxsplit=2'])}){pick(['', '[0]', '[-1]'])}",
    "rsplit": lambda: f"({text()}).rsplit({pick(['', sep(), sep() + ', 1', 'none, 1'])})",
    "splitlines": lambda: f"({text()}).splitlines({pick(['', 'true', 'keepends=true'])})",
    "partition": lambda: f"({text()}).partition({sep()})",
    "rpartition": lambda: f"({text()}).rpartition({sep()})",
    "startswith": lambda: f"({text()}).startswith({pick([repr('H'), repr('<'), '(' + repr('a') + ', ' + repr('H') + ')', repr('l') + ', 2', repr('')])})",
    "endswith": lambda: f"({text()}).endswith({pick([repr('d'), repr(''), '(' + repr('a') + ', ' + repr('d') + ')', repr('l') + ', 0, 3'])})",
    "find": lambda: f"({text()}).find({sep()}{pick(['', ', 1', ', -3', ', 0, 2'])})",
    "rfind": lambda: f"({text()}).rfind({sep()}{pick(['', ', 1', ', -3'])})",
    "index": lambda: f"({text()}).index({pick([repr('l'), repr('a'), repr('')])})",
    "rindex": lambda: f"({text()}).rindex({pick([repr('l'), repr('a'), repr('')])})",
    "count": lambda: f"({text()}).count({pick([sep(), repr('')])}{pick(['', ', 1', ', 0, 4'])})",
    "replace": lambda: f"({text()}).replace({pick([sep(), repr('')])}, {pick([sep(), repr('')])}{pick(['', ', 1'])})",
    "join": lambda: f"({sep()}).join({pick(['names', '[]', repr('abc'), '[' + repr('x') + ']', 'xs'])})",
    "removeprefix": lambda: f"({text()}).removeprefix({pick([repr('Hel'), repr('<'), repr('')])})",
    "removesuffix": lambda: f"({text()}).removesuffix({pick([repr('ld'), repr('>'), repr('')])})",
    "center": lambda: f"({text()}).center({pick(['3', '9', '14', '15, ' + repr('*')])}) ~ '|'",
    "ljust": lambda: f"({text()}).ljust({pick(['3', '9', '15, ' + repr('*')])}) ~ '|'",
    "rjust": lambda: f"({text()}).rjust({pick(['3', '9', '15, ' + repr('*')])}) ~ '|'",
    "zfill": lambda: f"({pick([text(), repr('-7')])}).zfill({pick(['3', '5'])})",
    "expandtabs": lambda: f"({pick(['spaced', TABBED, text(), word()])}).expandtabs({pick(['', '4', '0'])})",
    "format": lambda: f"({pick([repr('{}'), repr('{0}-{0}'), repr('{:>5}|'), repr('{!r}'), repr('{{}}{}'), repr('{:.2f}')])}).format({pick([text(), number()])})",
    "get": lambda: f"{mapping()}.get({pick([number(), repr('a'), repr('role'), repr('zz'), repr('zz') + ', 0', repr('C')])})",
    "items": lambda: f"{mapping()}.items(){pick(['', ' | list'])}",
    "keys": lambda: f"{mapping()}.keys(){pick(['', ' | list'])}",
    "values": lambda: f"{mapping()}.values(){pick(['', ' | list'])}",
    "copy": lambda: f"{pick([mapping(), listed()])}.copy()",
    "list.count": lambda: f"{pick(['xs', 'names', '(1, 1)', listed()])}.count({pick([number(), repr('bob'), '1.0', 'true'])})",
    "list.index": lambda: f"{pick(['xs', '(1, 2)', listed()])}.index({pick(['1', '2', '9', number()])}{pick(['', ', 1', ', -2', ', 0, 2'])})",
}

BINARY = {
    operator: (lambda o: lambda: f"{pick([number(), anything(), value(1)])} {o} {pick([number(), anything(), value(1)])}")(operator)
    for operator in ["+", "-", "*", "/", "//", "%", "**", "==", "!=", "<", "<=", ">", ">=", "and", "or", "~", "in", "not in"]
}
BINARY["**"] = lambda: f"{number()} ** {pick(['2', '0', '-1', '0.5', '3'])}"
BINARY["%"] = lambda: pick([f"{number()} % {number()}", f"{pick([repr('%s!'), repr('%d'), repr('%5.1f'), repr('%s %s')])} % {pick([number(), text(), '(' + number() + ', ' + text() + ')'])}"])
OPERATORS = dict(BINARY)
OPERATORS |= {
    "not": lambda: f"not {value(2)}",
    "unary -": lambda: f"-{number()}",
    "unary +": lambda: f"+{number()}",
    "if": lambda: f"{value(1)} if {value(2)}{pick(['', ' else ' + value(1)])}",
    "chain": lambda: f"{number()} {pick(['<', '<=', '=='])} {number()} {pick(['<', '>', '!='])} {number()}",
    "precedence": lambda: f"{pick(['', 'not '])}{number()} {pick(['+', '-', '*', '~', '**', '%', '//'])} {pick(['', '-'])}{number()} {pick(['==', '<', 'or', 'and', 'in', '+', '~'])} {pick([number(), items()])}",
    "index": lambda: f"{pick([items(), text(), anything()])}[{pick([integer(), text(), integer()])}]",
    "attribute": lambda: f"{pick(['d', 'messages[0]', 'people[1]', 'missing', 's', 'xs', 'd.C[1]'])}.{pick(['a', 'role', 'content', 'x', 'zz', '0', 'name'])}",
    "slice": lambda: f"({pick([items(), text()])})[{pick(['', integer()])}:{pick(['', integer()])}{pick(['', ':', ':-1', ':2', ':-2'])}]",
    "literal": lambda: pick([word(), listed(), mapping(), number(), "[1, 'a', [none, true]]", "{'a': 1, 2: [3]}", "(1, 2, 'x')", "()", "1e10", "1e16", "1.0e-5", "123456789012345678901234567890", "'a' 'b'", "0b101", "0o17", "{1: 'a', 1.0: 'b', true: 'c'}", "[[]]", "1.5E+3", "'\\u00e9\\x41\\t'", "'\\q'", "{}", "'a\\\\n'", "100000000000000000 * 10", "0.1 + 0.2", "1/3"]),
    "call": lambda: pick([f"range({integer()}, {random_.randrange(20)}, {pick(['1', '3', '-2'])}) | list", f"dict({mapping()})", f"dict(a={number()}, b={word()})", f"namespace(a={number()}).a", "range(5) | list", "range(1, 9, 3) | list", "range(5, 0, -2) | list", "dict(a=1, b=2)", "dict(d)", "dict([('x', 1)])", "namespace(a=1).a", "range(3)", "range(2, 4)", "missing()", "s()", "s.upper().lower().strip()", "joiner('-')()", "cycler(1, 2).current"]),
    "mixed": lambda: value(3),
}


def ws():
    return pick(["", " ", "\n", "  ", "\n  ", "  \n", "\t", "\n\n", "a", " b ", "\n c"])


def b(inside):
    """A block tag with white-space control."""
    return "{%" + pick(["", "", "-", "+"]) + " " + inside + " " + pick(["", "", "-", "+"]) + "%}"


def v(inside):
    return "{{" + pick(["", "", "-"]) + " " + inside + " " + pick(["", "", "-"]) + "}}"


def body():
    return ws() + pick([v(pick(["i", "s", "loop.index", "x", "m.role"])), "", "t"]) + ws()


TAGS = {
    "if": lambda: ws() + b("if " + value(1)) + body() + pick(["", b("elif " + value(1)) + body(), b("else") + body()]) + b("endif") + ws(),
    "for": lambda: ws() + b("for x in " + items()) + ws() + v(pick(["x", "loop.index", "loop.last", "loop.revindex0", "loop.length", "loop.cycle('a', 'b')", "loop.changed(x)", "loop.previtem", "loop.nextitem|default('-')", "loop.depth"])) + ws() + pick(["", b("else") + "none"]) + b("endfor") + ws(),
    "for if": lambda: "{% for x in " + items() + " if " + pick(["x", "x is defined", "x is string", "x == 1", "not loop", "x is number and x > 1"]) + " %}[{{ x }}{{ loop.index }}{{ loop.last }}]" + pick(["", "{% else %}none"]) + "{% endfor %}",
    "for unpack": lambda: "{% for k, v in " + pick([mapping() + ".items()", mapping() + ".items()", "d|dictsort", "people[0].items()", "[[1, 2], (3, 4)]", "nested", "[]"]) + " %}{{ k }}={{ v }}" + pick([";", "\n"]) + "{% endfor %}",
    "for recursive": lambda: "{% for x in " + pick([listed(3), "nested", "[[[]]]", listed(3)]) + " recursive %}<{{ loop.depth }}{{ loop(x) if x is iterable else x }}>{% endfor %}",
    "break": lambda: "{% for x in " + items() + " %}{{ x }}{% if loop.index == " + pick(["1", "2"]) + " %}{% " + pick(["break", "continue"]) + " %}{% endif %},{% endfor %}",
    "continue": lambda: "{% for x in " + items() + " %}{% if x is " + pick(["string", "number", "odd", "none"]) + " %}{% continue %}{% endif %}{{ x }},{% endfor %}",
    "set": lambda: b("set x = " + value(1)) + ws() + v("x") + pick(["", "{% if yes %}{% set x = 2 %}{% endif %}{{ x }}", "{% for q in xs %}{{ x }}{% set x = q %}{{ x }}{% endfor %}{{ x }}", "{% set x, y = 1, 2 %}{{ x }}{{ y }}"]),
    "set block": lambda: b("set x") + body() + b("endset") + v("x") + ws(),
    "set filter": lambda: "{% set x | " + pick(["upper", "trim", "length", "replace('t', 'T') | title"]) + " %} " + text().join(["{{ ", " }}"]) + " t {% endset %}[{{ x }}]",
    "with": lambda: b("with x = " + value(1) + pick(["", ", y = 2"])) + v("x") + ws() + b("endwith") + v("x is defined"),
    "macro": lambda: "{% macro f(a, b=" + pick(["1", "a", "none", "'z'"]) + ") %}" + ws() + "{{ a }}-{{ b }}" + pick(["", "{{ varargs }}", "{{ kwargs }}", "{{ caller is defined }}"]) + "{% endmacro %}" + v("f(" + pick(["", "1", "1, 2", "b=3", "1, 2, 3", "1, c=4", "a=s"]) + ")"),
    "call block": lambda: "{% macro f(a=1) %}<{{ a }}{{ caller(" + pick(["", "2"]) + ") }}>{% endmacro %}{% call" + pick(["", "(k)"]) + " f(" + pick(["", number(), word()]) + ") %}body{{ " + pick(["k", "i"]) + " }}{% endcall %}",
    "filter block": lambda: ws() + b("filter " + pick(["upper", "trim", "upper | replace('T', '_')", "indent(2)", "length"])) + body() + "t" + ws() + b("endfilter"),
    "generation": lambda: "{% for m in messages %}" + b("generation") + v("m.content | trim") + ws() + b("endgeneration") + "{% endfor %}",
    "namespace": lambda: "{% set ns = namespace(n=0, last=" + pick(["none", "''", "0"]) + ") %}{% for x in " + items() + " %}{% set ns.n = ns.n + 1 %}{% set ns.last = x %}{% endfor %}{{ ns.n }}{{ ns.last }}{{ ns.zz is defined }}",
    "raw": lambda: ws() + b("raw") + ws() + "{{ x }}{% y %}" + ws() + b("endraw") + ws(),
    "comment": lambda: ws() + "{#" + pick(["", "-", "+"]) + " c " + pick(["", "-", "+"]) + "#}" + ws() + v("i"),
    "white space": lambda: "".join(ws() + pick([v("i"), b("if yes") + ws() + b("endif"), b("set q = 1"), "{#" + pick(["", "-"]) + " c " + pick(["", "-"]) + "#}"]) for _ in range(4)) + ws(),
    "newlines": lambda: ("".join(ws() + pick([v("i"), b("if yes") + ws() + b("endif")]) for _ in range(3)) + ws()).replace("\n", pick(["\r\n", "\r", "\n"])) + pick(["", "\n", "\r\n", "\n\n"]),
    "conversation": lambda: "{%- for m in messages " + pick(["", "if m.role != 'system' "]) + "%}" + ws() + "{{- '<|im_start|>' + m.role + '\\n' + m.content" + pick(["", "|trim", ".strip()", ".split('</think>')[-1]", "[:5]"]) + " + eos_token }}" + ws() + b("endfor") + "{%- if add_generation_prompt %}{{ 'x' }}{% endif %}",
    "raise_exception": lambda: "{% if " + value(1) + " %}{{ raise_exception('no ' ~ " + text() + ") }}{% endif %}ok",
}

CONSTRUCTS = {f"filter {name}": (lambda m: lambda: shown(m()))(make) for name, make in FILTERS.items()}
CONSTRUCTS |= {f"test {name}": (lambda m: lambda: shown(m()))(make) for name, make in TESTS.items()}
CONSTRUCTS |= {f"method {name}": (lambda m: lambda: shown(m()))(make) for name, make in METHODS.items()}
CONSTRUCTS |= {f"operator {name}": (lambda m: lambda: shown(m()))(make) for name, make in OPERATORS.items()}
CONSTRUCTS |= {f"tag {name}": make for name, make in TAGS.items()}


def row(construct, template):
    line = {"construct": construct, "template": template}
    try:
        line["text"] = _compile_jinja_template(template).render(**json.loads(json.dumps(VARIABLES)))
    except Exception as e:
        line["error"] = f"{type(e).__name__}: {e}"[:200]
    return line


def main():
    count = int(sys.argv[2])
    print(json.dumps({"variables": VARIABLES}, ensure_ascii=False))
    seen = set()
    made = dict.fromkeys(CONSTRUCTS, 0)
    tries = dict.fromkeys(CONSTRUCTS, 0)
    for _ in range(count):
        construct = min(CONSTRUCTS, key=lambda name: (made[name], tries[name]))
        template = CONSTRUCTS[construct]()
        while template in seen and tries[construct] < 2000:
            tries[construct] += 1
            template = CONSTRUCTS[construct]()
        seen.add(template)
        made[construct] += 1
        print(json.dumps(row(construct, template), ensure_ascii=False))


main()
