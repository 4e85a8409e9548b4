"""PyTorch's half of the comparisons of single kernels, in single precision.

usage: torch_kernels.py THREADS SECONDS linear T K N | onednn T K N | attention T D H G | logprob T C V
"""
import sys

import torch
import torch.nn.functional as F

from turns import seconds, serve


def linear(T, K, N):
    return product(torch.randn(T, K), torch.randn(N, K))


def onednn(T, K, N):
    """The same by oneDNN: torch keeps to MKL unless tensors are in oneDNN's layout, as these are from the start."""
    return product(torch.randn(T, K).to_mkldnn(), torch.randn(N, K).to_mkldnn())


def product(x, w):
    def work():
        with torch.inference_mode():
            F.linear(x, w)

    return work


def attention(T, D, H, G):
    q = torch.randn(1, H, T, D, requires_grad=True)
    k, v = (torch.randn(1, G, T, D, requires_grad=True) for _ in range(2))
    dy = torch.randn(1, H, T, D)

    def work():
        q.grad = k.grad = v.grad = None
        F.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True).backward(dy)

    return work


def logprob(T, C, V):
    x = torch.randn(T, C, requires_grad=True)
    w = (0.03 * torch.randn(V, C)).requires_grad_()
    targets = torch.randint(0, V, (T,))

    def work():
        x.grad = w.grad = None
        F.cross_entropy(F.linear(x, w), targets).backward()

    return work


threads, at_least, name = int(sys.argv[1]), float(sys.argv[2]), sys.argv[3]
torch.set_num_threads(threads)
torch.manual_seed(1)
work = {"linear": linear, "onednn": onednn, "attention": attention, "logprob": logprob}[name](*map(int, sys.argv[4:]))
if threads == 1:  # or the backward pass has a thread of its own, whose processor time would not be seen
    torch.autograd.set_multithreading_enabled(False)
serve(lambda: seconds(work, threads, at_least))
