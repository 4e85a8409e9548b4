#!/usr/bin/env bash
# The tests, figures and peers of a GPU, in a kit that travels: a machine with a GPU may have neither Maven nor network.
#
#   bench/peers/gpu.sh --kit              builds bench/target/gpu-kit, at most 60 MB, from TornadoVM's SDK (docs/gpu.md)
#   bench/peers/gpu.sh --built [...]      runs it; gpu-kit.sh in it does the same wherever the folder was copied to
#   bench/peers/gpu.sh [...]              builds it and runs it
#
# gpu-kit.sh has the arguments of a run. The kit is for the backend that the SDK was built for: on NVIDIA take CUDA's.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."

fail() {
  echo "gpu.sh: $1" >&2
  exit 2
}

kit=bench/target/gpu-kit
build=yes run=yes
case ${1:-} in
  --kit) run="" && shift ;;
  --built) build="" && shift ;;
esac

find_jdk_25() {
  local home
  for home in "${JAVA_HOME:-}" /usr/lib/jvm/* ~/.sdkman/candidates/java/* ~/.jdks/* /opt/*; do
    if [ -x "$home/bin/jlink" ] && grep -qs '^JAVA_VERSION="25[."]' "$home/release"; then
      echo "$home"
      return
    fi
  done
  return 1
}

# Copies a module of the SDK and all that it requires; other modules stay behind.
declare -A copied=()
copy_module() {
  local module=$1 described jar folder required
  [ -z "${copied[$module]:-}" ] || return 0
  copied[$module]=yes
  described=$("$jdk/bin/java" -p "$sdk/share/java/tornado" --upgrade-module-path "$sdk/share/java/graalJars" --describe-module "$module")
  jar=$(sed -n '1s|.* file://\([^ ]*\).*|\1|p' <<<"$described")
  [ -n "$jar" ] || return 0 # one of the JDK's
  folder=$(basename "$(dirname "$jar")")
  mkdir -p "$files/sdk/share/java/$folder"
  cp "$jar" "$files/sdk/share/java/$folder/"
  while read -r required; do
    copy_module "$required"
  done < <(sed -n 's/^requires \([^ ]*\).*/\1/p' <<<"$described")
}

build_kit() {
  local jdk sdk files template junit launcher name jar
  jdk=$(find_jdk_25) || fail "set JAVA_HOME to a JDK 25 with jlink"
  sdk=${TORNADOVM_HOME:-$HOME/.sdkman/candidates/tornadovm/current}
  template=$sdk/tornado-argfile.template
  [ -f "$template" ] || fail "TornadoVM's SDK for JDK 25 is not in $sdk; docs/gpu.md says how to install it"
  sdk=$(cd "$sdk" && pwd -P)
  files=$PWD/bench/target/gpu-kit-files
  rm -rf "$files" "$kit"
  mkdir -p "$files/lib" "$kit"

  JAVA_HOME=$jdk TORNADOVM_HOME=$sdk mvn -q -B -DskipTests -Ptornado -pl bench,tornado,cublas -am package \
    dependency:build-classpath -Dmdep.outputFile=target/test-path -Dmdep.includeScope=test
  # Our jars and those that tests load: Parquet with its codecs, for one, stays behind.
  for jar in $(tr : '\n' <tornado/target/test-path) bench/target/lib/picocli-*.jar; do
    name=$(basename "$jar")
    case $name in
      rlvr4j-* | junit-* | apiguardian-* | opentest4j-* | assertj-core-* | jackson-* | jspecify-* | re2j-* | byte-buddy-* | picocli-*) cp "$jar" "$files/lib/" ;;
    esac
  done
  cp bench/target/rlvr4j-bench.jar bench/target/lib/rlvr4j-*.jar tornado/target/rlvr4j-tornado.jar cublas/target/rlvr4j-cublas.jar "$files/lib/"
  cp -r tornado/target/test-classes "$files/tests"
  cp -r cublas/target/test-classes/. "$files/tests/"
  junit=$(basename "$files"/lib/junit-platform-engine-*.jar .jar)
  launcher=org.junit.platform:junit-platform-launcher:${junit##*-}
  mvn -q -B dependency:copy -Dartifact="$launcher" -DoutputDirectory="$files/lib" -Dmdep.useBaseVersion=true
  "$jdk/bin/javac" -d "$files/runner" -cp "$files/lib/*" bench/peers/DeviceTests.java

  "$jdk/bin/jlink" --output "$files/jdk" --strip-debug --no-header-files --no-man-pages --add-modules \
    java.xml,java.logging,java.management,java.instrument,jdk.management,jdk.unsupported,jdk.internal.vm.ci,jdk.graal.compiler,jdk.incubator.vector
  for name in $(sed -n '/^--add-modules/s/^--add-modules ALL-SYSTEM,//p' "$template" | tr , ' '); do
    copy_module "$name"
  done
  cp -r "$sdk/lib" "$sdk/etc" "$files/sdk/"
  # As in scripts/rlvr4j; folders are relative to where the kit is unpacked.
  # shellcheck disable=SC2016 # the template's text
  sed -e 's|${TORNADOVM_HOME}|sdk|g' -e '/UseParallelGC/d' -e 's|--module-path \.:|--module-path |' "$template" >"$files/sdk.options"
  cp tornado/jvm.options "$files/tornado.options"
  cp cli/jvm.options "$files/cli.options"
  git describe --always --dirty >"$files/commit" 2>/dev/null || echo unknown >"$files/commit"

  tar -C "$files" -cf - . | gzip -9 >"$kit/kit.tar.gz"
  cp bench/peers/gpu-kit.sh bench/peers/torch_device.py "$kit/"
  rm -rf "$files"
  echo "gpu.sh: $kit has $(du -sm "$kit" | cut -f 1) MB; $kit/gpu-kit.sh runs it, here or wherever the folder is copied to" >&2
}

[ -z "$build" ] || build_kit
[ -f "$kit/kit.tar.gz" ] || fail "there is no kit in $kit: build it by gpu.sh --kit"
[ -z "$run" ] || exec "$kit/gpu-kit.sh" "$@"
