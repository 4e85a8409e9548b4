"""TRL's half of a GRPO step: rollout, reward and updates on tiny_task, in single precision, without a KL penalty.

usage: grpo_trl.py THREADS
"""
import json
import os
import resource
import sys
import tempfile
import time

os.environ.update(WANDB_DISABLED="true", HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
import tiny_task
import torch
import trl
from datasets import Dataset
from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM

ANSWERS, sys.stdout = sys.stdout, sys.stderr  # what the trainer logs is no answer


def character_tokenizer():
    ids = {c: i + tiny_task.SPECIAL for i, c in enumerate(tiny_task.CHARACTERS)}
    characters = Tokenizer(models.WordLevel({"<pad>": 0, "<bos>": 1, "<eos>": 2, **ids}, unk_token="<pad>"))
    characters.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    characters.decoder = decoders.Fuse()
    characters.post_processor = processors.TemplateProcessing(single="<bos> $A", special_tokens=[("<bos>", 1)])
    return PreTrainedTokenizerFast(
        tokenizer_object=characters, pad_token="<pad>", bos_token="<bos>", eos_token="<eos>", padding_side="left")


class InTurns(trl.GRPOTrainer):
    """Between two GRPO steps, reports the last one and waits for a line; at the end of the input the process ends."""

    started = None

    def _generate_and_score_completions(self, *args, **kwargs):
        if self.started is None:
            print(json.dumps({"ready": True}), file=ANSWERS, flush=True)
        else:
            seconds = time.perf_counter() - self.started
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)
            print(json.dumps({"seconds": seconds, "peak_rss_gib": round(peak, 3)}), file=ANSWERS, flush=True)
        if not sys.stdin.readline():
            os._exit(0)
        self.started = time.perf_counter()
        return super()._generate_and_score_completions(*args, **kwargs)


def reward(completions, answer, **_):
    return [tiny_task.reward(text, truth) for text, truth in zip(completions, answer)]


torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)
with tempfile.TemporaryDirectory() as out:
    settings = trl.GRPOConfig(
        output_dir=out, use_cpu=True, bf16=False, fp16=False, gradient_checkpointing=False,
        per_device_train_batch_size=tiny_task.PROMPTS * tiny_task.GROUP // tiny_task.UPDATES,
        gradient_accumulation_steps=1, steps_per_generation=tiny_task.UPDATES, num_iterations=1,
        num_generations=tiny_task.GROUP, max_completion_length=tiny_task.NEW_TOKENS,
        beta=0.0, temperature=1.0, top_p=1.0, top_k=0, loss_type="grpo",
        learning_rate=1e-4, lr_scheduler_type="constant", weight_decay=0.0, max_grad_norm=1.0, optim="adamw_torch",
        max_steps=1_000_000, logging_steps=tiny_task.UPDATES, save_strategy="no", report_to="none",
        disable_tqdm=True, seed=1)
    InTurns(
        model=Qwen2ForCausalLM(Qwen2Config(**tiny_task.MODEL)).float(), reward_funcs=reward, args=settings,
        train_dataset=Dataset.from_list(tiny_task.problems()), processing_class=character_tokenizer()).train()
