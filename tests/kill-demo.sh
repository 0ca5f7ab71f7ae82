#!/usr/bin/env bash
# Kills `fovea demo` (-9) at random moments, gives the same command again after each, and compares every file with an uninterrupted run's
# (run.json, the log and the lock aside).   tests/kill-demo.sh [KILLS] [FOVEA] [OPTIONS OF demo …]
set -u
kills=${1:-5} fovea=${2:-src/Fovea.Cli/bin/Release/net10.0/fovea}
shift $(( $# < 2 ? $# : 2 ))
work=$(mktemp -d)
start=$(date +%s)
"$fovea" demo --out "$work/whole" --quiet "$@" >/dev/null || { echo "the uninterrupted run failed"; exit 1; }
seconds=$(( $(date +%s) - start ))
echo "uninterrupted: $seconds s"
# The same command means the same folder: the cut run is made under the whole run's name.
mv "$work/whole" "$work/reference"
for i in $(seq "$kills"); do
  "$fovea" demo --out "$work/whole" --quiet "$@" >/dev/null 2>&1 &
  pid=$!
  pause=$(( (RANDOM * 32768 + RANDOM) % (seconds * 1000 * 2 / (kills + 1) + 1) + 500 ))
  sleep "$(printf '%d.%03d' $((pause / 1000)) $((pause % 1000)))"
  if kill -9 "$pid" 2>/dev/null; then echo "kill $i after ${pause} ms, in: $(tail -1 "$work/whole/log.txt" 2>/dev/null)"; else echo "kill $i came after the end"; fi
  wait "$pid" 2>/dev/null
done
"$fovea" demo --out "$work/whole" --quiet "$@" >/dev/null || { echo "the continued run failed"; exit 1; }
files=$(cd "$work/reference" && find . -type f ! -name run.json ! -name log.txt ! -name .lock | sort)
same=0 different=0
for f in $files; do
  if cmp -s "$work/reference/$f" "$work/whole/$f"; then same=$((same + 1)); else different=$((different + 1)); echo "differs: $f"; fi
done
extra=$(cd "$work/whole" && find . -type f ! -name run.json ! -name log.txt ! -name .lock | sort | comm -13 <(echo "$files") - | wc -l)
echo "$same files identical, $different different, $extra extra"
rm -rf "$work"
[ "$different" -eq 0 ] && [ "$extra" -eq 0 ]
