"""Writes a Qwen2.5-0.5B-shaped checkpoint of random weights, as Transformers and this project read it.

usage: make_checkpoint.py OUT [SEED]      good for speed, never for accuracy
"""
import json
import os
import sys

import torch
from safetensors.torch import save_file

HIDDEN, LAYERS, HEADS, KEY_VALUE_HEADS, MLP, VOCABULARY = 896, 24, 14, 2, 4864, 151_936


def weights(seed):
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape, deviation, mean=0.0):
        return (mean + deviation * torch.randn(shape, generator=generator)).to(torch.bfloat16)

    def matrix(rows, columns):
        return normal(rows, columns, deviation=columns**-0.5)

    key_value = HIDDEN // HEADS * KEY_VALUE_HEADS
    yield "model.embed_tokens.weight", normal(VOCABULARY, HIDDEN, deviation=0.03)
    for layer in (f"model.layers.{i}." for i in range(LAYERS)):
        for name, rows in (("q", HIDDEN), ("k", key_value), ("v", key_value)):
            yield f"{layer}self_attn.{name}_proj.weight", matrix(rows, HIDDEN)
            yield f"{layer}self_attn.{name}_proj.bias", normal(rows, deviation=0.1)
        yield layer + "self_attn.o_proj.weight", matrix(HIDDEN, HIDDEN)
        yield layer + "mlp.gate_proj.weight", matrix(MLP, HIDDEN)
        yield layer + "mlp.up_proj.weight", matrix(MLP, HIDDEN)
        yield layer + "mlp.down_proj.weight", matrix(HIDDEN, MLP)
        for name in ("input_layernorm", "post_attention_layernorm"):
            yield f"{layer}{name}.weight", normal(HIDDEN, deviation=0.1, mean=1)
    yield "model.norm.weight", normal(HIDDEN, deviation=0.3, mean=4)


CONFIG = dict(
    architectures=["Qwen2ForCausalLM"], model_type="qwen2", hidden_act="silu", hidden_size=HIDDEN,
    intermediate_size=MLP, num_hidden_layers=LAYERS, num_attention_heads=HEADS,
    num_key_value_heads=KEY_VALUE_HEADS, vocab_size=VOCABULARY, tie_word_embeddings=True,
    max_position_embeddings=32_768, rms_norm_eps=1e-6, rope_theta=1_000_000.0, use_sliding_window=False,
    bos_token_id=151_643, eos_token_id=151_645, torch_dtype="bfloat16")

if __name__ == "__main__":
    folder, seed = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1
    os.makedirs(folder, exist_ok=True)
    save_file(dict(weights(seed)), folder + "/model.safetensors", metadata={"format": "pt"})
    with open(folder + "/config.json", "w") as file:
        json.dump(CONFIG, file, indent=1)
