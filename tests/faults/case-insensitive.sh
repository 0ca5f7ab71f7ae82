#!/usr/bin/env bash
# The demo on a disk for which A and a are one name, and which has neither hard links nor rights (exFAT through FUSE, on a file): the bytes
# must be those of a run on another disk.      tests/faults/case-insensitive.sh      FOVEA=path of the program
. "$(dirname "$0")/common.sh"
command -v mkfs.exfat >/dev/null && command -v mount.exfat-fuse >/dev/null || { echo "takes exfatprogs and exfat-fuse"; exit 77; }
mkdir "$work/memory" && mount -t tmpfs -o size=1g none "$work/memory"
truncate -s 256M "$work/memory/image" && mkfs.exfat "$work/memory/image" >/dev/null
loop=$(losetup -f --show "$work/memory/image")
trap 'cd /; umount "$disk" 2>/dev/null; losetup -d "$loop"; umount -l "$work/memory"; rm -rf "$work"' EXIT
# Both under one path: the report tells a run from where it lies.
mount --bind "$work/memory" "$disk"
demo "$disk/run" >/dev/null 2>&1 || { echo "the undisturbed run failed"; exit 1; }
sums "$disk/run" >"$work/expected"
umount "$disk"
mount.exfat-fuse "$loop" "$disk" >/dev/null 2>&1 || { echo "no FUSE here"; exit 77; }
touch "$disk/A" && [ -e "$disk/a" ] || { echo "the disk tells A from a"; exit 77; }
demo "$disk/run" --part 1/1 >/dev/null 2>"$work/error" || bad "a worker, which claims parts: $(tail -c 400 "$work/error")"
demo "$disk/run" >/dev/null 2>"$work/error" || bad "the run: $(tail -c 400 "$work/error")"
sums "$disk/run" | cmp -s - "$work/expected" || { bad "other bytes"; sums "$disk/run" | diff - "$work/expected" | head; }
demo "$disk/run2" --set dictionary.l1.name=TopK >/dev/null 2>"$work/error"; check_refusal $? "$work/error" 2 "two dictionaries of block4 are called" "names that differ in case"
finish "exFAT: $(wc -l <"$work/expected") files compared"
