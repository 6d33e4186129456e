#!/bin/sh
# Times training steps on this machine's processors, in turn with a PyTorch program, and prints a
# table of speed and peak memory.
usage="usage: bench/cpu.sh [--torch SCRIPT] [--python PYTHON] [--rounds N] [--steps N] [--threads N]
                    [--only REGEX] [--bf16] [--output FOLDER]

  --torch SCRIPT   a PyTorch program to time in turn with ours; it is run as
                   PYTHON SCRIPT --task T --method everest|videomae --model M --batch N --warmup 2
                   --steps N --threads N [--precision bf16] [--sdpa]
                   and prints a JSON object with median_ms and peak_mib
  --python PYTHON  the Python that has PyTorch (default: python3)
  --rounds N       times that every program is run for every step (default: 3)
  --steps N        steps timed in each run; a run's figure is their median (default: 7)
  --threads N      threads of each program (default: 2)
  --only REGEX     steps whose name matches, as in 'pretrain vit-s'
  --bf16           also time both programs in BF16
  --output FOLDER  where logs and JSON lines go (default: cpu-DATE-TIME)

A figure of the table is the median over the rounds, a ratio that of two such figures. Leave the
machine alone meanwhile; with 3 rounds it takes about 20 minutes."

fail() {
  echo "cpu.sh: $1" >&2
  exit "${2:-1}"
}

torch=
python=python3
rounds=3
steps=7
threads=2
only=.
precisions=fp32
out=
while [ $# -gt 0 ]; do
  case $1 in
    --torch | --python | --rounds | --steps | --threads | --only | --output)
      [ $# -gt 1 ] || fail "$1 needs a value" 2
      case $1 in
        --torch) torch=$2 ;;
        --python) python=$2 ;;
        --rounds) rounds=$2 ;;
        --steps) steps=$2 ;;
        --threads) threads=$2 ;;
        --only) only=$2 ;;
        --output) out=$2 ;;
      esac
      shift
      ;;
    --bf16) precisions="fp32 bf16" ;;
    -h | --help) echo "$usage"; exit 0 ;;
    *) fail "no option $1; bench/cpu.sh --help lists them" 2 ;;
  esac
  shift
done
for number in "$rounds" "$steps" "$threads"; do
  case $number in
    '' | 0* | *[!0-9]*) fail "--rounds, --steps and --threads are whole numbers from 1, got '$number'" 2 ;;
  esac
done
if [ -n "$torch" ]; then
  [ -f "$torch" ] || fail "$torch is not a file" 2
  "$python" -c 'import torch' 2>/dev/null || fail "$python has no PyTorch; --python names one that has" 2
fi

home=$(cd -P "$(dirname "$0")/.." && pwd) || exit 1
out=${out:-$PWD/cpu-$(date +%Y%m%d-%H%M%S)}
mkdir -p "$out" || exit 1
lines=$out/bench.jsonl
: >"$lines" || exit 1

# measure STEP WHO COMMAND...: a line of milliseconds and MiB for the table.
measure() {
  step=$1
  who=$2
  shift 2
  echo "$step, $who" >>"$out/log"
  "$@" >"$out/last" 2>>"$out/log" || { cat "$out/last" >>"$out/log"; fail "$who failed; $out/log says how"; }
  json=$(grep '^{.*median_ms' "$out/last" | tail -n 1)
  [ -n "$json" ] || fail "$who printed no JSON object with median_ms; $out/log has what it printed"
  echo "$json" | sed 's/^{/{"step":"'"$step"'","program":"'"$who"'",/' >>"$lines"
  # Ours tells tensors and the process apart; theirs has one figure, the process.
  echo "$json" | sed -n 's/.*"median_ms": *\([0-9.]*\).*/\1/p' >"$out/ms"
  echo "$json" | sed -n -e 's/.*"process_peak_mib": *\([0-9.]*\).*/\1/p;t' \
    -e 's/.*"peak_mib": *\([0-9.]*\).*/\1/p' >"$out/mib"
  printf '%s\t%s\t%s\t%s\n' "$step" "$who" "$(cat "$out/ms")" "$(cat "$out/mib")" >>"$out/figures"
  printf '%s, %s: %.0f ms, %.0f MiB\n' "$step" "$who" "$(cat "$out/ms")" "$(cat "$out/mib")" >&2
}

# compare STEP WARMUP OPTIONS...: one round of a step.
compare() {
  step=$1
  warmup=$2
  shift 2
  echo "$step" | grep -qE -e "$only" || return 0
  for precision in $precisions; do
    measure "$step" "Tenzing $precision" "$home/tenzing" bench --json "$@" --precision "$precision" \
      --threads "$threads" --warmup "$warmup" --steps "$steps"
    [ -n "$torch" ] || continue
    for attention in '' --sdpa; do
      # shellcheck disable=SC2086 # empty is no option
      measure "$step" "PyTorch $precision${attention:+ sdpa}" "$python" "$torch" "$@" \
        --precision "$precision" --threads "$threads" --warmup 2 --steps "$steps" $attention
    done
  done
}

: >"$out/figures"
round=0
while [ "$round" -lt "$rounds" ]; do
  round=$((round + 1))
  echo "round $round of $rounds" >&2
  compare "pretrain vit-s batch 4" 12 --task pretrain --method everest --model vit-s --batch 4
  compare "pretrain vit-b batch 2" 8 --task pretrain --method everest --model vit-b --batch 2
  compare "finetune all tokens vit-s batch 2" 5 --task finetune --method videomae --model vit-s --batch 2
  compare "finetune everest vit-s batch 2" 6 --task finetune --method everest --model vit-s --batch 2
done

# Medians over the rounds, and how the fastest and the smallest of the others compare with ours.
awk -F '\t' -v threads="$threads" -v rounds="$rounds" -v steps="$steps" '
  function median(list, n, sorted, i, j, t) {
    n = split(list, sorted, " ")
    for (i = 2; i <= n; i++)
      for (j = i; j > 1 && sorted[j] + 0 < sorted[j - 1] + 0; j--) {
        t = sorted[j]; sorted[j] = sorted[j - 1]; sorted[j - 1] = t
      }
    return n % 2 ? sorted[(n + 1) / 2] : (sorted[n / 2] + sorted[n / 2 + 1]) / 2
  }
  {
    key = $1 FS $2
    if (!(key in ms)) order[++keys] = key
    ms[key] = ms[key] " " $3
    mib[key] = mib[key] " " $4
  }
  END {
    printf "%d threads, medians of %d runs of %d steps\n\n", threads, rounds, steps
    print "| step | program | ms | MiB | speed against fastest PyTorch | memory against smallest |"
    print "| --- | --- | --- | --- | --- | --- |"
    for (k = 1; k <= keys; k++) {
      split(order[k], name, FS)
      if (name[2] !~ /^PyTorch/) continue
      split(name[2], word, " ")
      group = name[1] FS word[2]
      time = median(ms[order[k]]); size = median(mib[order[k]])
      if (!(group in fastest) || time < fastest[group]) fastest[group] = time
      if (!(group in smallest) || size < smallest[group]) smallest[group] = size
    }
    for (k = 1; k <= keys; k++) {
      split(order[k], name, FS)
      split(name[2], word, " ")
      group = name[1] FS word[2]
      time = median(ms[order[k]]); size = median(mib[order[k]])
      ratio = word[1] == "Tenzing" && (group in fastest) ? sprintf("%.2f", fastest[group] / time) : ""
      share = word[1] == "Tenzing" && (group in smallest) ? sprintf("%.2f", size / smallest[group]) : ""
      printf "| %s | %s | %.0f | %.0f | %s | %s |\n", name[1], name[2], time, size, ratio, share
    }
  }' "$out/figures" | tee "$out/table.md"
