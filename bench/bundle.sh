#!/bin/sh
# Packs Tenzing with the Java it needs, for a Linux machine with nothing but an NVIDIA driver and
# CUDA libraries, or without a GPU. Made from a clone, for this machine's kind of processor.
usage="usage: bench/bundle.sh [--output FILE.tar.xz|FOLDER] [--no-video] [--tests]

  --output    the archive, or a folder that is not there yet
              (default: target/tenzing-linux-PROCESSOR.tar.xz)
  --no-video  leave FFmpeg out: no command will read or write videos
  --tests     add the tests of the GPU's kernels, for bench/gpu.sh"

fail() {
  echo "bundle.sh: $1" >&2
  exit "${2:-1}"
}

output=
video=true
tests=false
while [ $# -gt 0 ]; do
  case $1 in
    --output) [ $# -gt 1 ] || fail "--output needs a value" 2; output=$2; shift ;;
    --no-video) video=false ;;
    --tests) tests=true ;;
    -h | --help) echo "$usage"; exit 0 ;;
    *) fail "no option $1; bench/bundle.sh --help lists them" 2 ;;
  esac
  shift
done

home=$(cd -P "$(dirname "$0")/.." && pwd) || exit 1
[ -e "$home/pom.xml" ] || fail "works in a clone only: this is a bundle"
[ "$(uname -s)" = Linux ] || fail "makes bundles for Linux, on Linux"
name=tenzing-linux-$(uname -m)
output=${output:-$home/target/$name.tar.xz}
[ ! -d "$output" ] || fail "$output is there already; delete it or name another" 2

# Asking for the JDK that the launcher finds also brings the build up to date.
mkdir -p "$home/target" && work=$(mktemp -d "$home/target/bundle.XXXXXX") || exit 1
trap 'rm -rf "$work"' EXIT
trap 'exit 130' INT TERM
"$home/tenzing" doctor --json >"$work/doctor.json" 2>"$work/log" ||
  { cat "$work/log" >&2; fail "./tenzing doctor failed"; }
jdk=$(sed -n 's/.*"home": *"\([^"]*\)".*/\1/p' "$work/doctor.json")
[ -x "$jdk/bin/jlink" ] || fail "$jdk has no jlink: a whole JDK is needed"

stage=$work/$name
mkdir "$stage" "$stage/bench" "$stage/docs"

# zip-0: xz makes less of what is not compressed yet.
"$jdk/bin/jlink" --output "$stage/runtime" --strip-debug --no-header-files --no-man-pages \
  --compress zip-0 --add-modules \
  java.base,java.logging,java.management,jdk.incubator.vector,jdk.management,jdk.unsupported ||
  fail "jlink failed"
cp -R "$home/target/app" "$stage/app" || exit 1
rm -f "$stage/app/.built"
$video || rm -f "$stage"/app/ffmpeg-*-linux-*.jar "$stage"/app/javacpp-*-linux-*.jar
cp "$home/tenzing" "$home/LICENSE" "$home/README.md" "$stage/" &&
  cp "$home"/docs/*.md "$stage/docs/" && cp "$home/bench/gpu.sh" "$stage/bench/" || exit 1

if $tests; then
  # The two lower modules alone, whose tests need JUnit and nothing else.
  (cd "$home" && JAVA_HOME=$jdk mvn -B -ntp -q -Dexec.skip=true -pl engine -am test-compile \
    dependency:copy-dependencies -DincludeScope=test -DexcludeGroupIds=dev.tenzing \
    -DoutputDirectory="$stage/tests" >"$work/log" 2>&1) ||
    { grep '^\[ERROR\]' "$work/log" >&2; fail "Maven could not make the tests"; }
  cp -R "$home/engine/target/test-classes" "$stage/tests/classes" || exit 1
fi

mib() {
  du -sk --apparent-size "$1" | awk '{ printf "%.1f MiB", $1 / 1024 }'
}

size=$(mib "$stage")
case $output in
  *.tar.xz)
    mkdir -p "$(dirname "$output")" && tar -C "$work" --sort=name --owner=0 --group=0 \
      --numeric-owner -cJf "$work/bundle.tar.xz" "$name" && mv "$work/bundle.tar.xz" "$output" ||
      fail "could not write $output"
    echo "$output: $(mib "$output"), unpacked $size"
    ;;
  *)
    mkdir -p "$(dirname "$output")" && mv "$stage" "$output" || fail "could not write $output"
    echo "$output: $size"
    ;;
esac
