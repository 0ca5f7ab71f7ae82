#!/usr/bin/env bash
# The demo by a user who loses the right to the run folder in the middle of the run, at several moments, and gets it back: exit code 5 each
# time, and the same command goes on to the bytes of an undisturbed run. Then the disk under the folder turns read-only, in the same way.
#   tests/faults/rights.sh [MOMENTS]      FOVEA=path of the program
. "$(dirname "$0")/common.sh"
moments=${1:-4}
as_nobody() { setpriv --reuid=65534 --regid=65534 --clear-groups env HOME=/nonexistent "$@"; }
# The program must be one that everybody may start.
as_nobody "$fovea" version >/dev/null 2>&1 || { echo "another user has no right to the program $fovea"; exit 77; }
real=$fovea
fovea() { as_nobody "$real" "$@"; }
fovea=fovea
mount -t tmpfs -o size=1g none "$disk"
mkdir "$disk/home" && chown nobody "$disk/home"
run=$disk/home/run
start=$(date +%s)
demo "$run" >/dev/null 2>"$work/error" || { cat "$work/error"; echo "the undisturbed run failed"; exit 1; }
seconds=$(($(date +%s) - start))
sums "$run" >"$work/expected"
rm -rf "$run"
take() { if [ "$1" = rights ]; then chown -R root "$disk/home" && chmod -R go-w "$disk/home"; else mount -o remount,ro "$disk" 2>/dev/null; fi; }
give() { if [ "$1" = rights ]; then chown -R nobody "$disk/home"; else mount -o remount,rw "$disk"; fi; }
ended=0
for how in rights read-only; do
  # Who works alone keeps the lock's file open, and a disk with a file that is open for writing cannot turn read-only: a worker has none.
  part=(); [ $how = read-only ] && part=(--part 1/1)
  for i in $(seq "$moments"); do
    demo "$run" "${part[@]}" >/dev/null 2>"$work/error" &
    pid=$!
    sleep $((seconds * i / (moments + 2) / 2 + 2))
    until take $how; do kill -0 $pid 2>/dev/null || break; done
    wait $pid; code=$?
    give $how
    [ $code = 0 ] && continue
    ended=$((ended + 1))
    check_refusal $code "$work/error" 5 'denied|Read-only file system' "$how $i"
    sed -n 's/^error: //p' "$work/error" | sed "s|$disk|DISK|g" | cut -c1-200 >>"$work/sentences"
  done
  demo "$run" >/dev/null 2>"$work/error" || bad "$how: does not go on: $(tail -c 300 "$work/error")"
  sums "$run" | cmp -s - "$work/expected" || { bad "$how: other bytes at last"; sums "$run" | diff - "$work/expected" | head; }
  rm -rf "$run"
done
sort "$work/sentences" | uniq -c
finish "rights and read-only: $ended ends at $((2 * moments)) moments, $(wc -l <"$work/expected") files compared twice"
