#!/usr/bin/env python3
"""Draws a study from the files of its runs, as one SVG file.

    scripts/draw-study.py runs/study-bounds docs/pictures/study-bounds.svg

Two panels have the differences from the first method, paired by seed: a ring for each seed, a dot for their mean, and the interval
that `ablate` prints (Student's t, corrected by Bonferroni for the number of differences of a panel). The third has the share of
right responses in training, a mean over the seeds and over five steps. Needs nothing but Python.
"""
import json
import math

from svg import COLOURS, command, document, text

DASHES = ["", "", "", "7 3", "7 3", "2 3"]
WINDOW = 5  # steps of a point's mean
ROW = 30
PANEL = 210
LABELS = 150  # at least
TOP = 40


def lines(file):
    return [json.loads(line) for line in file.read_text().splitlines()]


def share_of_t(t, degrees):
    """The probability that Student's t is below t > 0, by Simpson's rule on its density."""
    constant = math.gamma((degrees + 1) / 2) / math.sqrt(degrees * math.pi) / math.gamma(degrees / 2)
    density = lambda x: constant * (1 + x * x / degrees) ** (-(degrees + 1) / 2)
    steps = 2000
    width = t / steps
    inner = sum(density(i * width) * (4 if i % 2 else 2) for i in range(1, steps))
    return 0.5 + width / 3 * (density(0) + inner + density(t))


def quantile_of_t(share, degrees):
    low, high = 0.0, 1.0
    while share_of_t(high, degrees) < share:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if share_of_t(middle, degrees) < share else (low, middle)
    return high


def interval(values, comparisons):
    """Half the width of the interval of a mean; 0 where there is a single value."""
    count = len(values)
    if count < 2:
        return 0.0
    mean = sum(values) / count
    variance = sum((value - mean) ** 2 for value in values) / (count - 1)
    return quantile_of_t(1 - 0.05 / 2 / comparisons, count - 1) * math.sqrt(variance / count)


def line(x1, y1, x2, y2, colour, width=1.0):
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{colour}" stroke-width="{width}"/>'


def ticks(low, high, count=4):
    raw = (high - low) / count
    power = 10 ** math.floor(math.log10(raw))
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= raw)
    return [step * i for i in range(math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9) + 1)]


def number(value):
    return f"{value:.6g}".replace("-", "−")


def differences(title, left, methods, values):
    """A panel of one row for each method but the first."""
    rows = []
    for method in methods[1:]:
        seeds = sorted(values[method].keys() & values[methods[0]].keys())
        rows.append([100 * (values[method][seed] - values[methods[0]][seed]) for seed in seeds])
    margins = [interval(row, len(rows)) for row in rows]
    means = [sum(row) / len(row) for row in rows]
    reach = max(max(map(abs, row + [mean - margin, mean + margin])) for row, mean, margin in zip(rows, means, margins))
    reach = 1.05 * max(reach, 0.1)
    at = lambda value: left + PANEL / 2 + value / reach * PANEL / 2
    bottom = TOP + ROW * len(rows)
    parts = [text(left + PANEL / 2, 20, title, "middle", 13)]
    for tick in ticks(-reach, reach):
        parts.append(line(at(tick), TOP, at(tick), bottom, "#dddddd" if tick else "#777777"))
        parts.append(text(at(tick), bottom + 16, number(tick), "middle", 11))
    for i, (row, mean, margin) in enumerate(zip(rows, means, margins)):
        y = TOP + ROW * (i + 0.5)
        colour = COLOURS[(i + 1) % len(COLOURS)]
        parts.append(line(at(mean - margin), y, at(mean + margin), y, colour, 2))
        for end in (mean - margin, mean + margin):
            parts.append(line(at(end), y - 4, at(end), y + 4, colour, 2))
        for value in row:
            parts.append(f'<circle cx="{at(value):.1f}" cy="{y - 8:.1f}" r="2.5" fill="none" stroke="{colour}"/>')
        parts.append(f'<circle cx="{at(mean):.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>')
    return parts


def curves(left, bottom, methods, accuracy):
    """A panel of one line for each method."""
    smooth = {}
    for method in methods:
        runs = accuracy[method].values()
        means = [sum(step) / len(step) for step in zip(*runs)]
        smooth[method] = [sum(means[max(0, i + 1 - WINDOW): i + 1]) / min(i + 1, WINDOW) for i in range(len(means))]
    steps = max(map(len, smooth.values()))
    low = 100 * min(map(min, smooth.values()))
    high = 100 * max(map(max, smooth.values()))
    x = lambda step: left + (step - 1) / max(1, steps - 1) * PANEL
    y = lambda value: bottom - (value - low) / max(high - low, 0.1) * (bottom - TOP)
    parts = [text(left + PANEL / 2, 20, "right responses in training, %", "middle", 13)]
    for tick in ticks(low, high):
        parts.append(line(left, y(tick), left + PANEL, y(tick), "#dddddd"))
        parts.append(text(left - 6, y(tick) + 4, number(tick), "end", 11))
    for tick in [1] + [tick for tick in ticks(1, steps) if tick > 1]:
        parts.append(text(x(tick), bottom + 16, number(tick), "middle", 11))
    parts.append(text(left + PANEL / 2, bottom + 32, "step", "middle", 11))
    for i, method in enumerate(methods):
        points = " ".join(f"{x(step + 1):.1f},{y(100 * value):.1f}" for step, value in enumerate(smooth[method]))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{COLOURS[i % len(COLOURS)]}" stroke-width="1.8"'
            f' stroke-dasharray="{DASHES[i % len(DASHES)]}"/>'
        )
    return parts


def picture(folder):
    results = lines(folder / "results.jsonl")
    methods = list(dict.fromkeys(result["method"] for result in results))
    sampled = next(key for key in results[0] if key.startswith("avgAt") and key != "avgAt1")
    by_seed = lambda key: {
        method: {result["seed"]: result[key] for result in results if result["method"] == method} for method in methods
    }
    accuracy = {
        method: {
            seed: [step["accuracy"] for step in lines(folder / method / f"seed-{seed}" / "metrics.jsonl")]
            for seed in by_seed("avgAt1")[method]
        }
        for method in methods
    }
    bottom = TOP + ROW * (len(methods) - 1)
    curve_bottom = max(bottom, TOP + 120)
    labels = max(LABELS, 24 + 7.4 * max(map(len, methods)))
    width = labels + 3 * PANEL + 120
    height = curve_bottom + 70
    parts = []
    for i, method in enumerate(methods):
        colour = COLOURS[i % len(COLOURS)]
        if i > 0:
            parts.append(text(labels - 16, TOP + ROW * (i - 0.5) + 4, method, "end", 12, f'fill="{colour}"'))
    parts += differences(f"Avg@1 against {methods[0]}", labels, methods, by_seed("avgAt1"))
    k = sampled.removeprefix("avgAt")
    parts += differences(f"Avg@{k} against {methods[0]}", labels + PANEL + 40, methods, by_seed(sampled))
    parts += curves(labels + 2 * PANEL + 100, curve_bottom, methods, accuracy)
    parts.append(text(labels + PANEL + 20, bottom + 32, "percentage points", "middle", 11))
    x = 16.0
    for i, method in enumerate(methods):
        y = height - 12
        parts.append(
            f'<line x1="{x}" y1="{y - 4}" x2="{x + 22}" y2="{y - 4}" stroke="{COLOURS[i % len(COLOURS)]}"'
            f' stroke-width="2.5" stroke-dasharray="{DASHES[i % len(DASHES)]}"/>'
        )
        parts.append(text(x + 27, y, method))
        x += 52 + 7.2 * len(method)
    return document(width, height, parts)


if __name__ == "__main__":
    command(__doc__, picture)
