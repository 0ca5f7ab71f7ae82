#!/usr/bin/env bash
# Whether a package with a known vulnerability is used, and whether the feed would say so: a package with one that everybody knows is asked for
# first. Exit code 0: none; 1: there is one; 2: the feed does not answer.
set -euo pipefail
cd "$(dirname "$0")/.."
control=$(mktemp -d)
trap 'rm -rf "$control"' EXIT
cat > "$control/control.csproj" <<'P'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit></PropertyGroup>
  <!-- GHSA-5crp-9r3c-p9vr. Restored, never built. -->
  <ItemGroup><PackageReference Include="Newtonsoft.Json" Version="12.0.3" /></ItemGroup>
</Project>
P
dotnet restore "$control" >/dev/null
found=$(dotnet list Fovea.slnx package --vulnerable --include-transitive)
if grep -q '^ *>' <<<"$found"; then echo "$found"; exit 1; fi
if ! dotnet list "$control/control.csproj" package --vulnerable | grep -q '> *Newtonsoft.Json'; then
  echo "The feed does not say which packages have known vulnerabilities: nothing is known."
  exit 2
fi
echo "No package has a known vulnerability."
