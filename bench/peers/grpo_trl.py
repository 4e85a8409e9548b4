"""TRL's half of a GRPO step: rollout, reward and updates on tiny_task, in single precision, without a KL penalty.

usage: grpo_trl.py THREADS
"""
import sys
import tempfile

from trl_turns import InTurns, settings

import tiny_task
import torch
from datasets import Dataset
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM


def character_tokenizer():
    ids = {c: i + tiny_task.SPECIAL for i, c in enumerate(tiny_task.CHARACTERS)}
    characters = Tokenizer(models.WordLevel({"<pad>": 0, "<bos>": 1, "<eos>": 2, **ids}, unk_token="<pad>"))
    characters.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    characters.decoder = decoders.Fuse()
    characters.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=characters, pad_token="<pad>", bos_token="<bos>", eos_token="<eos>", padding_side="left")


def reward(completions, answer, **_):
    return [tiny_task.reward(text, truth) for text, truth in zip(completions, answer)]


torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)
with tempfile.TemporaryDirectory() as out:
    InTurns(
        model=Qwen2ForCausalLM(Qwen2Config(**tiny_task.MODEL)).float(), reward_funcs=reward,
        args=settings(out, tiny_task, learning_rate=1e-4), train_dataset=Dataset.from_list(tiny_task.problems()),
        processing_class=character_tokenizer()).train()
