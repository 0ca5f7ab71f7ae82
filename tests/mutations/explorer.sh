#!/usr/bin/env bash
# Breaks the explorer in five ways, one after the other, in a copy of what is committed, and lists the tests that go red: each must.
#   tests/mutations/explorer.sh [FOLDER FOR THE COPY]        some minutes; ends with 1 where a fault stays unseen
set -u
cd "$(dirname "$0")/../.."
work=${1:-$(mktemp -d)}
mkdir -p "$work"
git archive HEAD | tar -x -C "$work" || exit 2
cd "$work"
tests=tests/Fovea.Explorer.Tests
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
    "$tests/bin/Release/net10.0/Fovea.Explorer.Tests" --filter-class "$class" --progress off --output Normal >"$work/tests.log" 2>&1
    red=$(sed -n 's/^failed \(.*\) ([0-9].*)$/\1/p' "$work/tests.log" | sed 's/(.*//' | sort | uniq -c)
    if [ -z "$red" ]; then echo "$name: NOT SEEN"; tail -5 "$work/tests.log"; unseen=1; else echo "$name: red are"; echo "$red"; fi
  fi
  cp "$work/original" "$file"
}

mutation "any Host is answered to" src/Fovea.Explorer/Server/Guards/HostGuard.cs \
  's/return IsOwn(host, http.Connection.LocalPort) ? next(http)/return host.Length >= 0 ? next(http)/' '*.GuardTests'

mutation "a note's name is taken for markup" src/Fovea.Explorer/Components/NoteText.razor \
  's/<p class="note-name">@note.Name</<p class="note-name">@((MarkupString)note.Name)</' '*.NotesTests'

mutation "notes are written over what is there" src/Fovea/Runs/Notes/RunNotes.cs \
  's/DocumentFile.Write(File, new NotesDocument(/DocumentFile.Write(File + ".new", new NotesDocument(/; s/ThenBy(note => note.Unit)\]));/&\n        System.IO.File.WriteAllBytes(File, System.IO.File.ReadAllBytes(File + ".new"));/' '*.NotesTests'

mutation "what follows a change is cut at another layer" src/Fovea/Interventions/Studies/NetworkStudy.cs \
  's/Given = tail ? \[layers\[0\]/Given = tail ? [Layers[^1]/; s/\[kept\[layers\[0\]\]/[kept[Layers[^1]]/' '*.LiveAnswersTests'

mutation "what was read of a run is kept when the run is another" src/Fovea.Explorer/Server/RunSession.cs \
  's/_state is null || _state.Version != version/_state is null/' '*.ServedPageTests'

[ $unseen -eq 0 ] && echo "all five were seen"
exit $unseen
