"""TRL's half of a GRPO step with a pretrained model, in single precision: all responses have the greatest length.

usage: pretrained_trl.py THREADS MODEL
"""
import sys
import tempfile

from trl_turns import InTurns, settings

import pretrained_task
import torch
from datasets import Dataset
from transformers import AutoModelForCausalLM, AutoTokenizer

threads, folder = sys.argv[1:]
torch.set_num_threads(int(threads))
torch.manual_seed(1)
with tempfile.TemporaryDirectory() as out:
    InTurns(
        model=AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation="sdpa"),
        reward_funcs=pretrained_task.every_second,
        args=settings(
            out, pretrained_task, learning_rate=1e-6, generation_kwargs=dict(min_new_tokens=pretrained_task.NEW_TOKENS)),
        train_dataset=Dataset.from_list(pretrained_task.problems()),
        processing_class=AutoTokenizer.from_pretrained(folder, padding_side="left")).train()
