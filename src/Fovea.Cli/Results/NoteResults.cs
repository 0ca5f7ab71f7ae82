namespace Fovea.Cli.Results;

/// <summary>Notes that left a run.</summary>
internal sealed record NotesExportResult(string File, int Notes) : ICommandResult
{
    public static string Command => "`notes export`";
}

/// <summary>What became of the notes of a file.</summary>
internal sealed record NotesImportResult(int Added, int Replaced, int Unchanged, int Kept) : ICommandResult
{
    public static string Command => "`notes import`";
}
