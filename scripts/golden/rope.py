"""Rotary frequencies of scaled positions by Transformers, for model/src/test/resources/golden/rope.

usage: rope.py > frequencies.jsonl        needs torch and transformers
"""
import copy
import json

from transformers import LlamaConfig
from transformers.models.llama.modeling_llama import LlamaRotaryEmbedding

LLAMA3 = {"factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0, "original_max_position_embeddings": 8192}
YARN = {"factor": 4.0, "original_max_position_embeddings": 32768}
ROWS = [  # head_dim, max_position_embeddings, fields as a file spells them
    (64, 2048, {"rope_theta": 10000.0}),
    (128, 32768, {"rope_theta": 1000000, "rope_scaling": None}),
    (80, 4096, {"rope_theta": 10000.0, "rope_scaling": {"type": "linear", "factor": 2.5}}),
    (64, 4096, {"rope_parameters": {"rope_type": "linear", "factor": 4, "rope_theta": 50000.0}}),
    (128, 131072, {"rope_theta": 500000.0, "rope_scaling": {"rope_type": "llama3", **LLAMA3}}),
    (64, 131072, {"rope_theta": 500000.0, "rope_scaling": {"type": "llama3", **LLAMA3, "factor": 32.0}}),
    (64, 131072, {"rope_parameters": {"rope_type": "llama3", "rope_theta": 500000.0, **LLAMA3, "high_freq_factor": 6}}),
    (128, 131072, {"rope_theta": 1000000.0, "rope_scaling": {"type": "yarn", **YARN}}),
    (64, 4096, {"rope_theta": 10000.0, "rope_scaling": {"rope_type": "yarn", "factor": 16.0}}),
    (64, 65536, {"rope_theta": 10000.0, "rope_scaling": {"type": "yarn", **YARN, "attention_factor": 1.5}}),
    (64, 65536, {"rope_theta": 10000.0, "rope_scaling": {"type": "yarn", **YARN, "beta_fast": 64, "beta_slow": 2}}),
    (64, 65536, {"rope_theta": 10000.0, "rope_scaling": {"type": "yarn", **YARN, "truncate": False}}),
    (64, 163840, {"rope_parameters": {"rope_type": "yarn", "rope_theta": 10000.0, "factor": 40,
                                      "original_max_position_embeddings": 4096, "mscale": 1.0, "mscale_all_dim": 0.707}}),
    (64, 163840, {"rope_theta": 10000.0, "original_max_position_embeddings": 2048,
                  "rope_scaling": {"type": "yarn", **YARN}}),
]

for head_dim, positions, fields in ROWS:
    config = LlamaConfig(hidden_size=2 * head_dim, num_attention_heads=2, num_key_value_heads=2, head_dim=head_dim,
                         max_position_embeddings=positions, **copy.deepcopy(fields))
    rotary = LlamaRotaryEmbedding(config)
    print(json.dumps({"head_dim": head_dim, "max_position_embeddings": positions, "fields": fields,
                      "frequencies": rotary.inv_freq.tolist(), "magnitude": rotary.attention_scaling}))
