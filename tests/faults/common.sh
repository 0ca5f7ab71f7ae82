# What the scripts of this folder share; to be sourced. They take root: each goes into a mount namespace of its own first, so that no
# mount is left behind, whatever happens.
set -u
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
fovea=${FOVEA:-$here/../../src/Fovea.Cli/bin/Release/net10.0/fovea}
if [ "${FOVEA_FAULTS_INSIDE:-}" != "$$" ]; then
  [ "$(id -u)" = 0 ] || { echo "takes root: it mounts small disks"; exit 77; }
  export FOVEA_FAULTS_INSIDE=$$
  exec unshare --mount --propagation private bash "$0" "$@"
fi
work=$(mktemp -d)
# The user that rights are taken from must come through.
chmod 755 "$work"
disk=$work/disk
mkdir "$disk"
trap 'cd /; umount -l "$disk" 2>/dev/null; rm -rf "$work"' EXIT
failures=0

# The demo in a form of seconds: training, harvest, dictionaries, a sweep, features, the report.
small=(data.train_images=96 data.validation_images=48 train.epochs=1 train.checkpoint_every_steps=1 harvest.images=40 harvest.batch_size=10
  'dictionary.*.epochs=1' 'dictionary.*.checkpoint_every_steps=1' 'sweep.*.epochs=1' 'sweep.*.baselines=pca' 'sweep.*.baseline_k=[2]'
  'sweep.*.baseline_expansion=0.25' features.presets=naive features.steps=2 features.pictures=1 features.side_by_side=1
  features.compare_units=1 features.examples=1 'features.compare=[]' features.batch_size=2)
demo() { # demo FOLDER [OPTION …]
  local folder=$1 one sets=()
  shift
  for one in "${small[@]}"; do sets+=(--set "$one"); done
  "$fovea" demo --out "$folder" --threads 1 --quiet "${sets[@]}" "$@"
}

bad() { failures=$((failures + 1)); echo "FINDING: $*"; }

# Every file but those that hold clocks, with its hash.
sums() { (cd "$1" && find . -type f ! -name run.json ! -name log.txt ! -name .lock -print0 | sort -z | xargs -0 sha256sum); }

# check_refusal CODE STDERR EXPECTED_CODE PATTERN WHAT: the exit code, one sentence of what is wrong, no trace.
check_refusal() {
  [ "$1" = "$3" ] || bad "$5: exit code $1, expected $3: $(tail -c 400 "$2")"
  [ "$(grep -c '^error: ' "$2")" = 1 ] || bad "$5: not one error line: $(tail -c 400 "$2")"
  grep -q '^   at ' "$2" && bad "$5: a stack trace: $(head -c 400 "$2")"
  grep -Eq "$4" "$2" || bad "$5: says not what happened: $(tail -c 400 "$2")"
}
finish() { echo "$1; findings: $failures"; [ "$failures" = 0 ]; }
