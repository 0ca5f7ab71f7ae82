#!/usr/bin/env bash
# Writes what the command fovea is made of as CycloneDX (JSON): every package with its version, hash and licence. Fails where that is not what the
# lock file says. Usage: tests/sbom.sh [FOLDER]
set -euo pipefail
cd "$(dirname "$0")/.."
out=$(realpath -m "${1:-sbom}")
dotnet tool restore >/dev/null
dotnet restore src/Fovea.Cli --locked-mode >/dev/null
version=$(sed -n 's/.*<Version>\(.*\)<\/Version>.*/\1/p' Directory.Build.props)
dotnet CycloneDX src/Fovea.Cli/Fovea.Cli.csproj --output "$out" --filename fovea.cdx.json --output-format Json --disable-package-restore \
  --set-name fovea --set-version "$version" >/dev/null
listed() { sed -n 's/^      "bom-ref": "pkg:nuget\/\(.*\)@.*",\?/\1/p' "$out/fovea.cdx.json" | sort -fu; }
locked() { awk -F'"' '/^      "/ {name = $2} /"resolved"/ {print name}' src/Fovea.Cli/packages.lock.json | sort -fu; }
diff -i <(locked) <(listed) || { echo "The list of parts and the lock file differ (< locked, > listed)." >&2; exit 1; }
echo "$(listed | wc -l) packages, as locked: $out/fovea.cdx.json"
