#!/usr/bin/env bash
# Kills tiny training runs at random moments, and compares what they end in with runs that were never interrupted.
#
#   scripts/chaos.sh --kills 200 --seed 1
exec env RLVR4J_MAIN=org.rlvr4j.cli.Chaos "$(dirname "${BASH_SOURCE[0]}")/rlvr4j" "$@"
