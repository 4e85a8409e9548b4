#!/usr/bin/env bash
# DCPO on Qwen2.5-Math, from download to evaluation: scripts/run-dcpo.sh [1.5b|1.5b-lora|7b] [options of train]; see recipe.sh.
exec "$(dirname "${BASH_SOURCE[0]}")/recipe.sh" dcpo "$@"
