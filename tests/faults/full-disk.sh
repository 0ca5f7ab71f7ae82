#!/usr/bin/env bash
# A small demo on a disk (tmpfs) that has a little more room each time the run ends because it is full: so it is full at every stage, in
# turn. Each end must be exit code 5 with a sentence that names a file, no file may stand half written under its own name, and the bytes at
# last must be those of a run with room. With "inodes" it is the number of files that runs out.
#   tests/faults/full-disk.sh [bytes|inodes] [STEPS]      FOVEA=path of the program
. "$(dirname "$0")/common.sh"
kind=${1:-bytes} steps=${2:-40}
grow() { mount -o "remount,$1" "$disk"; }
mount -t tmpfs -o size=1g,nr_inodes=100000 none "$disk"
demo "$disk/run" >/dev/null 2>"$work/error" || { cat "$work/error"; echo "the undisturbed run failed"; exit 1; }
sums "$disk/run" >"$work/expected"
(cd "$disk/run" && find . -type f -printf '%P\n') >"$work/names"
if [ "$kind" = bytes ]; then most=$(du -s -B1 "$disk/run" | cut -f1); else most=$(find "$disk/run" | wc -l); fi
cp -r "$disk/run" "$work/reference"
umount "$disk"
# An empty disk has to hold something: a page; the folder and a file.
size=$([ "$kind" = bytes ] && echo 4096 || echo 2) step=$((most / steps + 1)) ends=0 stages=
option() { if [ "$kind" = bytes ]; then echo "size=$1"; else echo "nr_inodes=$1"; fi; }
mount -t tmpfs -o "$(option "$size")" none "$disk"
while :; do
  demo "$disk/run" >/dev/null 2>"$work/error"; code=$?
  [ $code = 0 ] && break
  ends=$((ends + 1))
  check_refusal $code "$work/error" 5 'No space left|disk is full' "$kind=$size"
  sed -n 's/^error: //p' "$work/error" | sed "s|$disk|DISK|g" >>"$work/sentences"
  find "$disk/run" -name '*.partial*' 2>/dev/null | sed "s|$disk|$kind=$size left over: |" >>"$work/left"
  # What has its name has its bytes. A stage's record, what one part tells the others (scratch) and what holds clocks change by themselves.
  [ -d "$disk/run" ] && (cd "$disk/run" && find . -type f ! -path './scratch/*' ! -name stage.json ! -name run.json ! -name log.txt ! -name .lock ! -path '*.partial*' -print0 |
    xargs -0 -r sha256sum) | grep -vxFf "$work/expected" | sed "s|^|$kind=$size other bytes: |" >>"$work/other"
  for json in $(find "$disk/run" -name '*.json' 2>/dev/null); do python3 -m json.tool "$json" >/dev/null 2>&1 || bad "$kind=$size: half a document: $json"; done
  [ $ends -gt $((steps * 6)) ] && { bad "does not end"; break; }
  size=$((size + step))
  grow "$(option "$size")"
done
sums "$disk/run" | cmp -s - "$work/expected" || { bad "other bytes at last"; sums "$disk/run" | diff - "$work/expected" | head; }
echo "sentences:"; sort "$work/sentences" | uniq -c
[ -s "$work/left" ] && { echo "left over:"; cat "$work/left"; }
[ -s "$work/other" ] && { echo "of other bytes under their own names meanwhile:"; cut -d: -f2- "$work/other" | sort | uniq -c; }
finish "$kind: $ends ends on a full disk in steps of $step, $(wc -l <"$work/expected") files compared"
