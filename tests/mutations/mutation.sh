# Sourced by the scripts beside it, which name the project of the tests in $tests first. What is committed is copied to the folder that the
# script was given, or a new one; `unseen` becomes 1 where a fault stays unseen.
set -u
cd "$(dirname "$0")/../.."
work=${1:-$(mktemp -d)}
mkdir -p "$work"
git archive HEAD | tar -x -C "$work" || exit 2
cd "$work"
unseen=0

# mutation NAME FILE SED-PROGRAM CLASS: the edit, and the class of the tests that see to it.
mutation() {
  local name=$1 file=$2 edit=$3 class=$4
  cp "$file" "$work/original"
  sed -i "$edit" "$file"
  if cmp -s "$file" "$work/original"; then echo "$name: the edit of $file fits nothing: it has to be written anew"; unseen=1; return; fi
  if ! dotnet build -c Release -v q -nr:false -p:RunAnalyzers=false "$tests" >"$work/build.log" 2>&1; then
    echo "$name: does not build"; grep -m3 error "$work/build.log"; unseen=1
  else
    "$tests/bin/Release/net10.0/$(basename "$tests")" --filter-class "$class" --progress off --output Normal >"$work/tests.log" 2>&1
    red=$(sed -n 's/^failed \(.*\) ([0-9].*)$/\1/p' "$work/tests.log" | sed 's/(.*//' | sort | uniq -c)
    if [ -z "$red" ]; then echo "$name: NOT SEEN"; tail -5 "$work/tests.log"; unseen=1; else echo "$name: red are"; echo "$red"; fi
  fi
  cp "$work/original" "$file"
}
