using System.CommandLine;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Runs.Notes;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea notes import</c>.</summary>
internal sealed class NotesImportCommand : FoveaCommand
{
    private const int Named = 5;

    private readonly Argument<string> _from = new("FILE") { Description = "Notes of `notes export`: a .csv table, or JSON." };
    private readonly Option<string> _run = SharedOptions.Run();
    private readonly Option<bool> _replace = new("--replace")
    {
        Description = "Put the file's notes in the place of the run's where both have one (the run's stay).",
    };

    public NotesImportCommand(AppEnvironment app)
        : base(app, "import", "Notes of a file into a run; all of them or, where one cannot be, none.")
    {
        Add(_from);
        Add(_run);
        Add(_replace);
        Examples = ["fovea notes import notes.csv --run runs/demo"];
    }

    protected override int Execute(CommandContext context)
    {
        NoteImport done = new RunNotes(context.Get(_run)!)
            .Import(NoteTable.Load(context.Get(_from)!), context.Get(_replace), context.Cancellation);
        if (done.Kept.Count > 0)
        {
            string names = string.Join("; ", done.Kept.Take(Named).Select(note => note.Title));
            context.Warn($"{done.Kept.Count} notes of the run differ from the file's and stayed: {names}"
                + (done.Kept.Count > Named ? " …" : "") + ". --replace takes the file's.");
        }
        context.Result(new NotesImportResult(done.Added, done.Replaced, done.Unchanged, done.Kept.Count),
            text => text.WriteLine(
                $"{done.Added} notes added, {done.Replaced} replaced, {done.Unchanged} unchanged, {done.Kept.Count} of the run's kept"));
        return ExitCode.Done;
    }
}
