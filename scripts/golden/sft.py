"""Writes what TRL's SFTTrainer learns of a few examples, and with which loss and gradient, for SupervisedGoldenTest.

Usage: python sft.py FOLDER

FOLDER is made: a checkpoint of a small random Qwen2 with its tokenizer, and of each layout the examples, the chat template,
the tokens and labels (golden.json), the loss of the first step, and its gradients (*.safetensors). The batch of a step has two
parts, whose gradients are accumulated. Needs trl 1.16, transformers 5.24, torch 2.15, datasets and tokenizers.
"""

import json
import pathlib
import sys
import tempfile

import torch
from datasets import Dataset
from safetensors.torch import save_file
from tokenizers import Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast, Qwen2Config, Qwen2ForCausalLM
from trl import SFTConfig, SFTTrainer

FOLDER = pathlib.Path(sys.argv[1])
SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
WORDS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"

CHATML = """{%- for message in messages %}
{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""

MARKED = """{%- for message in messages %}
{%- if message.role == 'assistant' %}
{{- '<|im_start|>assistant\\n' }}
{%- generation %}
{{- message.content + '<|im_end|>' }}
{%- endgeneration %}
{{- '\\n' }}
{%- else %}
{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}
{%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
{{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""


def turn(role, content):
    return {"role": role, "content": content}


USER = [turn("user", "What is seven times eight?")]
CASES = {
    "marked": (MARKED, [
        {"messages": [turn("system", "Be brief."), *USER, turn("assistant", "56")]},
        {"messages": [*USER, turn("assistant", "Fifty-six."), turn("user", "Plus one?"), turn("assistant", " 57, of course.")]},
        {"messages": [turn("user", "Où est la gare ?"), turn("assistant", "Là-bas → à gauche, déjà.")]},
        {"messages": [turn("user", "Count to three."), turn("assistant", "one\ntwo\nthree")]},
    ]),
    "completion": (CHATML, [
        {"prompt": USER, "completion": [turn("assistant", "56")]},
        {"prompt": [turn("system", "Be brief."), *USER], "completion": [turn("assistant", "It is 56.")]},
        {"prompt": [*USER, turn("assistant", "56"), turn("user", "Plus one?")], "completion": [turn("assistant", "57")]},
        {"prompt": [turn("user", "Count to three.")], "completion": [turn("assistant", "one\ntwo\nthree")]},
    ]),
    "plain": (CHATML, [
        {"prompt": "seven times eight =", "completion": " 56"},
        {"prompt": "seven times seven =", "completion": " 49, that is 7 * 7<|im_end|>"},
        {"prompt": "", "completion": "the whole is learned"},
        {"prompt": "count to three:\n", "completion": "one two three"},
    ]),
}


def tokenizer(texts):
    bpe = Tokenizer(models.BPE())
    bpe.normalizer = normalizers.NFC()
    bpe.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(WORDS), "isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
    ])
    bpe.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=300, special_tokens=[], initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    bpe.train_from_iterator(texts, trainer)
    bpe.add_special_tokens(SPECIAL)
    return PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token="<|im_end|>", pad_token="<|endoftext|>")


def texts(value):
    if isinstance(value, str):
        return [value]
    children = value.values() if isinstance(value, dict) else value
    return [text for child in children for text in texts(child)]


class Recording(SFTTrainer):
    """Keeps the loss and the gradients of the first step."""

    loss = 0.0

    def training_step(self, *args, **kwargs):
        part = super().training_step(*args, **kwargs)
        self.loss += part.item()
        self.gradients = {name: weight.grad.clone() for name, weight in self.model.named_parameters()}
        return part


def learned(model, tokens, template, examples, assistant_only):
    tokens.chat_template = template
    config = SFTConfig(
        output_dir=tempfile.mkdtemp(), max_steps=1, per_device_train_batch_size=2, gradient_accumulation_steps=2,
        learning_rate=1e-12, max_grad_norm=0, assistant_only_loss=assistant_only, bf16=False, use_cpu=True,
        save_strategy="no", report_to=[], disable_tqdm=True, gradient_checkpointing=False, max_length=None)
    trainer = Recording(model=model, args=config, train_dataset=Dataset.from_list(examples), processing_class=tokens)
    trainer.train()
    rows = [{"tokens": row["input_ids"], "labels": row["labels"]} for row in trainer.train_dataset]
    return {"loss": trainer.loss, "rows": rows}, trainer.gradients


def main():
    FOLDER.mkdir(parents=True)
    tokens = tokenizer(texts([examples for _, examples in CASES.values()]) + [CHATML])
    config = Qwen2Config(
        vocab_size=len(tokens), hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=2,
        num_key_value_heads=1, max_position_embeddings=256, tie_word_embeddings=True, bos_token_id=None,
        eos_token_id=tokens.eos_token_id, pad_token_id=tokens.pad_token_id)
    torch.manual_seed(1)
    model = Qwen2ForCausalLM(config)
    for weight in model.parameters():
        weight.data += 0.05 * torch.randn_like(weight)  # larger logits, and biases that are not 0
    tokens.chat_template = CHATML
    model.save_pretrained(FOLDER)
    tokens.save_pretrained(FOLDER)
    golden = {}
    for name, (template, examples) in CASES.items():
        fresh = Qwen2ForCausalLM.from_pretrained(FOLDER, dtype=torch.float32)
        golden[name], gradients = learned(fresh, tokens, template, examples, name == "marked")
        golden[name]["template"] = template
        save_file({key: value.contiguous() for key, value in gradients.items()}, FOLDER / f"{name}.safetensors")
        lines = (json.dumps(example, ensure_ascii=False) + "\n" for example in examples)
        (FOLDER / f"{name}.jsonl").write_text("".join(lines), encoding="utf-8")
    (FOLDER / "golden.json").write_text(json.dumps(golden, indent=1) + "\n")


main()
