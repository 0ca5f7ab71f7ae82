#!/usr/bin/env bash
# Builds the last commit twice from nothing, in a folder of one name, and compares the SHA-256 of every file that is ours: assemblies, symbols and
# the patched native library. Exit code 1 where one differs. A folder of another name changes Fovea.Explorer alone: its symbols hold the C# that the
# SDK makes of its components, whole paths included, and the assembly the hash of its symbols.
# Usage: tests/reproducible.sh
set -euo pipefail
cd "$(dirname "$0")/.."
work=/tmp/fovea-reproducible
rm -rf "$work" && mkdir "$work"
trap 'rm -rf "$work"' EXIT
sums() {
  local folder="$work/fovea"
  mkdir -p "$folder"
  git archive HEAD | tar -x -C "$folder"
  dotnet build "$folder/src/Fovea.Cli" -c Release -m:1 -nodeReuse:false >"$work/log" 2>&1 \
    || { tail -20 "$work/log"; exit 1; }
  (cd "$folder/src/Fovea.Cli/bin/Release/net10.0" && sha256sum Fovea.Core.dll Fovea.Core.pdb Fovea.Explorer.dll Fovea.Explorer.pdb fovea.dll fovea.pdb)
  (cd "$folder/src/Fovea.Cli/obj/torchsharp" && sha256sum libLibTorchSharp.so)
  rm -rf "$folder"
}
sums >"$work/first"
sums >"$work/second"
cat "$work/first"
diff "$work/first" "$work/second" && echo "Both builds have these sums."
