#!/usr/bin/env bash
# Builds the last commit twice, in two folders of other names, and compares the SHA-256 of every file that is ours: assemblies, symbols and the
# patched native library. Exit code 1 where one differs. Usage: tests/reproducible.sh
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
sums() {
  local folder="$work/$1"
  mkdir -p "$folder"
  git archive HEAD | tar -x -C "$folder"
  dotnet build "$folder/src/Fovea.Cli" -c Release -m:1 -nodeReuse:false >"$work/log" 2>&1 \
    || { tail -20 "$work/log"; exit 1; }
  (cd "$folder/src/Fovea.Cli/bin/Release/net10.0" && sha256sum Fovea.Core.dll Fovea.Core.pdb Fovea.Explorer.dll Fovea.Explorer.pdb fovea.dll fovea.pdb)
  (cd "$folder/src/Fovea.Cli/obj/torchsharp" && sha256sum libLibTorchSharp.so)
  rm -rf "$folder"
}
sums a >"$work/first"
sums another-folder/deeper >"$work/second"
cat "$work/first"
diff "$work/first" "$work/second" && echo "Both builds have these sums."
