"""PyTorch's half of a train step with Transformers: forward, backward, clipping, AdamW.

usage: train_step.py THREADS MODEL SEQUENCES LENGTH float32|autocast
"""
import sys

import torch
from transformers import AutoModelForCausalLM

from turns import seconds, serve

threads, folder, sequences, length, mode = sys.argv[1:]
threads = int(threads)
torch.set_num_threads(threads)
torch.manual_seed(1)
if threads == 1:  # or the backward pass has a thread of its own, whose processor time would not be seen
    torch.autograd.set_multithreading_enabled(False)
model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa")
model.train()
model.config.use_cache = False
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-6, fused=True)
tokens = torch.randint(0, 1000, (int(sequences), int(length)))


def step():
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast("cpu", torch.bfloat16, enabled=mode == "autocast"):
        loss = model(input_ids=tokens, labels=tokens).loss
    loss.backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()


serve(lambda: seconds(step, threads))
