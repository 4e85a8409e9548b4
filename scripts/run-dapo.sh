#!/usr/bin/env bash
# DAPO on Qwen2.5-Math, from download to evaluation: scripts/run-dapo.sh [1.5b|7b] [options of train]; see recipe.sh.
exec "$(dirname "${BASH_SOURCE[0]}")/recipe.sh" dapo "$@"
