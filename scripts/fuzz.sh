#!/usr/bin/env bash
# Reads damaged inputs of every format; the last line is the summary, and the exit code 1 if there was a fault.
#
#   scripts/fuzz.sh --inputs 5000000 --seed 1
#   scripts/fuzz.sh --seed 1 --only 12345      # shows one of them
#   scripts/fuzz.sh --inputs 500000 --seed 1 --format chat-template        # of one format, a space in its name as a hyphen
#   scripts/fuzz.sh --jazzer -max_total_time=1200 cli/target/jazzer        # by Jazzer, until there is a fault
#   scripts/fuzz.sh --jazzer --hooks=false cli/target/crash-0123456789ab   # shows it, without Jazzer's instructions
set -euo pipefail
cd "$(dirname "$0")/.."
export MAVEN_OPTS="--enable-native-access=ALL-UNNAMED ${MAVEN_OPTS:-}"
profile=fuzz
if [ "${1:-}" = --jazzer ]; then
  profile=jazzer
  shift
fi
exec mvn -q -B -DskipTests "-P$profile" process-test-classes -pl cli -am -Drlvr4j.fuzz="$*"
