"""Runs this project's half and the peers' halves in turn, A B A B ..., and prints one line for each row of work.

usage: compare.py [--quick] [--rounds N] [--list] [ROW...]      bench/peers/run.sh builds first and calls this

Measurements are appended to bench/results/MACHINE-COMMIT.jsonl, those of --quick are not.
"""
import argparse
import datetime
import glob
import json
import os
import platform
import re
import statistics
import subprocess
import sys
import time
from dataclasses import replace

from rows import rows

HERE = os.path.dirname(os.path.abspath(__file__))
BENCH = os.path.dirname(HERE)
SCRATCH = os.environ.get("PEERS_SCRATCH", "/tmp/rlvr4j-peers")
JAVA = [os.path.join(os.environ["JAVA_HOME"], "bin/java") if "JAVA_HOME" in os.environ else "java"]
JVM = ["@" + os.path.join(os.path.dirname(BENCH), "cli/jvm.options"), "-Xbatch"]
WARM_UP_SECONDS = 3
QUICK_ROUNDS, QUICK_WARMUPS, QUICK_SECONDS = 3, 1, 0.1


class Missing(Exception):
    """A half cannot run here."""


class Half:
    """A process that measures once for each line it is sent."""

    def __init__(self, label, command):
        self.label = label
        self.log = os.path.join(SCRATCH, re.sub(r"\W+", "-", label) + ".log")
        with open(self.log, "w") as log:
            self.process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True, cwd=HERE)
        self.answer()

    def answer(self):
        for line in self.process.stdout:
            if line.startswith("{"):
                return json.loads(line)
        self.process.wait()
        with open(self.log) as log:
            lines = [line.strip() for line in log if line.strip()]
        raise Missing(f"{self.label}: {lines[-1] if lines else 'it ended'}")

    def measure(self):
        try:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # it has ended; answer() tells why
        return self.answer()

    def close(self):
        try:
            self.process.stdin.close()
            self.process.wait(10)
        except (BrokenPipeError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()


def made(name, script, *sources):
    """A file or folder in the scratch folder, made at the first call."""
    path = os.path.join(SCRATCH, name)
    if not os.path.exists(path):
        partial = path + ".partial"
        run = subprocess.run(
            [sys.executable, script, *sources, partial], cwd=HERE, stderr=subprocess.PIPE, text=True)
        if run.returncode != 0:
            raise Missing(f"{script}: {run.stderr.strip().splitlines()[-1]}")
        os.rename(partial, path)
    return path


def files(needs):
    paths = {}
    if "pretrained" in needs:
        if "PEERS_PRETRAINED" not in os.environ:
            raise Missing("PEERS_PRETRAINED is not set to the folder of a pretrained model")
        paths["pretrained"] = os.path.abspath(os.environ["PEERS_PRETRAINED"])
    if "model" in needs:
        paths["model"] = made("0.5b", "make_checkpoint.py")
    if "gguf" in needs:
        paths["gguf"] = made("0.5b-f16.gguf", "make_gguf.py", paths["model"])
    return paths


def llama(threads):
    jars = glob.glob(os.path.join(SCRATCH, "llama", "*.jar"))
    if not any("llama-" in jar for jar in jars):
        raise Missing("llama.cpp: de.kherud:llama could not be had")
    path = os.pathsep.join(jars)
    return [*JAVA, "--enable-native-access=ALL-UNNAMED", "-cp", path, "LlamaHalf.java", str(threads)]


def command(row, kind, arguments, paths):
    arguments = [argument.format(**paths) for argument in arguments]
    if kind == "java":
        jar = os.path.join(BENCH, "target/rlvr4j-bench.jar")
        main = [*JAVA, *JVM, "-cp", jar, "org.rlvr4j.bench.PeerHalf"]
        return [*main, str(row.threads), str(row.seconds), *arguments]
    if kind == "llama":
        return [*llama(row.threads), *arguments]
    if "PEERS_PYTHON" not in os.environ:
        raise Missing("PEERS_PYTHON is not set")
    seconds = [str(row.seconds)] if kind == "torch_kernels.py" else []
    return [sys.executable, kind, str(row.threads), *seconds, *arguments]


def sample(row):
    """Measurements by label, ours first; a peer that is missing has none, and why is told."""
    paths = files(row.needs)
    commands = {"ours": command(row, "java", row.ours, paths)}
    for label, (kind, arguments) in row.peers.items():
        commands[label] = command(row, kind, arguments, paths)
    samples = {label: [] for label in commands}
    if row.apart:
        for _ in range(row.rounds):
            for label, line in commands.items():
                measure_in_turn(row, [(label, line)], row.rounds, samples)
    else:
        measure_in_turn(row, commands.items(), row.rounds, samples)
    return samples


def measure_in_turn(row, commands, rounds, samples):
    halves = []
    try:
        for label, line in commands:
            halves.append(Half(label, line))
        for half in halves:
            warm_up(half, row)
        for _ in range(rounds):
            for half in halves:
                samples[half.label].append(half.measure())
    finally:
        for half in halves:
            half.close()


def warm_up(half, row):
    """Short work goes on for seconds: so long a Java virtual machine takes to compile it."""
    start, done = time.monotonic(), 0
    while done < row.warmups or (row.seconds > 0 and time.monotonic() - start < WARM_UP_SECONDS):
        half.measure()
        done += 1


def figure(row, seconds):
    if row.amount == 0:
        return f"{1e3 * seconds:.4g} {row.unit}"
    return f"{row.amount / seconds:.4g} {row.unit}"


def lines(row, samples):
    """The row's line, and one for memory where that is compared."""
    median = {label: statistics.median(m["seconds"] for m in measured) for label, measured in samples.items()}
    best = min(row.judged, key=median.get)
    ratio = {label: median[label] / median["ours"] for label in row.peers}
    quoted = "".join(
        f" ({label}: {figure(row, median[label])}, {ratio[label]:.2f}x)" for label in row.peers if label != best)
    yield row.work, figure(row, median["ours"]), f"{best} {figure(row, median[best])}", ratio[best], row.at_least, quoted
    if row.apart:
        peak = {label: max(m["peak_rss_gib"] for m in measured) for label, measured in samples.items()}
        work = "peak memory of " + row.work
        yield (work, f"{peak['ours']:.2f} GiB", f"{best} {peak[best]:.2f} GiB", peak["ours"] / peak[best], row.memory_at_most,
               " (at most)")


def commit():
    run = subprocess.run(["git", "describe", "--always", "--dirty"], cwd=HERE, stdout=subprocess.PIPE, text=True)
    return run.stdout.strip() or "unknown"


def machine():
    """The processor's name, and its family and model: names of virtual ones leave those open."""
    if not os.path.exists("/proc/cpuinfo"):
        return platform.machine()
    with open("/proc/cpuinfo") as file:
        about = dict(re.findall(r"^(model name|cpu family|model)\s*: (.*)$", file.read(), re.MULTILINE))
    words = " ".join(about.get(name, "") for name in ("model name", "cpu family", "model"))
    return re.sub(r"\W+", "-", words.strip().lower()) or platform.machine()


def record(row, samples, line):
    work, ours, peer, ratio, at_least, quoted = line
    entry = dict(
        row=row.name, work=work, ours=ours, peer=peer, ratio=round(ratio, 3), at_least=at_least,
        quoted=quoted.strip(" ()"), threads=row.threads, load=os.getloadavg()[0],
        date=datetime.date.today().isoformat(),
        seconds={label: [float(f"{m['seconds']:.4g}") for m in measured] for label, measured in samples.items()})
    path = os.path.join(BENCH, "results", f"{machine()}-{commit().removesuffix('-dirty')}.jsonl")
    with open(path, "a") as file:
        file.write(json.dumps(entry) + "\n")


def show(name, line):
    work, ours, peer, ratio, at_least, quoted = line
    demanded = f"{at_least:g}x" if at_least else "-"
    print(f"{name} | {work} | {ours} | {peer} | {ratio:.2f}x | {demanded}{quoted}", flush=True)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--quick", action="store_true", help="as short as sensible: a glance, not a measurement")
    options.add_argument("--rounds", type=int, help="measurements of each half, where a row says more")
    options.add_argument("--list", action="store_true", help="only print the names of the rows")
    options.add_argument("rows", nargs="*", metavar="ROW", help="a row's name, or how it begins")
    options = options.parse_args()
    wanted = [r for r in rows(options.quick)
              if not options.rows or any(r.name.startswith(name) for name in options.rows)]
    os.makedirs(SCRATCH, exist_ok=True)
    if not options.list:
        print("row | work | ours | peer's | ratio | at least")
    for row in wanted:
        if options.list:
            print(row.name)
            continue
        if options.quick:
            row = replace(row, rounds=min(row.rounds, QUICK_ROUNDS), warmups=min(row.warmups, QUICK_WARMUPS),
                          seconds=min(row.seconds, QUICK_SECONDS))
        if options.rounds:
            row = replace(row, rounds=min(row.rounds, options.rounds))
        try:
            samples = sample(row)
        except Missing as why:
            print(f"{row.name} | {row.work} | skipped: {why}", flush=True)
            continue
        for line in lines(row, samples):
            show(row.name, line)
            if not options.quick:
                record(row, samples, line)


main()
