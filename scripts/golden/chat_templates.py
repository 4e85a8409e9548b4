"""Writes what Transformers makes of random conversations by each chat template of a folder, for ChatTemplateGoldenTest.

Usage: python chat_templates.py FOLDER SEED COUNT > conversations.jsonl

The first line has the special tokens and the time; then each template has a line, with COUNT conversations and for each the
`text`, or `error` where the reference fails. Needs transformers 5.24 and jinja2 3.1.6.
"""

import datetime
import inspect
import json
import pathlib
import random
import sys
import warnings

from jinja2 import meta
from transformers.utils import chat_template_utils as reference

warnings.simplefilter("ignore")

TOKENS = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}
NOW = "2025-01-02T15:04:05Z"
TEXTS = [
    "", "hi", "  a b\t\n", "\n\nx", "日本語 🙂 e\u0301\u00a0", "<think>\nstep\n</think>\n\nans", "steps</think>ans", "<think>open",
    "<|im_start|>user\n{{ x }}", "a\r\nb\u2028c\rd", "{% if %}&<b>'\"\\n", '{"a": 1}', "<tool_response>\n5\n</tool_response>",
]
VALUES = {
    "a": 1, "b": 2.0, "c": ["x", "é\n\"q\""], "o": {"x": True, "n": None}, "big": 12345678901234567890, "f": 1e20, "g": 1e-7,
    "s": "text", "t": False, "none": None, "e": [], "d": {},
}
TOOLS = [
    {"type": "function", "function": {"name": "add", "description": 'Adds "two" <numbers> & é.\nDone.', "parameters": {
        "type": "object", "required": ["a"], "properties": {
            "a": {"type": "integer", "description": "first\nline"},
            "b": {"type": ["number", "null"], "enum": [1, 2.5, None], "default": 1e-7},
            "c": {"type": "array", "items": {"type": "string"}},
            "o": {"type": "object", "properties": {"x": {"type": "boolean", "default": True}}, "required": ["x"]}}},
        "return": {"type": "string", "description": "the sum"}}},
    {"type": "function", "function": {"name": "now", "description": "", "parameters": {"type": "object", "properties": {}}}},
]
OTHERS = [True, False, None, "high", "", 3, ["browser", "python"], TOOLS, {"a": 1}]


class Now(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return datetime.datetime.fromisoformat(NOW)


reference.datetime = Now


def part(r):
    return r.choice([{"type": "text", "text": r.choice(TEXTS)}] * 4 + [
        {"type": "image"}, {"type": "image_url", "image_url": {"url": "u"}}, {"type": "video", "video": "v"},
        {"type": "thinking", "thinking": "t"}, {"type": "text", "text": "x", "cache": None}, "bare"])


def content(r):
    kind = r.random()
    if kind < 0.87:
        return r.choice(TEXTS)
    return [part(r) for _ in range(r.randrange(4))] if kind < 0.97 else r.choice([None, 5, True, 2.5, {"sum": 3}])


def call(r, number):
    arguments = {key: VALUES[key] for key in r.sample(list(VALUES), r.randrange(5))}
    plain = {"name": r.choice(["add", "now"]), "arguments": r.choice([arguments, arguments, json.dumps(arguments)])}
    return r.choice([plain, *[{"type": "function", "function": plain, "id": f"call{number:05}"}] * 3])


def assistant(r):
    message = {"role": "assistant", "content": content(r)}
    for field in ("reasoning_content", "reasoning", "thinking", "tool_calls", "name", "refusal", "prefix"):
        if r.random() < (0.25 if field in ("reasoning_content", "tool_calls") else 0.04):
            message[field] = r.choice(TEXTS[:5] + [None])
    if message.get("tool_calls") is not None:
        message["tool_calls"] = [call(r, i) for i in range(r.choice([0, 1, 1, 1, 2]))]
    return message if r.random() < 0.99 else {key: value for key, value in message.items() if key != "content"}


def conversation(r):
    messages = []
    if r.random() < 0.4:
        messages.append({"role": r.choice(["system"] * 5 + ["developer"]), "content": content(r)})
    for _ in range(r.choice([1, 1, 2, 2, 3, 5])):
        messages.append({"role": r.choice(["user"] * 30 + ["critic", "system"]), "content": content(r)})
        if r.random() < 0.7:
            messages.append(assistant(r))
            for made in messages[-1].get("tool_calls") or []:
                messages.append({"role": r.choice(["tool"] * 9 + ["function", "ipython"]), "content": content(r)})
                messages[-1] |= {"tool_call_id": made["id"], "name": "add"} if "id" in made and r.random() < 0.7 else {}
            if messages[-1]["role"] != "assistant" and r.random() < 0.6:
                messages.append(assistant(r))
    return messages


def variables(r, names):
    chosen = {"tools": r.choice([TOOLS, TOOLS, TOOLS[:1], [], None])} if r.random() < 0.35 else {}
    if r.random() < 0.4:
        chosen["enable_thinking"] = r.choice([True, False])
    if r.random() < 0.08:
        chosen["documents"] = [{"title": "T", "text": "body\nx"}, {"title": "é", "text": "y"}]
    return chosen | {name: r.choice(OTHERS) for name in names if r.random() < 0.15}


def own_names(source):
    try:
        environment = reference._compile_jinja_template(source).environment
        names = meta.find_undeclared_variables(environment.parse(source))
    except Exception:
        return []
    given = {"messages", "enable_thinking", "self", *TOKENS, *environment.globals}
    return sorted(names - given - set(inspect.signature(reference.render_jinja_template).parameters))


def row(source, r, names):
    line = {"messages": conversation(r), "add_generation_prompt": r.random() < 0.6, "variables": variables(r, names)}
    given = json.loads(json.dumps(line))  # a copy
    try:
        messages = reference._normalize_chat_messages(given["messages"])
        line["text"] = reference.render_jinja_template(
            [messages], chat_template=source, add_generation_prompt=given["add_generation_prompt"],
            **{**TOKENS, **given["variables"]})[0][0]
    except Exception as e:
        line["error"] = f"{type(e).__name__}: {e}"[:200]
    return line


def main():
    print(json.dumps({"tokens": TOKENS, "now": NOW}))
    for file in sorted(pathlib.Path(sys.argv[1]).glob("*.jinja")):
        source = file.read_bytes().decode()
        r = random.Random(sys.argv[2] + file.name)
        names = own_names(source)
        rows = [row(source, r, names) for _ in range(int(sys.argv[3]))]
        print(json.dumps({"template": file.name, "source": source, "rows": rows}, ensure_ascii=False))


main()
