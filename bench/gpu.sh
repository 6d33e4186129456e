#!/bin/sh
# Everything to be known about Tenzing on a machine with an NVIDIA GPU, in under 20 minutes: what the
# machine offers, the tests of the kernels, reference files, the speed of training steps.
usage="usage: bench/gpu.sh [--fixtures FOLDER] [--torch SCRIPT] [--output FOLDER] [--quick]

  --fixtures FOLDER  reference files (.safetensors) to replay on the GPU
  --torch SCRIPT     a PyTorch program to time in turn with ours; it is run as
                     python3 SCRIPT --task T --method everest --model M --batch N --warmup N --steps N
                     --device cuda --precision bf16 --sdpa [--compile]
                     and prints a JSON object with median_ms, clips_per_s and peak_mib
  --output FOLDER    where logs, JSON lines and the table go (default: gpu-DATE-TIME)
  --quick            small sizes and few tests, to try the script out

In a clone it makes a bundle first and runs from there. Ends with 1 when a part failed."

fail() {
  echo "gpu.sh: $1" >&2
  exit "${2:-1}"
}

absolute() {
  case $1 in
    /*) echo "$1" ;;
    *) echo "$PWD/$1" ;;
  esac
}

fixtures=
torch=
out=
quick=false
while [ $# -gt 0 ]; do
  case $1 in
    --fixtures | --torch | --output)
      [ $# -gt 1 ] || fail "$1 needs a value" 2
      case $1 in
        --fixtures) fixtures=$(absolute "$2") ;;
        --torch) torch=$(absolute "$2") ;;
        --output) out=$(absolute "$2") ;;
      esac
      shift
      ;;
    --quick) quick=true ;;
    -h | --help) echo "$usage"; exit 0 ;;
    *) fail "no option $1; bench/gpu.sh --help lists them" 2 ;;
  esac
  shift
done
[ -z "$fixtures" ] || [ -d "$fixtures" ] || fail "$fixtures is not a folder" 2
[ -z "$torch" ] || [ -f "$torch" ] || fail "$torch is not a file" 2
out=${out:-$PWD/gpu-$(date +%Y%m%d-%H%M%S)}

home=$(cd -P "$(dirname "$0")/.." && pwd) || exit 1
mkdir -p "$out" || exit 1
lines=$out/bench.jsonl
: >"$lines" || exit 1
if [ ! -x "$home/runtime/bin/java" ]; then
  rm -rf "$home/target/bundle-gpu"
  "$home/bench/bundle.sh" --no-video --tests --output "$home/target/bundle-gpu" || exit 1
  home=$home/target/bundle-gpu
fi
tenzing=$home/tenzing

# Kernels are compiled once in this run, and not taken from an earlier one.
export TENZING_CACHE="${TENZING_CACHE:-$out/cache}"

# text KEY FILE, number KEY FILE: a value in JSON that is on one line.
text() {
  sed -n 's/.*"'"$1"'": *"\([^"]*\)".*/\1/p' "$2" | head -n 1
}
number() {
  sed -n 's/.*"'"$1"'": *\([-+.0-9eE]*\).*/\1/p' "$2" | head -n 1
}

"$tenzing" doctor --json >"$out/doctor.json" 2>"$out/doctor.log" ||
  { cat "$out/doctor.log" >&2; fail "tenzing doctor failed"; }
if grep -q '"devices": *\[\]' "$out/doctor.json"; then
  fail "there is no GPU here: $(text problem "$out/doctor.json")"
fi
card=$(sed -n 's/.*"devices": *\[{[^}]*"name": *"\([^"]*\)".*/\1/p' "$out/doctor.json")
echo "GPU: $card, driver for CUDA $(text driver_version "$out/doctor.json")"

began=$(date +%s)
minutes=19
failures=

# part NAME SECONDS COMMAND...: stdout to NAME.out, all else to NAME.log; a failure stops nothing.
part() {
  name=$1
  limit=$2
  shift 2
  left=$((began + 60 * minutes - $(date +%s)))
  [ "$left" -gt "$limit" ] && left=$limit
  start=$(date +%s)
  if [ "$left" -lt 10 ]; then
    echo "not run: the $minutes minutes were over" >"$out/$name.log"
    code=1
  else
    timeout "$left" "$@" >"$out/$name.out" 2>"$out/$name.log"
    code=$?
  fi
  [ "$code" = 124 ] && echo "stopped after $left s" >>"$out/$name.log"
  if [ "$code" = 0 ]; then
    echo "pass  $name, $(($(date +%s) - start)) s"
    return 0
  fi
  failures="$failures $name"
  echo "FAIL  $name, exit code $code; $out/$name.log:"
  grep -hs -e '^ *FAIL' "$out/$name.out" | head -n 20 | sed 's/^/      /'
  grep -v '^WARNING: Using incubator' "$out/$name.log" | tail -n 5 | sed 's/^/      /'
  return 1
}

# Adds the result to the JSON lines, with who computed it and in which run: its precision, its round.
keep() {
  grep '^{.*median_ms' "$out/$2.out" | tail -n 1 | sed 's/^{/{"program":"'"$1"'","run":"'"$2"'",/' >>"$lines"
}

kernel_tests() {
  if [ ! -d "$home/tests" ]; then
    echo "skip  tests of the kernels: this bundle was made without --tests"
    return
  fi
  tests="CapturedStepTest"
  $quick || tests="conformance.CudaConformanceTest conformance.CudaBf16ConformanceTest
    cuda.ActivationKernelsTest cuda.AttentionBf16Test cuda.LargeSizesTest cuda.RankingTest $tests"
  for test in $tests; do
    part "test-${test##*.}" 300 "$home/runtime/bin/java" -XX:+UseSerialGC -Xmx2g \
      --add-modules=jdk.incubator.vector --enable-native-access=ALL-UNNAMED \
      -Dtenzing.test.gpu=real -cp "$home/tests/classes:$home/tests/*:$home/app/*" \
      dev.tenzing.engine.cuda.GpuTestRun "$test"
    grep -s -e '^  skip' -e ' passed, ' "$out/test-${test##*.}.out" | sed 's/^/      /'
  done
}

reference_files() {
  [ -n "$fixtures" ] || return
  set -- "$fixtures"/*.safetensors
  $quick && set -- "$1"
  part verify 240 "$tenzing" verify "$@" --device cuda --precision fp32
}

# ours TASK MODEL BATCH PRECISION ROUND
ours() {
  name=tenzing-$1-$2-$4-$5
  part "$name" 120 "$tenzing" bench --task "$1" --method everest --model "$2" --batch "$3" $small \
    --warmup $warmup --steps $steps --device cuda --precision "$4" --json && keep tenzing "$name"
  cp "$out/$name.out" "$out/now-$4" 2>/dev/null
}

# theirs TASK MODEL BATCH ROUND [--compile]
theirs() {
  name=torch${5:+-compile}-$1-$2-$4
  part "$name" 180 python3 "$torch" --task "$1" --method everest --model "$2" --batch "$3" $small \
    --warmup $warmup --steps $steps --device cuda --precision bf16 --sdpa $5 &&
    keep "torch${5:+-compile}" "$name"
  cp "$out/$name.out" "$out/now-torch${5:+-compile}" 2>/dev/null
}

cell() {
  ms=$(number median_ms "$1" 2>/dev/null)
  [ -n "$ms" ] || { echo "-"; return; }
  echo "$ms $(number clips_per_s "$1")" | awk '{ printf "%.1f ms, %.1f clips/s", $1, $2 }'
}

# row TASK MODEL BATCH PRECISION: the last round's figures; the ratio is to the faster PyTorch.
row() {
  t=$out/now-torch
  c=$out/now-torch-compile
  [ "$4" = bf16 ] || { t=/dev/null; c=/dev/null; }
  o=$out/now-$4
  ratio=$(printf '%s %s %s\n' "$(number median_ms "$o")" "$(number median_ms "$t" 2>/dev/null)" \
    "$(number median_ms "$c" 2>/dev/null)" | awk 'NF < 2 { print "-"; next }
      { best = $2; if (NF > 2 && $3 < best) best = $3; printf "%.2f", best / $1 }')
  memory=$(number peak_mib "$o" | awk '{ printf "%.0f MiB", $1 }')
  theirs_memory=$(number peak_mib "$t" 2>/dev/null | awk '{ printf "%.0f MiB", $1 }')
  echo "| $1, $2, batch $3 | $4 | $(cell "$o") | $(cell "$t") | $(cell "$c") | $ratio |" \
    "${memory:--} | ${theirs_memory:--} |" >>"$out/table.md"
}

# size TASK MODEL BATCH: the programs in turn, twice, so that a drift of the clocks shows.
size() {
  rm -f "$out"/now-*
  : >"$out/now-bf16"
  for round in 1 2; do
    ours "$1" "$2" "$3" bf16 $round
    [ -n "$torch" ] || break
    theirs "$1" "$2" "$3" $round
    theirs "$1" "$2" "$3" $round --compile
  done
  row "$1" "$2" "$3" bf16
  for precision in tf32 fp32; do
    ours "$1" "$2" "$3" $precision 1
    row "$1" "$2" "$3" $precision
  done
  rm -f "$out"/now-*
}

kernel_tests
reference_files

if [ -n "$torch" ] && ! python3 -c "import torch" 2>"$out/python.log"; then
  echo "skip  PyTorch: python3 cannot import torch"
  torch=
fi
{
  echo "$card, driver for CUDA $(text driver_version "$out/doctor.json")," \
    "JDK $(text version "$out/doctor.json"), $(date +%Y-%m-%d)"
  echo
  echo "| EVEREST step | precision | Tenzing | PyTorch | PyTorch, compiled | ratio | memory | PyTorch's |"
  echo "| --- | --- | --- | --- | --- | --- | --- | --- |"
} >"$out/table.md"
if $quick; then
  small="--size 32" warmup=1 steps=2
  size pretrain vit-s 2
else
  small="" warmup=12 steps=15
  size pretrain vit-b 64
  size pretrain vit-l 32
  size finetune vit-b 16
fi

echo
cat "$out/table.md"
echo
echo "Logs, JSON lines and this table are in $out."
[ -z "$failures" ] || fail "failed:$failures"
