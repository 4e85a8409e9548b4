"""Transformers' half of batched decoding: generate() with a cache, sampling at temperature 1, none ends early.

usage: decode.py THREADS MODEL SEQUENCES PROMPT NEW float32|bfloat16
"""
import sys

import torch
from transformers import AutoModelForCausalLM

from turns import seconds, serve

threads, folder, sequences, prompt, new, dtype = sys.argv[1:]
threads, sequences, prompt, new = int(threads), int(sequences), int(prompt), int(new)
torch.set_num_threads(threads)
torch.manual_seed(1)
model = AutoModelForCausalLM.from_pretrained(folder, dtype=getattr(torch, dtype), attn_implementation="sdpa").eval()
tokens = torch.randint(0, 1000, (sequences, prompt))


def generate():
    out = model.generate(
        tokens, attention_mask=torch.ones_like(tokens), max_new_tokens=new, min_new_tokens=new, pad_token_id=0,
        do_sample=True, temperature=1.0, top_k=0, top_p=1.0, repetition_penalty=1.0)
    assert out.shape[1] == prompt + new, out.shape


serve(lambda: seconds(generate, threads))
