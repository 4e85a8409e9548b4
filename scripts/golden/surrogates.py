"""Writes losses, gradients and clip bounds of other implementations in double precision, for SurrogateGoldenTest.

Usage: python surrogates.py VERL VESPO BANDPO > surrogates.json

VERL is verl/trainer/ppo/core_algos.py of verl-project/verl at 1dda039, VESPO recipe/vespo/code/core_algos.py of
FloyedShen/VESPO at aa1f304, BANDPO the folder RLtraining/verl/verl/bandpo/band of OpenMOSS/BandPO at 0de49cd. Their files
are run as they are, beside stand-ins for what they import. Needs torch 2.15 and trl 1.16.
"""

import importlib.util
import json
import pathlib
import sys
import types
from unittest.mock import MagicMock

import torch

torch.set_default_dtype(torch.float64)
VERL, VESPO, BANDPO = sys.argv[1:]


class Config(dict):
    """What the losses read of their configurations: attributes, get, and the sizes of a whole batch."""

    __getattr__ = dict.get
    global_batch_info = {}


def module(name, **members):
    sys.modules[name] = types.ModuleType(name)
    for key, value in members.items():
        setattr(sys.modules[name], key, value)
    return sys.modules[name]


def load(name, path):
    spec = importlib.util.spec_from_file_location(name, path)
    loaded = importlib.util.module_from_spec(spec)
    sys.modules[name] = loaded
    spec.loader.exec_module(loaded)
    return loaded


def masked_sum(values, mask, axis=None):
    return torch.where(mask.bool(), values, 0).sum(axis)


def masked_mean(values, mask, axis=None):
    return masked_sum(values, mask, axis) / (mask.sum(axis) + 1e-8)


for package in ("verl", "verl.utils", "verl.trainer", "verl.trainer.ppo", "verl.workers", "verl.bandpo", "verl.bandpo.band"):
    module(package, as_torch_index=None, group_mean_std=None)
module("omegaconf", DictConfig=Config)
functions = module("verl.utils.torch_functional", masked_mean=masked_mean, masked_sum=masked_sum)
sys.modules["verl.utils"].torch_functional = functions
module("verl.utils.import_utils", deprecated=lambda _: lambda function: function)
module("verl.trainer.config", AlgoConfig=type("AlgoConfig", (), {}))
module("verl.workers.config", ActorConfig=Config)
verl = load("verl.trainer.ppo.core_algos", VERL)
sys.modules["verl.trainer.ppo"].core_algos = verl
vespo = load("vespo", VESPO)
load("verl.bandpo.band.solver", pathlib.Path(BANDPO) / "solver.py")
bandpo = load("verl.bandpo.band.band", pathlib.Path(BANDPO) / "band.py")

from trl.trainer.grpo_trainer import GRPOTrainer  # noqa: E402, after the stand-ins

LENGTHS = [5, 1, 7, 3, 6, 4, 2, 7]
ADVANTAGES = [1.2, -0.7, -1.1, 0.4, 0.9, -0.3, 0.5, -1.6]
B, T = len(LENGTHS), max(LENGTHS)


def inputs(seed, spread):
    random = torch.Generator().manual_seed(seed)
    old = -torch.rand(B, T, generator=random) ** 2 * 5 - 0.01
    log_prob = torch.clamp(old + spread * torch.randn(B, T, generator=random), max=-0.002)
    ref = torch.clamp(log_prob + 0.4 * torch.randn(B, T, generator=random), max=-0.002)
    entropy = torch.rand(B, T, generator=random) * 2
    mask = (torch.arange(T)[None, :] < torch.tensor(LENGTHS)[:, None]).double()
    return {"old": old, "log_prob": log_prob, "ref": ref, "entropy": entropy, "mask": mask}


def padded(values):
    return [[round(float(x), 15) for x in row] for row in values]


def run(name, batch, loss_of, agg, **settings):
    log_prob = batch["log_prob"].clone().requires_grad_()
    loss, metrics = loss_of(log_prob)
    loss.backward()
    row = {"name": name, "agg": agg, "settings": settings, "loss": loss.item(), "grad": padded(log_prob.grad)}
    if "actor/pg_clipfrac" in metrics:
        row["clipfrac"] = metrics["actor/pg_clipfrac"]
    return row


def verl_run(name, mode, batch, agg, config, **settings):
    function = verl.get_policy_loss_fn(mode) if mode != "vespo" else verl.get_policy_loss_fn("vespo")
    advantages = torch.tensor(ADVANTAGES)[:, None].expand(B, T) * batch["mask"]
    return run(
        name, batch,
        lambda log_prob: function(batch["old"], log_prob, advantages, batch["mask"], agg, Config(config)),
        agg, **settings)


def trl_run(name, batch, agg, args, coefficients=None, **settings):
    def loss_of(log_prob):
        trainer = MagicMock()
        trainer.accelerator.gather = trainer.accelerator.gather_for_metrics = lambda x: x
        trainer.accelerator.reduce = lambda x, reduction=None: x
        trainer.accelerator.pad_across_processes = lambda x, **_: x
        trainer.accelerator.num_processes = 1
        trainer.current_gradient_accumulation_steps = 1
        trainer.aux_loss_enabled = trainer.use_vllm = trainer.use_adaptive_entropy = False
        trainer.model.training = False
        trainer.top_entropy_quantile, trainer.off_policy_mask_threshold = 1.0, None
        trainer.importance_sampling_level, trainer.beta, trainer.loss_type = "token", 0.0, "grpo"
        trainer.epsilon_low, trainer.epsilon_high, trainer.max_completion_length = 0.2, 0.2, T
        trainer._entropy_bonus_enabled = False
        trainer.args.delta, trainer.args.use_bias_correction_kl = None, False
        for key, value in args.items():
            setattr(trainer.args if hasattr(type(trainer), key) else trainer, key, value)
            setattr(trainer.args, key, value)
        trainer.get_high_entropy_mask = lambda *a: GRPOTrainer.get_high_entropy_mask(trainer, *a)
        trainer.get_off_policy_mask = GRPOTrainer.get_off_policy_mask
        trainer.get_gamma_weights = GRPOTrainer.get_gamma_weights
        trainer._get_per_token_logps_and_entropies = lambda *_, **__: (log_prob, batch["entropy"], None)
        ids = torch.zeros(B, T, dtype=torch.long)
        given = {
            "prompt_ids": ids, "prompt_mask": batch["mask"], "completion_ids": ids, "completion_mask": batch["mask"],
            "advantages": torch.tensor(ADVANTAGES), "old_per_token_logps": batch["old"], "ref_per_token_logps": batch["ref"],
            "num_items_in_batch": batch["mask"].sum()}
        return GRPOTrainer._compute_loss(trainer, None, given), {}

    return run(name, batch, loss_of, agg, **settings)


def runs(batch):
    tokens, means = "token-mean", "seq-mean-token-mean"
    clip = {"clip_ratio": 0.2, "clip_ratio_low": 0.2, "clip_ratio_high": 0.28, "clip_ratio_c": 3.0}
    band = {"clipLow": 0.2, "clipHigh": 0.28}
    policy = {"clip_cov_ratio": 1.0, "clip_cov_lb": 0.1, "clip_cov_ub": 0.8, "kl_cov_ratio": 0.2, "ppo_kl_coef": 0.7}
    covs = {**clip, "policy_loss": Config(policy)}
    kernel = {"policy_loss": Config({"vespo": {"k_pos": 2.0, "lambda_pos": 3.0, "k_neg": 3.0, "lambda_neg": 2.0}})}
    powers = {"kPositive": 2.0, "lambdaPositive": 3.0, "kNegative": 3.0, "lambdaNegative": 2.0}
    temperatures = {"sapo_temperature_pos": 1.0, "sapo_temperature_neg": 1.05}
    return [
        verl_run("verl cispo", "cispo", batch, tokens, clip, SURROGATE={"kind": "CISPO"}, CLIP={"kind": "FIXED", **band}),
        verl_run("verl sapo", "sapo", batch, means, {"tau_pos": 1.0, "tau_neg": 1.05},
                 SURROGATE={"kind": "SAPO", "tauPositive": 1.0, "tauNegative": 1.05}),
        verl_run("verl geo_mean", "geo_mean", batch, means, {"clip_ratio": 0.4, "clip_ratio_low": 0.3, "clip_ratio_high": 0.4},
                 SURROGATE={"kind": "GMPO"},
                 CLIP={"kind": "FIXED", "clipLow": float(1 - torch.tensor(-0.3).exp()),
                       "clipHigh": float(torch.tensor(0.4).exp() - 1)}),
        verl_run("verl dppo_tv", "dppo_tv", batch, tokens,
                 {"clip_ratio": 0.15, "clip_ratio_low": 0.1, "clip_ratio_high": 0.15, "clip_ratio_c": 1.5},
                 SURROGATE={"kind": "MASKED", "truncation": 1.5},
                 CLIP={"kind": "TOTAL_VARIATION", "clipLow": 0.1, "clipHigh": 0.15, "maxRatio": "infinity"}),
        verl_run("verl dppo_kl", "dppo_kl", batch, tokens,
                 {"clip_ratio": 0.05, "clip_ratio_low": 0.02, "clip_ratio_high": 0.05, "clip_ratio_c": 20.0},
                 SURROGATE={"kind": "MASKED", "truncation": 20},
                 CLIP={"kind": "KL", "clipLow": 0.02, "clipHigh": 0.05, "maxRatio": "infinity"}),
        verl_run("verl clip_cov", "clip_cov", batch, tokens, covs, CLIP={"kind": "FIXED", **band},
                 GATE={"kind": "CLIP_COV", "share": 1.0, "covLow": 0.1, "covHigh": 0.8}),
        verl_run("verl kl_cov", "kl_cov", batch, tokens, covs,
                 CLIP={"kind": "FIXED", "clipLow": 1.0, "clipHigh": "infinity"},
                 GATE={"kind": "KL_COV", "share": 0.2, "coefficient": 0.7}),
        verl_run("verl gspo", "gspo", batch, means, clip, RATIO={"kind": "SEQUENCE"}, CLIP={"kind": "FIXED", **band}),
        verl_run("vespo", "vespo", batch, tokens, kernel, SURROGATE={"kind": "VESPO", **powers}),
        trl_run("trl cispo, which is truncated importance sampling", batch, tokens, {"loss_type": "cispo", "epsilon_high": 1.3},
                SURROGATE={"kind": "TIS", "truncation": 1.3}),
        trl_run("trl sapo", batch, means, {"loss_type": "sapo", **temperatures},
                SURROGATE={"kind": "SAPO", "tauPositive": 1.0, "tauNegative": 1.05}),
        trl_run("trl vespo", batch, tokens,
                {"loss_type": "vespo", "vespo_k_pos": 2.0, "vespo_lambda_pos": 3.0, "vespo_k_neg": 3.0, "vespo_lambda_neg": 2.0},
                SURROGATE={"kind": "VESPO", **powers}),
        trl_run("trl off-policy mask", batch, means, {"off_policy_mask_threshold": 0.05},
                GATE={"kind": "OFF_POLICY", "maxDivergence": 0.05}),
        trl_run("trl top entropy", batch, means, {"top_entropy_quantile": 0.3}, GATE={"kind": "TOP_ENTROPY", "share": 0.3}),
        trl_run("trl unbiased KL", batch, means, {"beta": 0.3, "use_bias_correction_kl": True},
                KL={"kind": "K3_UNBIASED", "coefficient": 0.3}),
        trl_run("trl entropy bonus", batch, "token-mean", {"loss_type": "bnpo", "_entropy_bonus_enabled": True, "entropy_coef": 0.2},
                ENTROPY={"kind": "BONUS", "coefficient": 0.2}),
    ]


def bounds():
    old = torch.log(torch.tensor([1e-5, 1e-4, 1e-3, 0.01, 0.08, 0.3, 0.5, 0.7, 0.9, 0.99, 0.9999]))
    kinds = {"bandtv": "TOTAL_VARIATION", "bandchi2": "CHI_SQUARED", "bandkl": "KL"}
    rows = []
    for method, kind in kinds.items():
        for delta in (0.01, 0.05, 0.2):
            low, high = bandpo.band(old, method=method, delta=delta, does_relax_high_p_bound=False, upper_bound_max=100.0)
            rows.append({"kind": kind, "delta": delta, "max": 100.0, "old_log_prob": old.tolist(), "low": low.tolist(),
                         "high": high.tolist()})
    return rows


def case(seed, spread):
    batch = inputs(seed, spread)
    names = {"old_log_prob": "old", "log_prob": "log_prob", "ref_log_prob": "ref", "entropy": "entropy"}
    given = {name: padded(batch[key]) for name, key in names.items()}
    # the numbers as written are the numbers that are run
    for name, key in names.items():
        batch[key] = torch.tensor(given[name])
    return {"inputs": {"length": LENGTHS, "advantage": ADVANTAGES, **given}, "runs": runs(batch)}


print(json.dumps({"cases": [case(1, 0.35), case(2, 1.5)], "bounds": bounds()}, separators=(",", ":")))
