#!/usr/bin/env bash
# Trains the tiny model, and prints by the minute what memory, threads and files the process holds.
#
#   scripts/soak.sh --minutes 120
#
# All of the heap is touched at the start, full collections leave nothing dead (three of four would leave up to 5 %, to
# move less), malloc gives back what the compiler no longer needs, and the many full collections of the measurement do
# not make the JVM take compiled code for unused: what grows then is the program's.
options="-Xms256m -Xmx256m -XX:+AlwaysPreTouch -XX:MarkSweepDeadRatio=0 -XX:TrimNativeHeapInterval=30000"
options+=" -XX:-MethodFlushing"
exec env RLVR4J_MAIN=org.rlvr4j.cli.Soak RLVR4J_JAVA_OPTS="$options ${RLVR4J_JAVA_OPTS:-}" \
  "$(dirname "${BASH_SOURCE[0]}")/rlvr4j" "$@"
