namespace Fovea.Runs.Notes;

/// <summary>What became of a change of a note.</summary>
/// <param name="Kept">The note that the run has now.</param>
/// <param name="Saved">Whether it is the one that was to be saved; else somebody wrote another one since, and that one stayed.</param>
public sealed record NoteSave(UnitNote Kept, bool Saved);

/// <summary>What became of the notes of a file.</summary>
/// <param name="Added">Notes on units that had none.</param>
/// <param name="Replaced">Notes that stand in the place of others.</param>
/// <param name="Unchanged">Notes that the run had.</param>
/// <param name="Kept">Notes of the run that differ from the file's and stayed.</param>
public sealed record NoteImport(int Added, int Replaced, int Unchanged, IReadOnlyList<UnitNote> Kept);
