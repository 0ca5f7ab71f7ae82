#!/usr/bin/env bash
# A run that is begun on a clock 400 days ahead (libfaketime), continued on the right one, and looked at on one 400 days behind: nothing is
# done twice, and the bytes are those of a run on one clock.      tests/faults/clock.sh      FOVEA=path of the program
. "$(dirname "$0")/common.sh"
fake=$(ls /usr/lib/*/faketime/libfaketime.so.1 2>/dev/null | head -1)
[ -n "$fake" ] || { echo "takes libfaketime (apt-get install faketime)"; exit 77; }
real=$fovea days=
# Time that is measured, which no clock that is set changes, stays as it is.
fovea() { env ${days:+LD_PRELOAD=$fake} FAKETIME="${days}d" FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1 "$real" "$@"; }
fovea=fovea
mount -t tmpfs -o size=1g none "$disk"
demo "$disk/run" >/dev/null 2>&1 || { echo "the undisturbed run failed"; exit 1; }
sums "$disk/run" >"$work/expected"
rm -rf "$disk/run"
days=+400 demo "$disk/run" --until harvest >/dev/null 2>&1 || bad "does not begin"
[ "$(tail -1 "$disk/run/log.txt" | cut -c1-10)" ">" "$(date -u -d +399days +%Y-%m-%d)" ] || bad "the clock is not ahead: $(tail -1 "$disk/run/log.txt")"
find "$disk/run" -exec touch -d '+400 days' {} +
demo "$disk/run" >/dev/null 2>"$work/error" || bad "does not go on: $(tail -c 300 "$work/error")"
[ "$(grep -c 'finished before, skipped' "$disk/run/log.txt")" -ge 2 ] || bad "what was finished is done again"
days=-400 fovea status "$disk/run" | grep -q '^complete *features' || bad "status on a clock behind"
days=-400 demo "$disk/run" >/dev/null 2>"$work/error" || bad "not finished for a clock behind: $(tail -c 300 "$work/error")"
sums "$disk/run" | cmp -s - "$work/expected" || { bad "other bytes at last"; sums "$disk/run" | diff - "$work/expected" | head; }
finish "clocks 400 days ahead and behind: $(wc -l <"$work/expected") files compared"
