#!/usr/bin/env bash
# A harvest by one process with one thread, and by two such processes, in alternation: bench/parts.sh RECIPE [PAIRS] [--set key=value]… (bench/parts.toml is one)
# Prints seconds, the rate of two over twice the rate of one, what joining the parts took, and the load of the machine before each pair: other
# work on the two cores makes the ratio worthless. Each process has a core of its own.
# With FOVEA_BENCH_TORCH, a command that runs bench/parts-torch.py with TAR, CHECKPOINT, a folder and as many images as the recipe harvests, the
# plain PyTorch script runs beside each pair, as one process and as two:
#   FOVEA_BENCH_TORCH='python3 bench/parts-torch.py data/tiny-imagenet-200.tar data/resnet18.pth /tmp/shards 20000' \
#     bench/parts.sh bench/parts.toml 3
set -euo pipefail
cd "$(dirname "$0")/.."
recipe=$1 pairs=${2:-3}
shift; [ $# -gt 0 ] && shift
program=src/Fovea.Cli/bin/Release/net10.0/fovea
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
base=(run "$recipe" --threads 1 --set harvest.shard_megabytes=4 "$@")
"$program" "${base[@]}" --out "$work/train" --until train --part 1/1 --quiet >/dev/null

# Seconds of N workers on a fresh copy of the run that has its network.
harvest() {
  rm -rf "$work/run"; cp -r "$work/train" "$work/run"
  local start end pids=()
  start=$(date +%s.%N)
  for i in $(seq "$1"); do
    taskset -c $((i - 1)) "$program" "${base[@]}" --out "$work/run" --until harvest --part "$i/$1" >"$work/out-$i" 2>"$work/log-$i" & pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid"; done
  end=$(date +%s.%N)
  [ -f "$work/run/activations/stage.json" ] && grep -q '"complete": true' "$work/run/activations/stage.json" || { cat "$work"/log-*; exit 1; }
  echo "$end - $start" | bc
}

# The same of the plain script: i/N is its last word.
torch() {
  local pids=()
  for i in $(seq "$1"); do taskset -c $((i - 1)) $FOVEA_BENCH_TORCH "$i/$1" 2>/dev/null & pids+=($!); done
  for pid in "${pids[@]}"; do wait "$pid"; done
}

one=() two=()
for pair in $(seq "$pairs"); do
  load=$(cut -d' ' -f1 /proc/loadavg)
  if [ $((pair % 2)) = 1 ]; then one+=("$(harvest 1)"); two+=("$(harvest 2)"); else two+=("$(harvest 2)"); one+=("$(harvest 1)"); fi
  joined=$(grep -ho 'joined in [0-9.]* s' "$work"/log-* | tail -1 | cut -d' ' -f3)
  echo "pair $pair: one process ${one[-1]} s, two ${two[-1]} s, ratio $(echo "scale=3; ${one[-1]} / (2 * ${two[-1]})" | bc) (target ≥ 0.95); joined in ${joined:-?} s of ${two[-1]} (target ≤ 2 %); load before $load"
  if [ -n "${FOVEA_BENCH_TORCH:-}" ]; then torch 1; torch 2; fi
done
