"""What lm-evaluation-harness finds in answers to GSM8K, by its own task file, filters and metric.

usage: gsm8k_harness.py > eval/src/test/resources/golden/gsm8k/harness.jsonl
       gsm8k_harness.py TEST.jsonl EVALUATION
       gsm8k_harness.py TEST.jsonl EVALUATION TRAIN.jsonl CHECKPOINT

The first writes what the package makes of the responses below, for HarnessVerifierTest. The second grades the completions of an
evaluation (the --output of eval) of GSM8K's TEST.jsonl, and compares each verdict with that of rlvr4j. The third compares the
evaluation's first prompt with the package's, which takes as many first examples of TRAIN.jsonl. Needs lm-eval 0.4.13, and the
third datasets and transformers.
"""

import json
import pathlib
import sys
from importlib.metadata import version

import lm_eval
import yaml
from lm_eval.api.instance import Instance
from lm_eval.api.metrics import exact_match_hf_evaluate
from lm_eval.filters import build_filter_ensemble
from lm_eval.models.utils import postprocess_generated_text

TASK = yaml.safe_load(
    (pathlib.Path(lm_eval.__file__).parent / "tasks" / "gsm8k" / "gsm8k.yaml").read_text()
)
METRIC = TASK["metric_list"][0]
NAMES = [each["name"] for each in TASK["filter_list"]]

# (solution of the problem, response of a model)
CASES = [
    ("#### 18", "#### 18"),
    ("#### 18", "She makes 9 * 2 = 18 dollars.\n#### 18"),
    ("#### 18", "####18"),
    ("#### 18", "####  18"),
    ("#### 18", "### 18"),
    ("#### 18", "##### 18"),
    ("#### 18", "#### 18."),
    ("#### 18", "#### 18.0"),
    ("#### 18", "#### 18.00"),
    ("#### 18", "#### $18"),
    ("#### 18", "#### 18 dollars"),
    ("#### 18", "#### 18%"),
    ("#### 18", "#### **18**"),
    ("#### 18", "#### eighteen"),
    ("#### 18", "#### -18"),
    ("#### -18", "#### -18"),
    ("#### -18", "#### \u221218"),
    ("#### -18", "The balance is \u221218."),
    ("#### -18", "The balance is -18."),
    ("#### -18", "The balance is -$18."),
    ("#### -18", "The balance is $-18."),
    ("#### 18", "10-18"),
    ("#### 18", "28 - 10 = 18"),
    ("#### 18", "28-10=18"),
    ("#### 18", "#### 18\n#### 19"),
    ("#### 19", "#### 18\n#### 19"),
    ("#### 18", "#### 18\n\nThat is 2 more than 16."),
    ("#### 18", "The answer is 18."),
    ("#### 18", "The answer is 18"),
    ("#### 18", "The answer is $18."),
    ("#### 18", "The answer is $18.00."),
    ("#### 18", "The answer is 18.."),
    ("#### 18", "The answer is 18..."),
    ("#### 18", "The answer is 18 ..."),
    ("#### 18", "The answer is 18, right?"),
    ("#### 18", "The answer is 18; the rest is 0,"),
    ("#### 8", "The answer is 8."),
    ("#### 8", "The answer is 8"),
    ("#### 8", "8"),
    ("#### 8", "8 apples, and that is all."),
    ("#### 8", "\\boxed{8}"),
    ("#### 18", "\\boxed{18}"),
    ("#### 18", "$\\boxed{18}$"),
    ("#### 18", "The cost is 18$."),
    ("#### 18", "18 (not 17)"),
    ("#### 18", "Step 1: 9 * 2 = 18.\nStep 2"),
    ("#### 18", "I do not know."),
    ("#### 18", ""),
    ("#### 18", "   \n"),
    ("#### 18", "..."),
    ("#### 18", "18 ,,"),
    ("#### 18", "$$ 18 $$"),
    ("#### 70000", "He made a profit of $70,000."),
    ("#### 70,000", "He made a profit of 70000"),
    ("#### 70000", "#### 70,000"),
    ("#### 70000", "#### 7,0000"),
    ("#### 70000", "#### 70 000"),
    ("#### 70000", "70 000"),
    ("#### 70000", "7e4"),
    ("#### 2.5", "It takes 2.5 hours."),
    ("#### 2.5", "It takes 2.50 hours."),
    ("#### 2.5", "It takes 5/2 hours."),
    ("#### .5", "#### 0.5"),
    ("#### .5", "#### .5"),
    ("#### 0.5", "half, or .5"),
    ("#### 50", "50%"),
    ("#### 50", "50 percent of 100 is 50 percent"),
    ("#### 5", "There are \u0665 of them."),
    ("#### 5", "\uff15"),
    ("#### 12", "It opens at 10:12"),
    ("#### 12", "a12b"),
    ("#### 12", "12\u00a0km"),
    ("#### 1000000", "$1,000,000.00"),
    ("#### 1000000", "1,000,000,"),
    ("Half of 20 is <<20/2=10>>10.\n#### 10", "<<20/2=10>>10"),
    ("Half of 20 is <<20/2=10>>10.\n#### 10", "Half of 20 is <<20/2=10>>10.\n#### 10"),
    ("#### 10", "10\nQuestion: And 3 more?\nAnswer: 13"),
    ("#### 10", "#### 10</s> and 11"),
    ("#### 10", "10 <|im_end|> 12 Question: 14"),
    ("#### 10", "Question: 10"),
    ("#### 10", "The answer is X #### 10 #### 12"),
    ("#### 18", "A #### B #### 18"),
]


def graded(pairs):
    """For each pair of a solution and a response: by each filter, what it finds and whether that matches."""
    instances = [
        Instance(
            "generate_until", {"answer": solution}, ("", {}), 0,
            resps=[postprocess_generated_text(response, TASK["generation_kwargs"]["until"], None)],
        )
        for solution, response in pairs
    ]
    for each in TASK["filter_list"]:
        steps = [
            (step["function"], {key: value for key, value in step.items() if key != "function"})
            for step in each["filter"]
        ]
        build_filter_ensemble(each["name"], steps).apply(instances)
    return [
        {
            name: {
                "found": instance.filtered_resps[name],
                "match": bool(
                    exact_match_hf_evaluate(
                        predictions=[instance.filtered_resps[name]],
                        references=[instance.doc["answer"]],
                        regexes_to_ignore=METRIC["regexes_to_ignore"],
                        ignore_case=METRIC["ignore_case"],
                        ignore_punctuation=METRIC["ignore_punctuation"],
                    )["exact_match"]
                ),
            }
            for name in NAMES
        }
        for instance in instances
    ]


def write_cases():
    print(json.dumps({"how": "scripts/golden/gsm8k_harness.py, lm-eval " + version("lm-eval")}))
    for (solution, response), verdicts in zip(CASES, graded(CASES)):
        print(json.dumps({"solution": solution, "response": response} | verdicts))


def compare(test, evaluation):
    solutions = [json.loads(line)["answer"] for line in open(test, encoding="utf-8")]
    lines = [json.loads(line) for line in open(pathlib.Path(evaluation) / "completions.jsonl", encoding="utf-8")]
    pairs = [(solutions[int(line["problem"].rsplit("/", 1)[1]) - 1], line["response"]) for line in lines]
    differences = 0
    right = dict.fromkeys(NAMES, 0)
    for line, verdicts in zip(lines, graded(pairs)):
        for name in NAMES:
            right[name] += verdicts[name]["match"]
            if verdicts[name]["match"] != (line["parts"][name] == 1):
                differences += 1
                print(name, line["problem"], line["sample"], verdicts[name], "but rlvr4j", line["parts"][name])
    print(len(lines), "completions; right by lm-eval:", right, "; verdicts that differ:", differences)
    apart = [
        line for line in lines
        if line["parts"].get("number", 0) != line["parts"]["flexible-extract"]
    ]
    print("number and flexible-extract differ in", len(apart))
    for line in apart:
        print(" ", line["problem"], line["accepted"], repr(line["response"][-80:]))


def compare_prompts(test, evaluation, train, checkpoint):
    from lm_eval.api.task import ConfigurableTask
    from transformers import AutoTokenizer

    settings = yaml.safe_load((pathlib.Path(evaluation) / "settings.yaml").read_text())
    protocol = settings["protocols"]["GSM8K"]
    files = {"data_files": {"train": train, "test": test}}
    local = {"dataset_path": "json", "dataset_name": None, "dataset_kwargs": files}
    task = ConfigurableTask(config=TASK | local | {"tag": None, "fewshot_config": {"sampler": "first_n"}})
    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    chat = protocol["form"] == "CHAT"
    theirs = task.fewshot_context(
        task.dataset["test"][0],
        num_fewshot=len(protocol["examples"]),
        apply_chat_template=chat,
        fewshot_as_multiturn=chat,
        chat_template=lambda turns, **more: tokenizer.apply_chat_template(turns, tokenize=False, **more),
    )
    print(protocol["form"], "prompts are equal:", settings["prompts"]["GSM8K"] == theirs)


if __name__ == "__main__":
    {1: write_cases, 3: compare, 5: compare_prompts}[len(sys.argv)](*sys.argv[1:])
