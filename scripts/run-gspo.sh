#!/usr/bin/env bash
# GSPO on Qwen2.5-Math, from download to evaluation: scripts/run-gspo.sh [1.5b|7b] [options of train]; see recipe.sh.
exec "$(dirname "${BASH_SOURCE[0]}")/recipe.sh" gspo "$@"
