#!/usr/bin/env bash
# Breaks the explorer in five ways, one after the other, in a copy of what is committed, and lists the tests that go red: each must.
#   tests/mutations/explorer.sh [FOLDER FOR THE COPY]        some minutes; ends with 1 where a fault stays unseen
tests=tests/Fovea.Explorer.Tests
source "$(dirname "$0")/mutation.sh"

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
