"""PyTorch's figures for the work of DeviceFigures, on a device such as cuda: name, figure, unit.

usage: torch_device.py DEVICE [PRECISION] [SECONDS] [quick]

PRECISION is f32 (the default, as ours), tf32 (products on tensor cores, of numbers in single precision) or bf16 (all numbers
and products). No row starts after SECONDS. Without torch, or a device for it, it ends with code 77.
"""
import statistics
import sys
import time

try:
    import torch
    import torch.nn.functional as F

    device = torch.device(sys.argv[1])
    torch.ones(1, device=device)
except (ImportError, RuntimeError, AssertionError) as e:
    print(f"# {e}")
    sys.exit(77)

words = sys.argv[2:]
precision = next((word for word in words if word in ("f32", "tf32", "bf16")), "f32")
end = time.perf_counter() + next((float(word) for word in words if word.isdigit()), float("inf"))
quick = "quick" in words
dtype = torch.bfloat16 if precision == "bf16" else torch.float32
torch.manual_seed(1)
torch.backends.cuda.matmul.allow_tf32 = precision == "tf32"

ROUNDS = 9  # the median is reported
SHORTEST = 0.02  # seconds of a round: shorter work is repeated in it
ENOUGH = 1  # seconds after which no further round starts


def wait():
    if device.type == "cuda":
        torch.cuda.synchronize()


def spent(runs, work):
    wait()
    start = time.perf_counter()
    for _ in range(runs):
        work()
    wait()
    return (time.perf_counter() - start) / runs


def seconds(work, first=None):
    (first or work)()
    if quick:
        return spent(1, work)
    start = time.perf_counter()
    runs = min(max(int(SHORTEST / spent(1, work)), 1), 1000)
    times = []
    while len(times) < ROUNDS and (not times or time.perf_counter() - start < ENOUGH):
        times.append(spent(runs, work))
    return statistics.median(times)


def figure(name, value, unit):
    print(f"{name}\t{value:.4g}\t{unit}", flush=True)


def row(measure, *sizes):
    """Measures, unless the time is over; what fails, as for want of memory, is a line of comment."""
    if time.perf_counter() > end:
        print(f"# {measure.__name__} {sizes} left out: no time is left", flush=True)
        return
    try:
        measure(*sizes)
    except Exception as e:
        print(f"# {measure.__name__} {sizes} failed: {str(e).splitlines()[0] if str(e) else type(e).__name__}", flush=True)
    if device.type == "cuda":
        torch.cuda.empty_cache()


def rand(*shape):
    return (torch.rand(*shape, device=device) * 2 - 1).to(dtype)


def linear(T, K, N):
    x, w, y = rand(T, K), rand(N, K), rand(T, N)
    dx, dw = rand(T, K), rand(N, K)
    gflop = 2e-9 * T * K * N
    shape = f"-{T}-{K}x{N}"
    figure("linear" + shape, gflop / seconds(lambda: F.linear(x, w)), "GFLOP/s")

    def backward():
        dx.addmm_(y, w)
        dw.addmm_(y.T, x)

    figure("linear-backward" + shape, 2 * gflop / seconds(backward), "GFLOP/s")


def heads(sequences, T, H, G, D):
    q = rand(sequences, H, T, D)
    k, v = (rand(sequences, G, T, D).repeat_interleave(H // G, 1) for _ in range(2))
    return q, k, v


def attention(T, H, G, D):
    q, k, v = heads(1, T, H, G, D)
    work = lambda: F.scaled_dot_product_attention(q, k, v, is_causal=True)
    figure(f"attention-{T}-{D}", 2e-9 * H * D * T * T / seconds(work), "GFLOP/s")


def attention_training(sequences, T, H, G, D):
    q, k, v = (x.requires_grad_() for x in heads(sequences, T, H, G, D))
    dy = rand(sequences, H, T, D)
    work = lambda: torch.autograd.grad(F.scaled_dot_product_attention(q, k, v, is_causal=True), (q, k, v), dy)
    gflop = 7e-9 * H * D * sequences * T * T
    figure(f"attention-training-{sequences}x{T}", gflop / seconds(work), "GFLOP/s")


def log_probability(T, C, V):
    x, w = rand(T, C).requires_grad_(), rand(V, C).requires_grad_()
    targets = torch.randint(0, V, (T,), device=device)
    work = lambda: torch.autograd.grad(F.cross_entropy(F.linear(x, w), targets), (x, w))
    figure(f"log-probability-{T}-{C}x{V}", 6e-9 * T * C * V / seconds(work), "GFLOP/s")


def norm(T, C):
    x, w = rand(T, C), rand(C)
    figure(f"rmsnorm-{T}-{C}", 8e-9 * T * C / seconds(lambda: F.rms_norm(x, (C,), w, 1e-6)), "GB/s")


def adamw(count):
    weights = torch.zeros(count, device=device, dtype=dtype, requires_grad=True)
    weights.grad = torch.zeros_like(weights)
    optimizer = torch.optim.AdamW([weights], lr=1e-6, fused=device.type == "cuda")
    figure(f"adamw-{count}", 28e-9 * count / seconds(optimizer.step), "GB/s")


def launch():
    x = rand(1)

    def work():
        for _ in range(100):
            x.mul_(1)
            wait()

    figure("launch", 1e6 * seconds(work) / 100, "us")


def model(layers, vocabulary):
    from transformers import Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(
        vocab_size=512 if quick else vocabulary,
        hidden_size=64 if quick else 896,
        intermediate_size=128 if quick else 4864,
        num_hidden_layers=2 if quick else layers,
        num_attention_heads=4 if quick else 14,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
        attn_implementation="sdpa",
    )
    with device:
        return Qwen2ForCausalLM(config).to(device, dtype)


def generation(qwen, sequences, new_tokens):
    prompts = torch.randint(0, 500, (sequences, 32), device=device)

    def generate(count):
        settings = dict(do_sample=True, top_k=0, max_new_tokens=count, min_new_tokens=count, pad_token_id=0)
        qwen.generate(prompts, attention_mask=torch.ones_like(prompts), **settings)

    return seconds(lambda: generate(new_tokens), lambda: generate(2))


def token(layers, vocabulary, new_tokens):
    qwen = model(layers, vocabulary)
    figure(f"token-{qwen.config.num_hidden_layers}-layers", 1e6 * generation(qwen, 1, new_tokens) / new_tokens, "us")


def decode(layers, vocabulary, sequences, new_tokens):
    qwen = model(layers, vocabulary)
    name = f"decode-{qwen.config.num_hidden_layers}-layers-{sequences}x{new_tokens}"
    figure(name, sequences * new_tokens / generation(qwen, sequences, new_tokens), "tokens/s")


def train(layers, vocabulary, sequences, length):
    qwen = model(layers, vocabulary)
    ids = torch.randint(0, 500, (sequences, length), device=device)
    optimizer = torch.optim.AdamW(qwen.parameters(), lr=1e-6, fused=device.type == "cuda")
    qwen.gradient_checkpointing_enable()
    qwen.train()
    if device.type == "cuda":
        torch.cuda.reset_peak_memory_stats()

    def work():
        optimizer.zero_grad()
        qwen(input_ids=ids, labels=ids, use_cache=False).loss.backward()
        torch.nn.utils.clip_grad_norm_(qwen.parameters(), 1)
        optimizer.step()

    name = f"train-{qwen.config.num_hidden_layers}-layers-{sequences}x{length}"
    figure(name, sequences * length / seconds(work), "tokens/s")
    if device.type == "cuda":
        figure(name + "-memory", 1e-9 * torch.cuda.max_memory_allocated(), "GB")


row(launch)
row(token, 24, 151936, 4 if quick else 32)
shapes = [(32, 896, 4864), (64, 896, 4864), (512, 896, 896), (512, 896, 4864), (4096, 896, 4864)]
for shape in [(64, 256, 256)] if quick else shapes:
    row(linear, *shape)
for T in [64] if quick else [512, 1024]:
    row(attention, T, 14, 2, 64)
for batch in [(2, 32), (1, 64)] if quick else [(8, 512), (2, 2048)]:
    row(attention_training, *batch, 14, 2, 64)
row(norm, 64 if quick else 4096, 896)
for count in [1 << 18, 1 << 20] if quick else [1 << 27, 494_032_768]:
    row(adamw, count)
row(log_probability, *((64, 64, 512) if quick else (4096, 896, 151936)))
for layers, vocabulary in [(24, 151936)] if quick else [(6, 32768), (24, 151936)]:
    row(decode, layers, vocabulary, *((2, 4) if quick else (64, 128)))
    row(train, layers, vocabulary, *((1, 32) if quick else (8, 512)))
