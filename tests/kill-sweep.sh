#!/usr/bin/env bash
# Kills `fovea sae sweep` (-9) at random moments of its training, gives the same command again after each, and compares every file of the sweep with an
# uninterrupted one's. RUN is a finished run folder: it is copied, not changed.   tests/kill-sweep.sh RUN [KILLS] [FOVEA] [OPTIONS OF sae sweep …]
set -u
run=${1:?name a run folder} kills=${2:-10} fovea=${3:-src/Fovea.Cli/bin/Release/net10.0/fovea}
shift $(( $# < 3 ? $# : 3 ))
[ $# -gt 0 ] || set -- --name killed --arch topk l1 jumprelu --epochs 40 --batch-size 256
work=$(mktemp -d)
mkdir "$work/whole" && (cd "$run" && tar cf - --exclude=./sweeps --exclude=./report --exclude=./features .) | tar xf - -C "$work/whole"
cp -r "$work/whole" "$work/start"
start=$(date +%s)
"$fovea" sae sweep --run "$work/whole" "$@" >/dev/null 2>&1 || { echo "the uninterrupted sweep failed"; exit 1; }
seconds=$(( $(date +%s) - start ))
echo "uninterrupted: $seconds s"
# The same command means the same folder: the cut sweep is made under the whole one's name.
mv "$work/whole" "$work/reference" && mv "$work/start" "$work/whole"
for i in $(seq "$kills"); do
  "$fovea" sae sweep --run "$work/whole" "$@" >/dev/null 2>"$work/progress" &
  pid=$!
  pause=$(( (RANDOM * 32768 + RANDOM) % (seconds * 1000 * 2 / (kills + 1) + 1) + 1500 ))
  sleep "$(printf '%d.%03d' $((pause / 1000)) $((pause % 1000)))"
  if kill -9 "$pid" 2>/dev/null; then echo "kill $i after ${pause} ms, in: $(tail -1 "$work/progress" | cut -c1-90)"; else echo "kill $i came after the end"; fi
  wait "$pid" 2>/dev/null
done
"$fovea" sae sweep --run "$work/whole" "$@" >/dev/null 2>&1 || { echo "the continued sweep failed"; exit 1; }
files=$(cd "$work/reference/sweeps" && find . -type f | sort)
same=0 different=0
for f in $files; do
  if cmp -s "$work/reference/sweeps/$f" "$work/whole/sweeps/$f"; then same=$((same + 1)); else different=$((different + 1)); echo "differs: $f"; fi
done
extra=$(cd "$work/whole/sweeps" && find . -type f | sort | comm -13 <(echo "$files") - | wc -l)
echo "$same files identical, $different different, $extra extra"
rm -rf "$work"
[ "$different" -eq 0 ] && [ "$extra" -eq 0 ]
