#!/usr/bin/env bash
# Checks what mvn -Prelease deploy has staged by the rules of Maven Central, and by this project's own: every POM is whole and
# stands alone; every jar has sources, Javadoc and checksums; no path of this machine is in a POM.
#
#   scripts/check-staging.sh                  target/staging
#   scripts/check-staging.sh FOLDER
#   scripts/check-staging.sh --signed         every file must have a signature, too
set -euo pipefail

signed=no
if [ "${1:-}" = --signed ]; then
  signed=yes
  shift
fi
root=$(unset CDPATH && cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
folder=${1:-$root/target/staging}
problems=0
poms=0

problem() {
  echo "$1" >&2
  problems=$((problems + 1))
}

# The last file of a kind: deploying a SNAPSHOT again adds files and removes none.
newest() {
  find "$1" -name "$2" | sort -V | tail -n 1
}

check_file() {
  local file=$1 kind
  if [ ! -s "$file" ]; then
    problem "missing: $file"
    return
  fi
  for kind in md5 sha1; do
    if [ ! -f "$file.$kind" ]; then
      problem "without checksum: $file.$kind"
    elif [ "$(cut -d ' ' -f 1 "$file.$kind")" != "$("${kind}sum" "$file" | cut -d ' ' -f 1)" ]; then
      problem "wrong checksum: $file.$kind"
    fi
  done
  [ $signed = no ] || [ -f "$file.asc" ] || problem "not signed: $file"
}

has_entry() {
  unzip -l "$1" | grep " $2\$" >/dev/null || problem "no $2 in $1"
}

check_version() {
  local pom base element
  pom=$(newest "$1" '*.pom')
  base=${pom%.pom}
  poms=$((poms + 1))
  check_file "$pom"
  for element in groupId artifactId version name description url licenses developers scm; do
    grep -q "^  <$element[ >]" "$pom" || problem "no <$element> in $pom"
  done
  for element in '<parent>' '<repositories>' '${' 'file:' '<scope>test' "$HOME" "$root"; do
    ! grep -qF -- "$element" "$pom" || problem "$element must not be in $pom"
  done
  if ! grep -q '^  <packaging>pom' "$pom"; then
    check_file "$base.jar"
    check_file "$base-sources.jar"
    check_file "$base-javadoc.jar"
    has_entry "$base-javadoc.jar" index.html
    unzip -l "$base-sources.jar" | grep '\.java$' >/dev/null || problem "no source in $base-sources.jar"
    unzip -p "$base.jar" META-INF/MANIFEST.MF | grep '^Automatic-Module-Name: org\.rlvr4j\.' >/dev/null || problem "no module's name in $base.jar"
    ! grep -qE '<artifactId>(slf4j-nop|slf4j-simple|logback-classic|picocli)<' "$pom" || problem "a library needs no logging and no command line: $pom"
  fi
}

[ -d "$folder" ] || { echo "there is no $folder; mvn -Prelease deploy makes it" >&2; exit 2; }
while read -r version; do
  check_version "$version"
done < <(find "$folder" -name '*.pom' -printf '%h\n' | sort -u)

for module in bom tensor data model eval rl run; do
  [ -d "$folder/org/rlvr4j/rlvr4j-$module" ] || problem "not staged: rlvr4j-$module"
done

# A program without the BOM gets the safe versions only if data names them itself.
data=$(newest "$folder/org/rlvr4j/rlvr4j-data" '*.pom')
for artifact in parquet-hadoop parquet-column parquet-common parquet-variant snappy-java zstd-jni; do
  [ -n "$data" ] && grep -q "^ *<artifactId>$artifact</artifactId>" "$data" || problem "rlvr4j-data does not name $artifact"
done
echo "$poms POMs checked, $problems problems"
[ $problems -eq 0 ]
