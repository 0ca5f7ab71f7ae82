#!/usr/bin/env bash
# bench/against.sh COMMIT [PAIRS]: the hot loops (sparse autoencoder step, harvest, rendering) of this checkout beside those of an older commit, in
# alternating pairs of processes (31 unless told). bench/against/COMMIT holds the rows in that commit's API. Prints a line a row.
set -euo pipefail
cd "$(dirname "$0")/.."
commit=$1 pairs=${2:-31}
[ -d "bench/against/$commit" ] || { echo "bench/against/$commit has no rows for that commit" >&2; exit 2; }
older=$(mktemp -d)
trap 'git worktree remove --force "$older" || rm -rf "$older"' EXIT
git worktree add --quiet --detach --force "$older" "$commit"
cp "bench/against/$commit/"*.cs "$older/bench/Fovea.Bench/"
dotnet build -c Release -v q "$older/bench/Fovea.Bench"
dotnet build -c Release -v q bench/Fovea.Bench
FOVEA_BENCH_OLDER="$older/bench/Fovea.Bench/bin/Release/net10.0/fovea-bench" FOVEA_BENCH_PAIRS=$pairs \
  bench/Fovea.Bench/bin/Release/net10.0/fovea-bench against
