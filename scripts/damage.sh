#!/usr/bin/env bash
# Damages a checkpoint in one way after the other, and sees that it is not used.
#
#   scripts/damage.sh --count 10000 --seed 1
exec env RLVR4J_MAIN=org.rlvr4j.cli.DamagedCheckpoints "$(dirname "${BASH_SOURCE[0]}")/rlvr4j" "$@"
