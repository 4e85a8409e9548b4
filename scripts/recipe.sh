#!/usr/bin/env bash
# A recipe from download to evaluation. run-grpo.sh, run-dapo.sh, run-gspo.sh and run-dcpo.sh call it.
#
#   scripts/run-dcpo.sh 1.5b                         Qwen2.5-Math-1.5B-Instruct, as the paper has it
#   scripts/run-dcpo.sh 1.5b-lora                    the same with adapters, on a machine with 24 GB of memory
#   scripts/run-dcpo.sh 3b                           Qwen2.5-3B
#   scripts/run-dcpo.sh 7b --variant script          Qwen2.5-Math-7B, as the published script ran
#   scripts/run-dcpo.sh 14b-lora                     Qwen2.5-14B with adapters
#   scripts/run-dcpo.sh 1.5b --set training.steps=5  any options of "rlvr4j train"
#
# The same line again resumes what was interrupted. Where things are, and what to set if they are elsewhere:
#
#   RLVR4J_MODEL  the model's folder; else downloads/models/<name>, else it is downloaded
#   RLVR4J_DATA   a folder with train.parquet and the suites, downloads/data if not set. Suites are downloaded.
#                 The paper's training set, DAPO-Math-17k and levels 3 to 5 of MATH, is not published: put yours there.
#   RLVR4J_RUN    the folder of the results; else runs/<recipe>
#   RLVR4J_EVAL   options of the evaluation in the end; else as published: Avg@32, of MATH-500 Avg@1 only
#   RLVR4J        the command; else scripts/rlvr4j
set -euo pipefail

fail() {
  echo "recipe: $1" >&2
  exit 2
}

# As a text in YAML.
quoted() {
  echo "'${1//\'/\'\'}'"
}

root=$(unset CDPATH && cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
rlvr4j=${RLVR4J:-$root/scripts/rlvr4j}
suites=(math500 amc2023 aime_2024 aime_2025)

method=$1
size=1.5b
shift
case ${1:-} in
  -*) ;;
  ?*)
    size=$1
    shift
    ;;
esac
recipe=$method-qwen2.5-math-$size
case $size in
  1.5b | 1.5b-lora) model_name=Qwen2.5-Math-1.5B-Instruct ;;
  7b) model_name=Qwen2.5-Math-7B ;;
  3b)
    model_name=Qwen2.5-3B
    recipe=$method-qwen2.5-$size
    ;;
  14b-lora)
    model_name=Qwen2.5-14B
    recipe=$method-qwen2.5-$size
    ;;
  *) fail "the size is 1.5b, 1.5b-lora, 3b, 7b or 14b-lora, not $size" ;;
esac

[ -f "$root/configs/$recipe.yaml" ] || fail "there is no configs/$recipe.yaml"
name=$recipe
previous=
for argument in "$@"; do # a variant has results of its own
  case $previous=$argument in
    --variant=*) name=$name-$argument ;;
    *=--variant=*) name=$name-${argument#--variant=} ;;
  esac
  previous=$argument
done
data=${RLVR4J_DATA:-$root/downloads/data}
run=${RLVR4J_RUN:-$root/runs/$name}

case " $*" in
  *" --set problems.training="* | *" --set=problems.training="*) ;;
  *)
    [ -f "$data/train.parquet" ] || fail "there is no $data/train.parquet. The paper's training set is not published; \
nearest are BytedTsinghua-SIA/DAPO-Math-17k and levels 3 to 5 of MATH, asked for \\boxed{} answers in verl's layout"
    ;;
esac
for suite in "${suites[@]}"; do
  if [ ! -f "$data/$suite.parquet" ]; then
    "$rlvr4j" download problems --to "$data" >/dev/null
  fi
done
model=${RLVR4J_MODEL:-$root/downloads/models/$model_name}
if [ -z "${RLVR4J_MODEL:-}" ] && [ ! -f "$model/config.json" ]; then
  model=$("$rlvr4j" download model "Qwen/$model_name")
fi

files=("${suites[@]/#/$data/}")
files=("${files[@]/%/.parquet}")
held_back=
for file in "${files[@]}"; do
  held_back+="${held_back:+, }$(quoted "$file")"
done
"$rlvr4j" train "$root/configs/$recipe.yaml" \
  --set "model.path=$(quoted "$model")" --set "model.tokenizer=$(quoted "$model")" \
  --set "problems.training=$(quoted "$data/train.parquet")" --set "problems.heldBack=[$held_back]" \
  "$@" --set "output=$(quoted "$run")"

read -r -a evaluation <<<"${RLVR4J_EVAL:---samples 32 --sampled AMC-23,AIME-24,AIME-25 --max-sequences 32}"
for checkpoint in "$run"/*/seed-*/checkpoint; do
  trained=(--model "$checkpoint")
  if [ -f "$checkpoint/adapter_config.json" ]; then
    trained=(--model "$model" --adapter "$checkpoint")
  fi
  steps=$(($(wc -l <"$checkpoint/../metrics.jsonl"))) # more of them are evaluated anew
  "$rlvr4j" eval "${files[@]}" "${trained[@]}" "${evaluation[@]}" \
    --output "$checkpoint/../evaluation-after-$steps" | tee "$checkpoint/../evaluation.txt"
done
