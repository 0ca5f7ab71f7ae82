using System.CommandLine;
using Fovea.Cli.Terminal;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea notes …</c>: what people wrote about units of a run.</summary>
internal static class NoteCommands
{
    public static Command Create(AppEnvironment app) => new("notes", "Names, tags, ratings and texts on units of a run.")
    {
        new NotesExportCommand(app),
        new NotesImportCommand(app),
    };
}
