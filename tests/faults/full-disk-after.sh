#!/usr/bin/env bash
# What is done with a finished run, on a disk (tmpfs) with room for this many kilobytes more: circuits, class activation maps, comparisons,
# changes, pictures, a further dictionary, notes, the report and TensorBoard's files, the explorer's notes and pictures; and the stage of
# proof, begun anew. Each ends with exit code 5 and a sentence that names a file, or well; nothing stands half written; with
# room again the same command comes to its end and to the bytes that it has where there was room at once.
#   tests/faults/full-disk-after.sh [KILOBYTES …]      FOVEA=path of the program
. "$(dirname "$0")/common.sh"
rooms=("${@:-0}"); [ $# -gt 0 ] || rooms=(0 4 24 160)
small+=('harvest.layers=["block3","block4"]' proof.images=16 proof.units=4)
mount -t tmpfs -o size=1g,nr_inodes=100000 none "$disk"
mkdir "$disk/run"
demo "$work/finished" >/dev/null 2>"$work/error" || { cat "$work/error"; echo "the undisturbed run failed"; exit 1; }
cp -r "$work/finished" "$disk/run/"
printf 'layer,source,unit,name\nblock4,topk,1,one\n' >"$work/notes.csv"
here() { sums "$1" | grep -v ' \./\(notes/\.lock\|recipe\.toml\|data\.json\)$'; }
squeeze() { mount -o "remount,size=$(($(df -B1024 --output=used "$disk" | tail -1) + $1))k" "$disk"; }
loosen() { mount -o remount,size=1g "$disk"; }
image=val/000000-disc-plain
ends=0 done=0
try() { # try NAME COMMAND …, of the run in $disk/run/finished
  local name=$1 code room
  shift
  # Where there is room.
  rm -rf "$work/whole" && cp -r "$work/finished" "$work/whole"
  "$fovea" "${@//RUN/$work/whole}" --quiet >/dev/null 2>"$work/error" || { bad "$name: fails where there is room: $(tail -c 300 "$work/error")"; return; }
  for room in "${rooms[@]}"; do
    rm -rf "$disk/run/finished" && cp -r "$work/finished" "$disk/run/"
    squeeze "$room"
    "$fovea" "${@//RUN/$disk/run/finished}" --quiet >/dev/null 2>"$work/error"; code=$?
    loosen
    if [ $code = 0 ]; then done=$((done + 1)); else
      ends=$((ends + 1))
      check_refusal $code "$work/error" 5 'No space left|disk is full' "$name with $room kB"
      sed -n 's/^error: //p' "$work/error" | sed "s|$disk|DISK|g" | cut -c1-160 >>"$work/sentences"
    fi
    find "$disk/run/finished" -name '*.partial*' 2>/dev/null | sed "s|$disk|$name with $room kB left over: |" >>"$work/left"
    for json in $(find "$disk/run/finished" -name '*.json'); do python3 -m json.tool "$json" >/dev/null 2>&1 || bad "$name with $room kB: half a document: $json"; done
    "$fovea" "${@//RUN/$disk/run/finished}" --quiet >/dev/null 2>"$work/error" || bad "$name after $room kB: does not go on: $(tail -c 300 "$work/error")"
    diff <(here "$disk/run/finished") <(here "$work/whole") >"$work/diff" || bad "$name after $room kB: other bytes: $(head -4 "$work/diff")"
  done
}
try circuit circuit --run RUN --threads 1 --image "$image" --dictionary neurons --nodes 4 --edges 4 --steps 2 --random 1
try cam cam --run RUN --threads 1 --images 4
try compare compare --run RUN --threads 1 --layer block4 --image "$image"
try intervene intervene --run RUN --threads 1 --units 0,1 --images 16 --csv RUN/effects.csv
try steer steer --run RUN --threads 1 --layer block4 --source topk --changes 1:0
try visualize visualize --run RUN --threads 1 --layer block4 --source topk --features 1 --steps 2
try "sae train" sae train --run RUN --threads 1 --layer block4 --arch topk --name extra --epochs 1
try notes notes import "$work/notes.csv" --run RUN
try report report --run RUN
try tensorboard tensorboard --run RUN --out RUN/tensorboard
sets=(); for one in "${small[@]}"; do sets+=(--set "$one"); done
try proof demo --out RUN --threads 1 --redo proof "${sets[@]}"

# The explorer on a full disk answers on, refuses what it cannot keep and keeps it when there is room.
rm -rf "$disk/run/finished" && cp -r "$work/finished" "$disk/run/"
squeeze 0
"$fovea" explore --run "$disk/run/finished" --host-token 0123456789abcdefghij --json >"$work/url" 2>"$work/error" & pid=$!
python3 - "$work/url" "$disk" <<'P' || bad "explore: see above"
import json, re, subprocess, sys, time, urllib.error, urllib.request
for _ in range(600):
    try:
        base = re.match(r"http://[^/]+", json.load(open(sys.argv[1]))["url"])[0]
        break
    except ValueError:
        time.sleep(0.1)
def ask(address, body=None, method=None):
    request = urllib.request.Request(base + address, data=None if body is None else json.dumps(body).encode(), method=method,
                                     headers={"Authorization": "Bearer 0123456789abcdefghij", "Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as problem:
        return problem.code, problem.read().decode()
good = True
def expect(what, is_so, said):
    global good
    if not is_so:
        good = False
        print("FINDING: explore,", what, said)
note, order = {"revision": 0, "text": "seen"}, {"layer": "block4", "source": "topk", "unit": 3, "steps": 4}
expect("a page", (got := ask("/l/block4/s/topk/f/3"))[0] == 200, got[0])
expect("a note is refused in a sentence", (got := ask("/api/notes/l/block4/s/topk/f/3", note, "PUT"))[0] in (500, 503, 507) and re.search("full|No space", got[1]) and "   at " not in got[1], got)
said = ask("/api/pictures", order)
if said[0] < 300:
    for _ in range(600):
        state = json.loads(ask(f"/api/pictures/{json.loads(said[1])['job']['id']}")[1])["job"]
        if state["state"] not in ("waiting", "running"): break
        time.sleep(0.2)
    expect("a picture fails in a sentence", state["state"] == "failed" and re.search("full|No space", json.dumps(state)), state)
else:
    expect("a picture is refused in a sentence", re.search("full|No space", said[1]), said)
expect("a page afterwards", (got := ask("/l/block4/s/topk/f/3"))[0] == 200, got[0])
subprocess.run(["mount", "-o", "remount,size=1g", sys.argv[2]], check=True)
expect("a note with room", (got := ask("/api/notes/l/block4/s/topk/f/3", note, "PUT"))[0] == 200, got)
said = ask("/api/pictures", order)
for _ in range(600):
    state = json.loads(ask(f"/api/pictures/{json.loads(said[1])['job']['id']}")[1])["job"]
    if state["state"] not in ("waiting", "running"): break
    time.sleep(0.2)
expect("a picture with room", state["state"] == "done", state)
sys.exit(not good)
P
kill $pid; wait $pid
find "$disk/run/finished" -name '*.partial*' | sed "s|$disk|explore left over: |" >>"$work/left"
echo "sentences:"; sort "$work/sentences" | uniq -c
[ -s "$work/left" ] && bad "left over: $(cat "$work/left")"
finish "after a run: $ends ends on a full disk, $done times it was enough, each then compared"
