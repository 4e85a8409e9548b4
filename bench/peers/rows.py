"""The table of work: what is measured, against whom, and how much faster this project is to be."""
from dataclasses import dataclass, replace

QUERY_HEADS = {64: (14, 2), 128: (12, 2)}  # and key-value heads, of Qwen2.5 0.5B and 1.5B
LAYER = [(896, 896), (896, 128), (896, 4864), (4864, 896)]  # inputs and outputs, Qwen2.5-0.5B
VOCABULARY = (896, 151_936)


@dataclass(frozen=True)
class Row:
    """One comparison."""

    name: str
    work: str
    ours: tuple  # arguments of PeerHalf after threads and seconds
    peers: dict  # label to (kind of half, arguments); the best of those in `judged` counts, the others are quoted
    at_least: float
    judged: tuple
    threads: int = 1
    amount: float = 0  # of work in one measurement, for figures by the second; 0 shows milliseconds
    unit: str = "ms"
    warmups: int = 1
    rounds: int = 7
    seconds: float = 0.3  # over which short work is repeated
    apart: bool = False  # one process at a time, for want of memory; peak memory is compared, too
    memory_at_most: float = 0.9  # of the peer's
    needs: tuple = ()


def kernel(name, work, args, at_least, amount=0, unit="ms", **options):
    arguments = tuple(map(str, args))
    peers = {"torch f32": ("torch_kernels.py", arguments)}
    return Row(name, work, arguments, peers, at_least, ("torch f32",), amount=amount, unit=unit, **options)


def linear(name, tokens, inputs, outputs, at_least, **options):
    """Torch's products are MKL's, which on some processors stay far below the peak; its oneDNN is quoted besides."""
    size = (tokens, inputs, outputs)
    row = kernel(
        name, f"linear forward, {tokens} tokens, {inputs} to {outputs}", ("linear", *size), at_least,
        2e-9 * tokens * inputs * outputs, "GFLOP/s", **options)
    return replace(row, peers=row.peers | {"oneDNN f32": ("torch_kernels.py", ("onednn", *map(str, size)))})


def kernels():
    yield Row(
        "gemm", "matrix kernel against the FMA peak", ("tile",), {"peak": ("java", ("fma",))}, 0.9, ("peak",),
        amount=1, unit="GFLOP/s")
    for tokens, at_least in ((512, 1.0), (64, 1.15)):
        for inputs, outputs in LAYER + ([VOCABULARY] if tokens == 64 else []):
            yield linear(f"linear-{tokens}-{inputs}x{outputs}", tokens, inputs, outputs, at_least)
    for size, (heads, key_value) in QUERY_HEADS.items():
        for tokens in (256, 512, 1024):
            yield kernel(
                f"attention-{tokens}-{size}", f"attention forward and backward, {tokens} tokens, heads of {size}",
                ("attention", tokens, size, heads, key_value), 1.25)
    yield kernel(
        "logprob", "log-probability and gradients, 512 tokens of 151,936 words", ("logprob", 512, *VOCABULARY), 1.1,
        rounds=3, seconds=0)


def train(threads, at_least, quick):
    sequences, length = (1, 16) if quick else (4, 128)
    size = ("{model}", str(sequences), str(length))
    peers = {f"torch {label}": ("train_step.py", (*size, mode))
             for label, mode in (("f32", "float32"), ("bf16 autocast", "autocast"))}
    return Row(
        f"train-{threads}", f"train step of 0.5B, {sequences * length} tokens, {threads} threads", ("train", *size),
        peers, at_least, ("torch f32",), threads=threads, amount=sequences * length, unit="tokens/s",
        warmups=2, rounds=2, seconds=0, apart=True, needs=("model",))


def update(groups, size, prompt, response, quick):
    """Prompts once against repeated ones: the speed-up is at least 80 % of the ratio of the tokens."""
    groups = 1 if quick else groups
    work = ("update", *map(str, (groups, size, prompt, response)))
    ratio = size * (prompt + response) / (prompt + size * response)
    return Row(
        f"update-prefix-{prompt}-{response}",
        f"update of 135M, {groups} x {size} responses of {response} to prompts of {prompt} tokens",
        (*work, "shared"), {"repeated prompts": ("java", (*work, "repeated"))}, round(0.8 * ratio, 2),
        ("repeated prompts",), amount=groups * size * (prompt + response), unit="tokens/s", warmups=1, rounds=3,
        seconds=0)


def decode(sequences, at_least, judged, quick):
    prompt, new = (8, 4) if quick else (64, 64)
    size = ("{model}", str(sequences), str(prompt), str(new))
    peers = {f"Transformers {label}": ("decode.py", (*size, dtype))
             for label, dtype in (("f32", "float32"), ("bf16", "bfloat16"))}
    return Row(
        f"decode-{sequences}", f"decode {sequences} sequences of 0.5B, 2 threads", ("decode", *size), peers, at_least,
        tuple("Transformers " + label for label in judged), threads=2, amount=sequences * new, unit="tokens/s",
        warmups=1, rounds=3, seconds=0, needs=("model",))


def growth(quick):
    """How figures grow with tokens, sequences and threads: quoted, not judged."""
    inputs, outputs = LAYER[2]
    for tokens in (128, 2048, 4096):
        yield linear(f"growth-linear-{tokens}", tokens, inputs, outputs, 0, rounds=3)
    for tokens in (128, 2048, 4096):
        yield kernel(
            f"growth-attention-{tokens}", f"attention forward and backward, {tokens} tokens, heads of 64",
            ("attention", tokens, 64, *QUERY_HEADS[64]), 0, rounds=3)
    row = linear("growth-linear-threads", 512, inputs, outputs, 0, threads=2)
    yield replace(row, work=row.work + ", 2 threads")
    yield kernel(
        "growth-attention-threads", "attention forward and backward, 512 tokens, heads of 64, 2 threads",
        ("attention", 512, 64, *QUERY_HEADS[64]), 0, threads=2)
    for sequences in (1, 4):
        yield replace(decode(sequences, 0, ("f32", "bf16"), quick), name=f"growth-decode-{sequences}")


def rows(quick):
    """All of them, in the order in which they run."""
    new = "8" if quick else "64"
    return [
        *kernels(),
        Row("grpo", "GRPO step, 0.8 M parameters, 32 x 16 responses, 2 threads", ("grpo",),
            {"TRL": ("grpo_trl.py", ())}, 1.5, ("TRL",), threads=2, warmups=3, rounds=7, seconds=0),
        Row("stream", "decode 1 sequence of 0.5B, greedy, 2 threads", ("stream", "{model}", "64", new),
            {"llama.cpp F16": ("llama", ("{gguf}", "64", new))}, 0.8, ("llama.cpp F16",), threads=2,
            amount=int(new), unit="tokens/s", warmups=1, rounds=3, seconds=0, needs=("model", "gguf")),
        decode(16, 1.5, ("f32", "bf16"), quick),
        decode(64, 2.0, ("f32",), quick),
        Row("pretrained-grpo", "GRPO step of a pretrained model, 16 x 8 responses of 24 tokens, 2 threads",
            ("pretrained-grpo", "{pretrained}"), {"TRL": ("pretrained_trl.py", ("{pretrained}",))}, 5.5, ("TRL",),
            threads=2, warmups=1, rounds=2, seconds=0, apart=True, memory_at_most=0.45, needs=("pretrained",)),
        update(16, 8, 64, 24, quick),
        update(8, 16, 100, 150, quick),
        train(2, 1.3, quick),
        train(1, 1.1, quick),
        *growth(quick)]
