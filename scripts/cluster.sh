#!/usr/bin/env bash
# Several machines, on this one: starts a standalone master and two workers of Apache Spark, trains on them by spark-submit, trains
# in one process, and compares what both have written, byte by byte.
#
#   scripts/cluster.sh                                                the main job as a glance, three minutes
#   scripts/cluster.sh configs/tiny.yaml --set training.gradientShards=8
#
# CLUSTER_DIR is where it works (default: a new folder, removed at the end); docs/cluster.md says more.
set -euo pipefail

root=$(unset CDPATH && cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
cd "$root"
arguments=("$@")
if [ ${#arguments[@]} -eq 0 ]; then
  arguments=(configs/tiny.yaml --quick --set training.gradientShards=8)
fi

scripts/rlvr4j train --help --workers=spark >/dev/null # builds, if it is not built
java=${JAVA_HOME:+$JAVA_HOME/bin/}java
for home in "${JAVA_HOME:-}" /usr/lib/jvm/* ~/.sdkman/candidates/java/* ~/.jdks/*; do
  if [ -r "$home/release" ] && grep -q 'JAVA_VERSION="25' "$home/release"; then
    java=$home/bin/java
    break
  fi
done

export SPARK_HOME=$root/spark/target/spark SPARK_SCALA_VERSION=2.13
JAVA_HOME=$(dirname "$(dirname "$java")") # for the executors
export JAVA_HOME
dir=${CLUSTER_DIR:-$(mktemp -d)}
mkdir -p "$dir"
pids=()
end() {
  kill "${pids[@]}" 2>/dev/null || true
  wait 2>/dev/null || true
  [ -n "${CLUSTER_DIR:-}" ] || rm -rf "$dir"
}
trap end EXIT

spark() { # CLASS ARGUMENTS...
  "$java" @spark/jvm.options @cli/jvm.options -cp "$SPARK_HOME/jars/*" "$@"
}

wait_for() { # FILE TEXT
  for _ in $(seq 120); do
    if grep -q "$2" "$1" 2>/dev/null; then return; fi
    sleep 0.5
  done
  echo "cluster.sh: \"$2\" did not appear in $1" >&2
  exit 1
}

spark org.apache.spark.deploy.master.Master --host 127.0.0.1 --port 0 --webui-port 0 >"$dir/master.log" 2>&1 &
pids+=($!)
wait_for "$dir/master.log" "Starting Spark master at"
master=$(sed -n 's/.*Starting Spark master at \(spark:[^ ]*\).*/\1/p' "$dir/master.log")
for worker in 1 2; do
  spark org.apache.spark.deploy.worker.Worker --host 127.0.0.1 --cores 1 --memory 1g --webui-port 0 \
    --work-dir "$dir/worker-$worker" "$master" >"$dir/worker-$worker.log" 2>&1 &
  pids+=($!)
done
wait_for "$dir/worker-1.log" "Successfully registered with master"
wait_for "$dir/worker-2.log" "Successfully registered with master"
echo "cluster.sh: $master with two workers; logs in $dir"

spark org.apache.spark.deploy.SparkSubmit --master "$master" --class org.rlvr4j.spark.Main --executor-memory 1g \
  --conf spark.executor.cores=1 --conf spark.ui.enabled=false --conf spark.driver.host=127.0.0.1 \
  spark/target/rlvr4j-spark.jar ablate "${arguments[@]}" --set "output=$dir/there"
echo
echo "cluster.sh: the same in one process"
scripts/rlvr4j ablate "${arguments[@]}" --set "output=$dir/here"

digests() {
  (cd "$1" && find . \( -name '*.jsonl' -o -name '*.safetensors' \) ! -name timings.jsonl | sort | xargs sha256sum)
}
if [ "$(digests "$dir/there")" = "$(digests "$dir/here")" ]; then
  echo "cluster.sh: $(digests "$dir/here" | wc -l) files of metrics, completions and weights, the same bytes"
else
  diff <(digests "$dir/there") <(digests "$dir/here") || true
  echo "cluster.sh: the files differ" >&2
  exit 1
fi
