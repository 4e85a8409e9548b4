#!/usr/bin/env python3
"""Checks that Transformers runs a checkpoint written here as this project does, and the other way round.

For each family, with tied and untied embeddings, a small random model is saved by Transformers, written again by
`rlvr4j convert` in F32 and BF16, in one file and in shards, and continued greedily by both. The texts must be equal, and
in F32 Transformers' logits of the written model those of the original.

Needs torch and transformers, and takes a few minutes.
"""
import itertools
import pathlib
import shutil
import subprocess
import sys
import tempfile

import torch
import transformers
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOKENIZER = ROOT / "configs" / "tiny-tokenizer"
PROMPTS = ["27+18+25=", "2+3+4=", "19+28+11="]
NEW_TOKENS = 40
FAMILIES = {  # what each has that the others have not
    "qwen2": {"rope_scaling": {"type": "yarn", "factor": 4.0, "original_max_position_embeddings": 64}, "rope_theta": 1e6},
    "qwen3": {"head_dim": 32},
    "llama": {"head_dim": 24, "attention_bias": True, "mlp_bias": True, "rope_theta": 5e5, "pretraining_tp": 1,
              "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                               "original_max_position_embeddings": 32}},
    "mistral": {"sliding_window": None, "rope_scaling": {"rope_type": "linear", "factor": 2.0}},
}


def rlvr4j(*arguments):
    done = subprocess.run([ROOT / "scripts" / "rlvr4j", *map(str, arguments)], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"rlvr4j {' '.join(map(str, arguments))}: {done.stderr}")
    return done.stdout


def random_model(family, tied, folder):
    torch.manual_seed(5)
    tokenizer = AutoTokenizer.from_pretrained(TOKENIZER)
    shape = dict(vocab_size=len(tokenizer), hidden_size=64, intermediate_size=160, num_hidden_layers=2,
                 num_attention_heads=4, num_key_value_heads=2, max_position_embeddings=256, tie_word_embeddings=tied,
                 eos_token_id=tokenizer.convert_tokens_to_ids("<|im_end|>"), bos_token_id=None, pad_token_id=None,
                 initializer_range=0.3)
    model = AutoModelForCausalLM.from_config(AutoConfig.for_model(family, **shape, **FAMILIES[family]))
    for name, weight in model.named_parameters():
        if weight.dim() == 1:  # biases and norms start as zeros and ones, which hides mistakes
            weight.data += 0.2 * torch.randn_like(weight)
    model.save_pretrained(folder)
    for file in TOKENIZER.iterdir():
        shutil.copy(file, folder)


def transformers_text(folder, prompt):
    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    message = [{"role": "user", "content": prompt}]
    text = tokenizer.apply_chat_template(message, tokenize=False, add_generation_prompt=True)
    ids = tokenizer(text, return_tensors="pt").input_ids
    out = model.generate(ids, do_sample=False, max_new_tokens=NEW_TOKENS, pad_token_id=0)
    return tokenizer.decode(out[0, ids.shape[1]:], skip_special_tokens=True)


def transformers_logits(folder, prompt):
    ids = AutoTokenizer.from_pretrained(folder)(prompt, return_tensors="pt").input_ids
    with torch.no_grad():
        return AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)(ids).logits


def our_text(folder, prompt):
    text = rlvr4j("generate", prompt, "--model", folder, "--max-new-tokens", NEW_TOKENS)
    return text.removesuffix("\n")


def main():
    transformers.utils.logging.disable_progress_bar()
    failed = 0
    for family, tied in itertools.product(FAMILIES, [True, False]):
        with tempfile.TemporaryDirectory() as temporary:
            original = pathlib.Path(temporary) / "original"
            random_model(family, tied, original)
            for dtype, shard_bytes in itertools.product(["F32", "BF16"], [4_000_000_000, 100_000]):
                folder = pathlib.Path(temporary) / f"{dtype}-{shard_bytes}"
                rlvr4j("convert", folder, "--model", original, "--dtype", dtype, "--shard-bytes", shard_bytes)
                files = len(list(folder.glob("*.safetensors")))
                theirs = [transformers_text(folder, prompt) for prompt in PROMPTS]
                ours = [our_text(folder, prompt) for prompt in PROMPTS]
                same = theirs == ours and (dtype != "F32" or all(
                    torch.equal(transformers_logits(folder, p), transformers_logits(original, p)) for p in PROMPTS))
                failed += not same
                print(f"{family}, {'tied' if tied else 'untied'}, {dtype}, {files} file(s): "
                      f"{'identical' if same else f'DIFFERENT: {theirs} and {ours}'}", flush=True)
    sys.exit(1 if failed else 0)


main()
