"""Advantages of published methods, computed by the functions of verl and of the methods' authors.

usage: advantages.py VERL MAXRL PASSK > rl/src/test/resources/golden/objectives/advantages_methods.json

VERL, MAXRL and PASSK are checkouts of volcengine/verl (b178a3cd), tajwarfahim/maxrl and RUCAIBox/Passk_Training. Their functions
are taken out of their files, as they need PyTorch and NumPy only; the files' other imports are not needed. Where there is no
function to call (TRL's trainer has its formulas in line; QAE's authors name two lines of verl to change), the formula stands below.
"""

import ast
import json
import subprocess
import sys
from collections import defaultdict
from math import comb
from types import SimpleNamespace
from typing import Optional

import numpy as np
import torch

torch.set_default_dtype(torch.float64)


def functions(checkout, path, names, **more):
    source = subprocess.run(
        ["git", "-C", checkout, "show", "HEAD:" + path], capture_output=True, text=True, check=True
    ).stdout
    tree = ast.parse(source)
    tree.body = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in names]
    for node in tree.body:
        node.decorator_list = []
    space = dict(torch=torch, np=np, defaultdict=defaultdict, Optional=Optional, AlgoConfig=object, comb=combinations, **more)
    exec(compile(tree, path, "exec"), space)
    return SimpleNamespace(**{name: space[name] for name in names})


def combinations(n, k):
    """As scipy.special.comb: 0 where there are none."""
    return comb(n, k) if 0 <= k <= n else 0


def main(verl_checkout, maxrl_checkout, passk_checkout):
    masked = functions(
        verl_checkout, "verl/utils/torch_functional.py", ["masked_sum", "masked_mean", "masked_var", "masked_whiten"]
    )
    verl = functions(
        verl_checkout,
        "verl/trainer/ppo/core_algos.py",
        [
            "compute_grpo_outcome_advantage",
            "compute_rloo_outcome_advantage",
            "compute_opo_outcome_advantage",
            "compute_reinforce_plus_plus_outcome_advantage",
            "compute_reinforce_plus_plus_baseline_outcome_advantage",
        ],
        verl_F=masked,
    )
    maxrl = functions(maxrl_checkout, "verl/trainer/ppo/core_algos.py", ["compute_maxrl_outcome_advantage"])
    passk = functions(passk_checkout, "code/passk_adv.py", ["calc_adv"])

    def per_response(advantage, batch, **more):
        rewards, mask = matrices(batch)
        return first_of_each(advantage(rewards, mask, index=np.array(batch["group"]), **more)[0])

    rows = []
    for batch in batches():
        whitened = verl.compute_reinforce_plus_plus_outcome_advantage(*matrices(batch), config=SimpleNamespace(gamma=1.0))
        expected = {
            "GROUP, byStd: false": per_response(
                verl.compute_grpo_outcome_advantage, batch, norm_adv_by_std_in_grpo=False
            ),
            "LEAVE_ONE_OUT": per_response(verl.compute_rloo_outcome_advantage, batch),
            "LENGTH_WEIGHTED": per_response(verl.compute_opo_outcome_advantage, batch),
            "TOKEN_WHITENED, groupBaseline: false": first_of_each(whitened[0]),
            "TOKEN_WHITENED": per_response(verl.compute_reinforce_plus_plus_baseline_outcome_advantage, batch),
            "QUANTILE": quantile(batch, 0.4),
            "BATCH": lite_ppo(batch),
            "PARTS": gdpo(batch),
        }
        if set(batch["reward"]) <= {0, 1}:
            expected["MEAN_RELATIVE"] = per_response(maxrl.compute_maxrl_outcome_advantage, batch)
            for k in (1, 2, 3):
                expected[f"ANY_OF_K, k: {k}"] = by_group(batch, lambda group: passk.calc_adv(group, k))
        rows.append({**batch, "expected": {name: list(map(float, row)) for name, row in expected.items()}})
    print('{"cases": [\n' + ",\n".join(map(json.dumps, rows)) + "\n]}")


def batches():
    random = np.random.default_rng(20)
    for values in ([0, 1], [-1, 0, 1], [-0.7, 0.1, 0.25, 1.0]):
        for groups, size in ((1, 4), (3, 4), (4, 6)):
            count = groups * size
            accuracy = random.choice(values, count).astype(float)
            if groups > 1:
                accuracy[:size] = values[-1]  # a group without contrast
            style = random.normal(size=count).round(3)
            yield {
                "group": [f"g{i // size}" for i in range(count)],
                "length": random.integers(1, 9, count).tolist(),
                "reward": accuracy.tolist(),
                "weights": {"accuracy": 1.0, "style": 0.3},
                "parts": {"accuracy": accuracy.tolist(), "style": style.tolist()},
            }


def matrices(batch):
    mask = torch.zeros(len(batch["length"]), max(batch["length"]))
    rewards = torch.zeros_like(mask)
    for i, length in enumerate(batch["length"]):
        mask[i, :length] = 1
        rewards[i, length - 1] = batch["reward"][i]
    return rewards, mask


def first_of_each(matrix):
    """Every token of a response has the same advantage, and each has a first token."""
    return matrix[:, 0].tolist()


def by_group(batch, function):
    values = np.array(batch["reward"])
    group = np.array(batch["group"])
    result = np.zeros(len(values))
    for name in dict.fromkeys(batch["group"]):
        result[group == name] = function(values[group == name])
    return result.tolist()


def quantile(batch, q):
    """verl's GRPO with the two lines that QAE's authors change."""

    def of(group):
        rewards = torch.tensor(group)
        return ((rewards - torch.quantile(rewards, q)) / (torch.std(rewards) + 1e-6)).numpy()

    return by_group(batch, of)


def lite_ppo(batch):
    """Group mean and batch standard deviation, as TRL's scale_rewards="batch"; the epsilon is verl's."""
    std = torch.tensor(batch["reward"]).std().item()
    return by_group(batch, lambda group: (group - group.mean()) / (std + 1e-6))


def gdpo(batch):
    """The lines of the authors' README, which are TRL's multi_objective_aggregation="normalize_then_sum"."""
    size = batch["group"].count("g0")
    weights = torch.tensor(list(batch["weights"].values()))
    grouped = torch.tensor(list(batch["parts"].values())).T.reshape(-1, size, len(weights))
    parts = (grouped - grouped.mean(dim=1, keepdim=True)) / (grouped.std(dim=1, keepdim=True) + 1e-4)
    sums = (parts.reshape(-1, len(weights)) * weights).sum(dim=1)
    return ((sums - sums.mean()) / (sums.std() + 1e-4)).tolist()


if __name__ == "__main__":
    main(*sys.argv[1:])
