"""TRL's trainer of GRPO in turns with another program; imported first, as it takes standard output for its answers."""
import json
import os
import resource
import sys
import time

os.environ.update(WANDB_DISABLED="true", HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")
ANSWERS, sys.stdout = sys.stdout, sys.stderr  # what the trainer logs is no answer
import trl


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


def settings(out, task, **others):
    """Settings of a step: single precision, a mini-batch for each update, no penalty, plain sampling."""
    return trl.GRPOConfig(
        output_dir=out, use_cpu=True, bf16=False, fp16=False, gradient_checkpointing=False,
        per_device_train_batch_size=task.PROMPTS * task.GROUP // task.UPDATES,
        gradient_accumulation_steps=1, steps_per_generation=task.UPDATES, num_iterations=1,
        num_generations=task.GROUP, max_completion_length=task.NEW_TOKENS,
        beta=0.0, temperature=1.0, top_p=1.0, top_k=0, loss_type="grpo",
        lr_scheduler_type="constant", weight_decay=0.0, max_grad_norm=1.0, optim="adamw_torch",
        max_steps=1_000_000, logging_steps=task.UPDATES, save_strategy="no", report_to="none",
        disable_tqdm=True, seed=1, **others)
