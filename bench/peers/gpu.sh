#!/usr/bin/env bash
# Kernels, decoding and a training step on a device, beside PyTorch on the same: one line each.
#
#   PEERS_PYTHON=python bench/peers/gpu.sh [--device tornado:0] [--torch cuda] [--gigabytes 8] [--quick]
#
# TornadoVM's SDK has to be installed (docs/gpu.md). Without torch, or its device, there are our figures alone.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

device=tornado:0 torch=cuda gigabytes=8 quick=""
while [ $# -gt 0 ]; do
  case $1 in
    --device) device=$2; shift ;;
    --torch) torch=$2; shift ;;
    --gigabytes) gigabytes=$2; shift ;;
    --quick) quick=quick ;;
    *) echo "gpu.sh: unknown argument $1" >&2; exit 2 ;;
  esac
  shift
done

options=()
profile=()
modules=bench
path=bench/target/rlvr4j-bench.jar
if [ "$device" != cpu ]; then
  profile=(-Ptornado)
  modules=bench,tornado
  path=$path:tornado/target/rlvr4j-tornado.jar
  options=(@tornado/target/tornado-argfile.template @tornado/jvm.options)
fi
mvn -q -B -DskipTests package "${profile[@]}" -pl "$modules" -am
for home in "${JAVA_HOME:-}" /usr/lib/jvm/* /opt/*; do
  if grep -qs '^JAVA_VERSION="25[."]' "$home/release"; then
    java=$home/bin/java
    break
  fi
done
ours=$(mktemp)
theirs=$(mktemp)
trap 'rm -f "$ours" "$theirs"' EXIT
"${java:?gpu.sh: set JAVA_HOME to a JDK 25}" "${options[@]}" --add-modules=jdk.incubator.vector \
  --enable-native-access=ALL-UNNAMED -cp "$path" org.rlvr4j.bench.DeviceFigures "$device" "$gigabytes" $quick | tee "$ours" >&2
"${PEERS_PYTHON:-python3}" bench/peers/torch_device.py "$torch" $quick >"$theirs" \
  || echo "gpu.sh: PyTorch has no figures on $torch" >&2
printf '%-36s %12s %12s %8s\n' work ours torch ratio
awk -F'\t' 'NR == FNR { torch[$1] = $2; next }
  { r = torch[$1] ? sprintf("%.2f", $2 / torch[$1]) : "-"
    printf "%-36s %12s %12s %8s  %s\n", $1, $2, torch[$1] ? torch[$1] : "-", r, $3 }' "$theirs" "$ours"
