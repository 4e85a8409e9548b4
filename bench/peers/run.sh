#!/usr/bin/env bash
# This project against its peers, in turns: one line for each row of work.
#
#   PEERS_PYTHON=python bench/peers/run.sh [--quick] [--rounds N] [--list] [ROW...]
#
# ROW is a row's name or how it begins (linear, attention-512, train-2, ...); without any, all rows run. PEERS_PYTHON has
# torch, transformers and safetensors, and trl for the rows grpo; PEERS_PRETRAINED is the folder of a pretrained model, such
# as SmolLM2-135M-Instruct. What is missing skips its rows. Other checkpoints are made once, in PEERS_SCRATCH (2 GB).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

export PEERS_SCRATCH=${PEERS_SCRATCH:-${TMPDIR:-/tmp}/rlvr4j-peers}
python=${PEERS_PYTHON:-python3}
jars=$PEERS_SCRATCH/llama
mkdir -p "$jars"

is_jdk_25() {
  [ -x "$1/bin/java" ] && grep -q '^JAVA_VERSION="25[."]' "$1/release" 2>/dev/null
}

for home in "${JAVA_HOME:-}" /usr/lib/jvm/* /Library/Java/JavaVirtualMachines/*/Contents/Home /opt/*; do
  if is_jdk_25 "$home"; then
    export JAVA_HOME=$home
    break
  fi
done
is_jdk_25 "${JAVA_HOME:-}" || { echo "run.sh: set JAVA_HOME to a JDK 25" >&2; exit 2; }

mvn -q -B -DskipTests package -pl bench -am
for jar in de.kherud:llama:4.2.0 org.jetbrains:annotations:24.1.0; do
  mvn -q -B dependency:copy -Dartifact="$jar" -DoutputDirectory="$jars" >"$jars/log" 2>&1 || true
done

exec "$python" bench/peers/compare.py "$@"
