using System.CommandLine;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Runs.Notes;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea notes export</c>.</summary>
internal sealed class NotesExportCommand : FoveaCommand
{
    private readonly Option<string> _run = SharedOptions.Run();
    private readonly Option<string> _out =
        new("--out") { Description = "The file to write: .csv is a table, anything else JSON.", HelpName = "FILE", Required = true };

    public NotesExportCommand(AppEnvironment app)
        : base(app, "export", "Notes as a table for spreadsheets or as JSON.")
    {
        Add(_run);
        Add(_out);
        Examples = ["fovea notes export --run runs/demo --out notes.csv"];
    }

    protected override int Execute(CommandContext context)
    {
        IReadOnlyList<UnitNote> notes = new RunNotes(context.Get(_run)!).All();
        string file = Path.GetFullPath(context.Get(_out)!);
        NoteTable.Save(file, notes);
        context.Result(new NotesExportResult(file, notes.Count), text => text.WriteLine($"{file}: {notes.Count} notes"));
        return ExitCode.Done;
    }
}
