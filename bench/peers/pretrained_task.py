"""Sums in words for a pretrained model: the task of PretrainedTask.java."""
PROMPTS, GROUP, UPDATES, NEW_TOKENS = 16, 8, 2, 24
PROBLEMS = 64


def problems():
    rows = []
    for i in range(PROBLEMS):
        a, b, c = 11 + 7 * i % 89, 13 + 5 * i % 83, 17 + 3 * i % 79
        question = f"What is {a} + {b} + {c}? Add step by step, and put the answer in \\boxed{{}}."
        rows.append(dict(prompt=[dict(role="user", content=question)]))
    return rows


def every_second(completions, **_):
    """Every group has contrast."""
    return [float(i % 2) for i in range(len(completions))]
