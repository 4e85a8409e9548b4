#!/usr/bin/env python3
"""Draws the roofline of each processor measured, from bench/results, as SVG files in docs/pictures.

usage: scripts/roofline.py

A point is a row of bench/peers on one thread. Its height is what was reached. Its place from left to right is the
arithmetic intensity: multiplications and additions for each byte that must be read or written at least once, if caches
were perfect. The roofs are the rate of fused multiply-adds in registers, from the row `gemm`, and intensity times the
rate at which a core reads memory (VectorReadBenchmark), where that was measured.
"""
import json
import math
import pathlib
import re
from dataclasses import dataclass

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESULTS = ROOT / "bench" / "results"
PICTURES = ROOT / "docs" / "pictures"
FLOAT = 4  # bytes
HEADS = {64: (14, 2), 128: (12, 2)}  # as in bench/peers/rows.py
WIDTH, HEIGHT = 760, 420
LEFT, RIGHT, TOP, BOTTOM = 62, 150, 46, 48
INK, FAINT = "#57606a", "#8c959f"  # both legible on white and on black
MARKS = {"ours": "#0969da", "torch f32": "#bf5700", "oneDNN f32": "#8250df"}


@dataclass(frozen=True)
class Processor:
    """A processor that was measured, and the results that are its own; of a row in several, the last counts."""

    file: str
    title: str
    results: tuple
    read: float = 0  # billions of bytes a second that one core reads; 0 if that was not measured


PROCESSORS = [
    Processor(
        "roofline-26-2", "AMD family 26, model 2: 16 lanes",
        tuple("amd-epyc-26-2-" + commit for commit in ("ac3fb04", "ce89def")), 35),
    Processor(
        "roofline-25-17", "AMD family 25, model 17: 16 lanes, in halves",
        tuple("amd-epyc-" + commit for commit in ("4a011b4", "922855c", "96797b7", "6df9a01"))),
    Processor(
        "roofline-25-17-avx2", "AMD family 25, model 17: AVX2 alone, 8 lanes",
        tuple("amd-epyc-25-17-avx2-" + commit for commit in ("9104b6a", "72faa80"))),
    Processor(
        "roofline-25-1", "AMD family 25, model 1: 8 lanes (AVX2)",
        tuple("amd-epyc-" + commit for commit in ("ed201e2", "0c787c9", "ed99069", "2267a70", "5955a1f"))),
]


def rows(processor):
    """The last measurement of each row on one thread, by the row's name."""
    found = {}
    for name in processor.results:
        for line in (RESULTS / f"{name}.jsonl").read_text().splitlines():
            row = json.loads(line)
            if row["threads"] == 1:
                found[row["row"]] = row
    return found


def median(numbers):
    ordered = sorted(numbers)
    return (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2


def work(name):
    """Name of the kind of work, its billions of operations, and billions of bytes; None for what has no place here."""
    if match := re.fullmatch(r"linear-(\d+)-(\d+)x(\d+)", name):
        T, K, N = map(int, match.groups())
        return f"linear, {T} tokens", 2e-9 * T * K * N, 1e-9 * FLOAT * (T * K + K * N + T * N)
    if match := re.fullmatch(r"attention-(\d+)-(\d+)", name):
        T, D = map(int, match.groups())
        H, G = HEADS[D]
        # two products forward and five backward, over half a square; six passes over tensors of queries, six of keys
        return "attention", 7e-9 * T * T * D * H, 6e-9 * FLOAT * T * D * (H + G)
    if name == "logprob":
        T, C, V = 512, 896, 151_936
        return "log-probability", 6e-9 * T * C * V, 1e-9 * FLOAT * (3 * C * V + 3 * T * C)
    return None


def points(found):
    """(kind of work, intensity, label, billions of operations a second)."""
    for name, row in found.items():
        if size := work(name):
            kind, flop, byte = size
            for label, samples in row["seconds"].items():
                if label in MARKS:
                    yield kind, flop / byte, label, flop / median(samples)


def ticks(low, high):
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    return [factor * 10.0**power for power in powers for factor in (1, 2, 5) if low <= factor * 10.0**power <= high]


class Plot:
    """A plane with logarithmic axes, to which elements of SVG are added."""

    def __init__(self, x_range, y_range):
        self.x_range, self.y_range, self.parts = x_range, y_range, []

    def x(self, value):
        low, high = map(math.log, self.x_range)
        return LEFT + (math.log(value) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    def y(self, value):
        low, high = map(math.log, self.y_range)
        return HEIGHT - BOTTOM - (math.log(value) - low) / (high - low) * (HEIGHT - TOP - BOTTOM)

    def line(self, x1, y1, x2, y2, style):
        self.parts.append(
            f'<line x1="{self.x(x1):.1f}" y1="{self.y(y1):.1f}" x2="{self.x(x2):.1f}" y2="{self.y(y2):.1f}" {style}/>')

    def text(self, x, y, words, anchor="start", size=12, color=INK):
        self.parts.append(
            f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-size="{size}" fill="{color}">{words}</text>')

    def mark(self, x, y, kind, label):
        """Circle, square, diamond or triangle by the kind of work, filled for ours."""
        color, r = MARKS[label], 4.5
        fill = color if label == "ours" else "none"
        shapes = {
            "linear, 512 tokens": f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{r}"',
            "linear, 64 tokens": f'<rect x="{x - r:.1f}" y="{y - r:.1f}" width="{2 * r}" height="{2 * r}"',
            "attention": f'<path d="M{x:.1f} {y - 6:.1f}l6 6l-6 6l-6 -6z"',
            "log-probability": f'<path d="M{x:.1f} {y - 6:.1f}l6 10.5h-12z"'}
        self.parts.append(f'{shapes[kind]} fill="{fill}" stroke="{color}" stroke-width="1.5"/>')


def picture(processor):
    found = rows(processor)
    peak = 1 / median(found["gemm"]["seconds"]["peak"])
    drawn = sorted(points(found), key=lambda point: point[2] == "ours")  # ours above the rest
    lowest = min(rate for *_, rate in drawn)
    plot = Plot((10, 400), (lowest / 1.3, peak * 1.15))
    axes(plot)
    grid = f'stroke="{INK}" stroke-width="1.5"'
    ridge = peak / processor.read if processor.read else plot.x_range[0]
    plot.line(max(ridge, plot.x_range[0]), peak, plot.x_range[1], peak, grid)
    plot.text(WIDTH - RIGHT - 4, plot.y(peak) - 6, f"{peak:.0f} GFLOP/s in registers", "end")
    if ridge > plot.x_range[0]:
        start = max(plot.x_range[0], plot.y_range[0] / processor.read)
        plot.line(start, start * processor.read, ridge, peak, grid)
    for kind, intensity, label, rate in drawn:
        plot.mark(plot.x(intensity), plot.y(rate), kind, label)
    plot.text(LEFT, 20, processor.title + ", one core", size=14)
    legend(plot, {kind for kind, *_ in drawn}, {label for *_, label, _ in drawn})
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
            f'height="{HEIGHT}" font-family="sans-serif">\n' + "\n".join(plot.parts) + "\n</svg>\n")


def axes(plot):
    style = f'stroke="{FAINT}" stroke-width="0.5"'
    for value in ticks(*plot.x_range):
        plot.line(value, plot.y_range[0], value, plot.y_range[1], style)
        plot.text(plot.x(value), HEIGHT - BOTTOM + 18, f"{value:g}", "middle")
    for value in ticks(*plot.y_range):
        plot.line(plot.x_range[0], value, plot.x_range[1], value, style)
        plot.text(LEFT - 6, plot.y(value) + 4, f"{value:g}", "end")
    plot.text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 10, "operations for each byte of inputs and outputs", "middle")
    plot.text(LEFT - 50, TOP - 8, "GFLOP/s")


def legend(plot, kinds, labels):
    at = TOP + 20
    for kind in sorted(kinds):
        plot.mark(WIDTH - RIGHT + 16, at - 4, kind, "ours")
        plot.text(WIDTH - RIGHT + 28, at, kind)
        at += 20
    at += 10
    for label in MARKS:
        if label in labels:
            plot.mark(WIDTH - RIGHT + 16, at - 4, "linear, 512 tokens", label)
            plot.text(WIDTH - RIGHT + 28, at, label)
            at += 20


def main():
    PICTURES.mkdir(exist_ok=True)
    for processor in PROCESSORS:
        path = PICTURES / f"{processor.file}.svg"
        path.write_text(picture(processor), encoding="utf-8")
        print(path.relative_to(ROOT))


main()
