"""Writes a checkpoint as GGUF in half precision, for llama.cpp.

Its tokenizer knows single letters and the space, so that a prompt has as many tokens as letters.

usage: make_gguf.py CHECKPOINT OUT.gguf
"""
import json
import struct
import sys

from safetensors import safe_open

ALIGNMENT = 32
F32, F16 = 0, 1  # types of tensors
UINT32, FLOAT32, BOOL, STRING, ARRAY, INT32 = 4, 6, 7, 8, 9, 5  # types of values
NORMAL, CONTROL, UNUSED = 1, 3, 5  # types of tokens
NAMES = {
    "model.embed_tokens": "token_embd", "model.norm": "output_norm", "model.layers.": "blk.",
    "self_attn.q_proj": "attn_q", "self_attn.k_proj": "attn_k", "self_attn.v_proj": "attn_v",
    "self_attn.o_proj": "attn_output", "mlp.gate_proj": "ffn_gate", "mlp.up_proj": "ffn_up",
    "mlp.down_proj": "ffn_down", "input_layernorm": "attn_norm", "post_attention_layernorm": "ffn_norm"}


def string(text):
    data = text.encode()
    return struct.pack("<Q", len(data)) + data


def value(kind, number):
    if kind == STRING:
        return string(number)
    return struct.pack({UINT32: "<I", FLOAT32: "<f", BOOL: "<?", INT32: "<i"}[kind], number)


def entry(key, kind, content):
    return string(key) + struct.pack("<I", kind) + value(kind, content)


def array(key, kind, items):
    return string(key) + struct.pack("<IIQ", ARRAY, kind, len(items)) + b"".join(value(kind, i) for i in items)


def byte_letters():
    """The letter that stands for each byte in byte-level vocabularies."""
    plain = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in plain]
    return [chr(b) for b in plain] + [chr(256 + i) for i in range(len(others))]


def metadata(config):
    size = config["vocab_size"]
    letters = byte_letters() + ["qz"]
    tokens = letters + [f"[PAD{i}]" for i in range(len(letters), size)]
    kinds = [NORMAL] * len(letters) + [UNUSED] * (size - len(letters))
    end = config["eos_token_id"]
    kinds[end] = CONTROL
    return [
        entry("general.architecture", STRING, "qwen2"),
        entry("general.file_type", UINT32, 1),
        entry("qwen2.block_count", UINT32, config["num_hidden_layers"]),
        entry("qwen2.context_length", UINT32, config["max_position_embeddings"]),
        entry("qwen2.embedding_length", UINT32, config["hidden_size"]),
        entry("qwen2.feed_forward_length", UINT32, config["intermediate_size"]),
        entry("qwen2.attention.head_count", UINT32, config["num_attention_heads"]),
        entry("qwen2.attention.head_count_kv", UINT32, config["num_key_value_heads"]),
        entry("qwen2.attention.layer_norm_rms_epsilon", FLOAT32, config["rms_norm_eps"]),
        entry("qwen2.rope.freq_base", FLOAT32, config["rope_theta"]),
        entry("tokenizer.ggml.model", STRING, "gpt2"),
        entry("tokenizer.ggml.pre", STRING, "qwen2"),
        array("tokenizer.ggml.tokens", STRING, tokens),
        array("tokenizer.ggml.token_type", INT32, kinds),
        array("tokenizer.ggml.merges", STRING, ["q z"]),
        entry("tokenizer.ggml.eos_token_id", UINT32, end),
        entry("tokenizer.ggml.add_bos_token", BOOL, False)]


def renamed(name):
    for ours, theirs in NAMES.items():
        name = name.replace(ours, theirs)
    return name


def write(source, target):
    with open(source + "/config.json") as file:
        values = metadata(json.load(file))
    weights = safe_open(source + "/model.safetensors", "pt")
    infos, blobs, offset = [], [], 0
    for name in weights.keys():
        tensor = weights.get_tensor(name).float().numpy()
        kind = F32 if tensor.ndim == 1 else F16
        data = tensor.astype("<f4" if kind == F32 else "<f2").tobytes()
        shape = tensor.shape[::-1]
        infos.append(string(renamed(name)) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
                     + struct.pack("<IQ", kind, offset))
        blobs.append(data + bytes(-len(data) % ALIGNMENT))
        offset += len(blobs[-1])
    head = b"GGUF" + struct.pack("<IQQ", 3, len(infos), len(values)) + b"".join(values) + b"".join(infos)
    with open(target, "wb") as file:
        file.write(head + bytes(-len(head) % ALIGNMENT))
        file.writelines(blobs)


write(*sys.argv[1:])
