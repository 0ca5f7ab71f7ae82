# What the scripts of this folder share; sourced by them. A finding makes a program of its own in a temporary folder, from public packages of pinned versions, and
# compares what it prints with what was seen.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT

# program "PACKAGE VERSION" …: a C# program in $work from standard input, built and run; its output is kept in $work/output.
program() {
  local references="" one
  for one; do references+="<PackageReference Include=\"${one% *}\" Version=\"[${one#* }]\" />"; done
  # TorchSharp asks for a newer C++ library than older systems have; the repository's build changes the package's native part for them.
  local native="$here/../build/TorchSharp.Native.targets"
  if [[ "$*" == *TorchSharp* && -f $native ]]; then native="<Import Project=\"$native\" />"; else native=""; fi
  cat > "$work/finding.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup>
    <OutputType>Exe</OutputType><TargetFramework>net10.0</TargetFramework><Nullable>enable</Nullable><ImplicitUsings>enable</ImplicitUsings>
    <AllowUnsafeBlocks>true</AllowUnsafeBlocks><InvariantGlobalization>true</InvariantGlobalization>
    <CreateSymbolicLinksForCopyLocalFilesIfPossible>true</CreateSymbolicLinksForCopyLocalFilesIfPossible>
  </PropertyGroup>
  <ItemGroup>$references</ItemGroup>
  $native
</Project>
PROJECT
  cat > "$work/Program.cs"
  dotnet build "$work/finding.csproj" -c Release -v q --nologo > "$work/build.log" 2>&1 || { cat "$work/build.log"; exit 2; }
  "$work/bin/Release/net10.0/finding" > "$work/output" 2> "$work/error" || { cat "$work/output" "$work/error"; exit 2; }
  cat "$work/output"
}

# still TEXT: what was printed is still this; otherwise the finding is out of date.
still() {
  if diff <(printf '%s\n' "$1") "$work/output" > "$work/differences"; then echo "as seen"; else
    echo "it is another now:"; cat "$work/differences"; exit 1
  fi
}
