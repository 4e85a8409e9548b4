#!/usr/bin/env bash
# Trains the tiny model, and prints by the minute what memory, threads and files the process holds.
#
#   scripts/soak.sh --minutes 120
exec env RLVR4J_MAIN=org.rlvr4j.cli.Soak RLVR4J_JAVA_OPTS="${RLVR4J_JAVA_OPTS:-} -Xms256m -Xmx256m -XX:+AlwaysPreTouch" \
  "$(dirname "${BASH_SOURCE[0]}")/rlvr4j" "$@"
