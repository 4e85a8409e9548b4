#!/usr/bin/env bash
# Reads damaged inputs of every format; the last line is the summary, and the exit code 1 if there was a fault.
#
#   scripts/fuzz.sh --inputs 5000000 --seed 1
#   scripts/fuzz.sh --seed 1 --only 12345      # shows one of them
set -euo pipefail
cd "$(dirname "$0")/.."
export MAVEN_OPTS="--enable-native-access=ALL-UNNAMED ${MAVEN_OPTS:-}"
exec mvn -q -B -DskipTests -Pfuzz process-test-classes -pl cli -am -Drlvr4j.fuzz="$*"
