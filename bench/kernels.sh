#!/bin/sh
# Times the CPU kernels with JMH, from a clone.
usage="usage: bench/kernels.sh [REGEX] [JMH OPTIONS]

  REGEX        benchmarks to run, as in Linear, Attention, Row, Token, Video, Optimizer or
               linearGelu (default: all, 12 minutes)
  JMH OPTIONS  such as -p shape=624x1536x384 -p threads=1, -f 3 -wi 20 -i 10 for more certain
               figures, -l for a list; -h prints them all"

fail() {
  echo "kernels.sh: $1" >&2
  exit "${2:-1}"
}

case ${1:-} in
  --help) echo "$usage"; exit 0 ;;
esac

home=$(cd -P "$(dirname "$0")/.." && pwd) || exit 1
[ -e "$home/pom.xml" ] || fail "works in a clone only: this is a bundle"
mkdir -p "$home/target" && log=$home/target/kernels.log || exit 1

# The JDK that the launcher finds.
"$home/tenzing" doctor --json >"$log" 2>&1 || { cat "$log" >&2; fail "./tenzing doctor failed"; }
jdk=$(sed -n 's/.*"home": *"\([^"]*\)".*/\1/p' "$log")

rm -rf "$home/benchmarks/target/app"
(cd "$home" && JAVA_HOME=$jdk mvn -B -ntp -q -Dexec.skip=true -Dmaven.test.skip=true \
  -pl benchmarks -am package >"$log" 2>&1) ||
  { grep '^\[ERROR\]' "$log" >&2; fail "the build failed; Maven's output is in $log"; }

# JMH gives these options to the processes that it starts.
exec "$jdk/bin/java" -XX:+UseSerialGC --add-modules=jdk.incubator.vector \
  --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
  -cp "$home/benchmarks/target/app/*" dev.tenzing.benchmarks.KernelRun "$@"
