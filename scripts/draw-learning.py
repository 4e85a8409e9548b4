#!/usr/bin/env python3
"""Draws how held-back accuracy rises in a training, from the files of its runs, as one SVG file.

    scripts/draw-learning.py runs/smollm2-words docs/pictures/smollm2-words.svg

One panel for each suite: greedy accuracy by step, a thin line for each seed and a thick one for the mean of a method's seeds; the
dashed line is the start. Needs nothing but Python.
"""
import json

from svg import COLOURS, command, document, text

PANEL_WIDTH, PANEL_HEIGHT = 330, 220
LEFT, TOP, GAP = 56, 40, 60


def lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def curves(folder):
    """Accuracy in per cent: {suite: {method: {seed: {step: accuracy}}}}, in the order of the results."""
    suites = {}
    for result in lines(folder / "results.jsonl"):
        if "method" not in result or "avgAt1" not in result:
            continue  # a run that failed
        method, seed = result["method"], result["seed"]
        for line in lines(folder / method / f"seed-{seed}" / "evaluations.jsonl"):
            if line.get("samples") == 1:
                runs = suites.setdefault(line["suite"], {}).setdefault(method, {})
                runs.setdefault(seed, {})[line["step"]] = 100 * line["avg"]
    return suites


def polyline(points, colour, width, opacity=1.0):
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="{width}" opacity="{opacity}"/>'


def rule(x1, y1, x2, y2, extra='stroke="#dddddd"'):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" {extra}/>'


def panel(left, suite, methods, colours):
    last = max(step for runs in methods.values() for run in runs.values() for step in run)
    x = lambda step: left + step / last * PANEL_WIDTH
    y = lambda value: TOP + (1 - value / 100) * PANEL_HEIGHT
    bottom = TOP + PANEL_HEIGHT
    parts = [text(left + PANEL_WIDTH / 2, 22, f"{suite}: greedy accuracy, %", "middle", 13)]
    for value in range(0, 101, 20):
        parts.append(rule(left, y(value), left + PANEL_WIDTH, y(value)))
        parts.append(text(left - 6, y(value) + 4, str(value), "end", 11))
    every = max(1, last // 5)
    for step in range(0, last + 1, every):
        parts.append(text(x(step), bottom + 16, str(step), "middle", 11))
    parts.append(text(left + PANEL_WIDTH / 2, bottom + 32, "step", "middle", 11))
    start = next(iter(next(iter(methods.values())).values()))[0]
    parts.append(rule(left, y(start), left + PANEL_WIDTH, y(start), 'stroke="#777777" stroke-dasharray="5 4"'))
    for method, runs in methods.items():
        for run in runs.values():
            parts.append(polyline([(x(s), y(v)) for s, v in run.items()], colours[method], 0.8, 0.45))
    for method, runs in methods.items():
        steps = sorted(set.intersection(*(set(run) for run in runs.values())))
        mean = [(x(s), y(sum(run[s] for run in runs.values()) / len(runs))) for s in steps]
        parts.append(polyline(mean, colours[method], 2.2))
    return parts


def picture(folder):
    suites = curves(folder)
    names = list(dict.fromkeys(method for methods in suites.values() for method in methods))
    colours = {name: COLOURS[i % len(COLOURS)] for i, name in enumerate(names)}
    width = LEFT + len(suites) * (PANEL_WIDTH + GAP)
    height = TOP + PANEL_HEIGHT + 66
    parts = []
    for i, (suite, methods) in enumerate(suites.items()):
        parts += panel(LEFT + i * (PANEL_WIDTH + GAP), suite, methods, colours)
    at = float(LEFT)
    for name in names:
        parts.append(rule(at, height - 16, at + 22, height - 16, f'stroke="{colours[name]}" stroke-width="2.5"'))
        parts.append(text(at + 27, height - 12, name))
        at += 52 + 7.2 * len(name)
    return document(width, height, parts)


if __name__ == "__main__":
    command(__doc__, picture)
