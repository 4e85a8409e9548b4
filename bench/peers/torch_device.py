"""PyTorch's figures for the work of DeviceFigures, in single precision, on a device such as cuda: name, figure, unit.

usage: torch_device.py DEVICE [quick]
"""
import statistics
import sys
import time

import torch
import torch.nn.functional as F

device = torch.device(sys.argv[1])
quick = "quick" in sys.argv
torch.manual_seed(1)
torch.backends.cuda.matmul.allow_tf32 = False  # single precision, as ours


def wait():
    if device.type == "cuda":
        torch.cuda.synchronize()


def seconds(work):
    work()
    times = []
    for _ in range(1 if quick else 9):
        wait()
        start = time.perf_counter()
        work()
        wait()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def figure(name, value, unit):
    print(f"{name}\t{value:.4g}\t{unit}", flush=True)


def rand(*shape):
    return torch.rand(*shape, device=device) * 2 - 1


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


def attention(T, H, G, D):
    q = rand(1, H, T, D)
    k, v = (rand(1, G, T, D).repeat_interleave(H // G, 1) for _ in range(2))
    gflop = 2e-9 * H * D * T * T
    work = lambda: F.scaled_dot_product_attention(q, k, v, is_causal=True)
    figure(f"attention-{T}-{D}", gflop / seconds(work), "GFLOP/s")


def norm(T, C):
    x, w = rand(T, C), rand(C)
    figure(f"rmsnorm-{T}-{C}", 8e-9 * T * C / seconds(lambda: F.rms_norm(x, (C,), w, 1e-6)), "GB/s")


def adamw(count):
    weights = torch.zeros(count, device=device, requires_grad=True)
    weights.grad = torch.zeros(count, device=device)
    optimizer = torch.optim.AdamW([weights], lr=1e-6, fused=device.type == "cuda")
    figure(f"adamw-{count}", 28e-9 * count / seconds(optimizer.step), "GB/s")


def model():
    from transformers import Qwen2Config, Qwen2ForCausalLM

    config = Qwen2Config(
        vocab_size=512 if quick else 32768,
        hidden_size=64 if quick else 896,
        intermediate_size=128 if quick else 4864,
        num_hidden_layers=2 if quick else 6,
        num_attention_heads=4 if quick else 14,
        num_key_value_heads=2,
        max_position_embeddings=4096,
        tie_word_embeddings=True,
        attn_implementation="sdpa",
    )
    return Qwen2ForCausalLM(config).to(device)


def decode(qwen, sequences, new_tokens):
    prompts = torch.randint(0, 500, (sequences, 32), device=device)
    settings = dict(do_sample=True, top_k=0, max_new_tokens=new_tokens, min_new_tokens=new_tokens, pad_token_id=0)
    work = lambda: qwen.generate(prompts, attention_mask=torch.ones_like(prompts), **settings)
    figure(f"decode-{sequences}", sequences * new_tokens / seconds(work), "tokens/s")


def train(qwen, sequences, length):
    ids = torch.randint(0, 500, (sequences, length), device=device)
    optimizer = torch.optim.AdamW(qwen.parameters(), lr=1e-6, fused=device.type == "cuda")
    qwen.gradient_checkpointing_enable()
    qwen.train()

    def work():
        optimizer.zero_grad()
        qwen(input_ids=ids, labels=ids, use_cache=False).loss.backward()
        torch.nn.utils.clip_grad_norm_(qwen.parameters(), 1)
        optimizer.step()

    figure(f"train-{sequences}x{length}", sequences * length / seconds(work), "tokens/s")


shapes = [(64, 256, 256)] if quick else [(512, 896, 896), (512, 896, 4864), (4096, 896, 4864), (32, 896, 4864)]
for shape in shapes:
    linear(*shape)
for T in [64] if quick else [512, 1024]:
    attention(T, 14, 2, 64)
norm(64 if quick else 4096, 896)
adamw(1 << 18 if quick else 1 << 27)
qwen = model()
decode(qwen, 2 if quick else 64, 4 if quick else 128)
train(qwen, 1 if quick else 8, 32 if quick else 512)
