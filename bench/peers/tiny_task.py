"""Sums such as "27+18+45=", character by character: the task and model of TinyTask.java."""
import random
import re

CHARACTERS = "0123456789+-*=() ?;.abcdefghijklmnopqrstuvwxyz{}\\<|>"
PAD, BEGIN, END, SPECIAL = 0, 1, 2, 3
PROMPTS, GROUP, UPDATES, NEW_TOKENS = 32, 16, 4, 32
MODEL = dict(
    vocab_size=64, hidden_size=128, intermediate_size=384, num_hidden_layers=4, num_attention_heads=4,
    num_key_value_heads=2, max_position_embeddings=128, tie_word_embeddings=True,
    bos_token_id=BEGIN, eos_token_id=END, pad_token_id=PAD)


def problems(count=512, seed=1234):
    source = random.Random(seed)
    rows = []
    for _ in range(count):
        terms = [source.randint(2, 49) for _ in range(3)]
        rows.append(dict(prompt="+".join(map(str, terms)) + "=", answer=sum(terms)))
    return rows


def reward(text, answer):
    """1 if what is boxed is right, 0 if it is wrong, -1 if nothing is boxed."""
    boxed = re.search(r"\\boxed\{(-?\d+)\}", text)
    return -1.0 if boxed is None else float(int(boxed.group(1)) == answer)
