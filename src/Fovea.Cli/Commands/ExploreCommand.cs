using System.CommandLine;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Cli.Workflows;
using Fovea.Numerics;
using Fovea.Runs;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea explore</c>: the pages of a run, served to a browser of this machine.</summary>
internal sealed class ExploreCommand : FoveaCommand
{
    private readonly Option<string> _run = SharedOptions.Run();
    private readonly Option<string?> _with = new("--with")
    {
        Description = "Another run folder, read beside the first: its units can be compared with those of the first.",
        HelpName = "DIR",
    };
    private readonly Option<int?> _port = SharedOptions.Positive(
        new Option<int?>("--port") { Description = "The port on 127.0.0.1 (7341, or the next that is free).", HelpName = "P" });
    private readonly Option<bool> _readOnly = new("--read-only")
    {
        Description = "Change nothing in the run folder and start no work: pages only.",
    };
    private readonly Option<string?> _token = new("--host-token")
    {
        Description = "The token of the first address, 16 or more letters and digits (a random one). Other users may see a command's options.",
        HelpName = "TOKEN",
    };

    public ExploreCommand(AppEnvironment app)
        : base(app, "explore",
            "A run in the browser: a page for every unit, galleries to sort and filter, pictures made on demand. Prints the address and "
                + "serves it, to this machine alone, until Ctrl+C.")
    {
        Add(_run);
        Add(_with);
        Add(_port);
        Add(_readOnly);
        Add(_token);
        Examples =
        [
            "fovea explore --run runs/demo", "fovea explore --run runs/demo --with runs/other",
            "fovea explore --run runs/demo --port 8000 --read-only",
        ];
    }

    protected override int Execute(CommandContext context)
    {
        // It answers for hours, from many threads: its memory stays as it is when warm (tests/soak.py).
        NativeHeap.KeepLittle();
        string run = Path.GetFullPath(context.Get(_run)!);
        RunFolders.Require(new RunFolder(run));
        string? with = context.Get(_with) is { } other ? Path.GetFullPath(other) : null;
        if (with is not null) RunFolders.Require(new RunFolder(with));
        var request = new ExploreRequest(run, with, context.Get(_port), context.Get(_readOnly), context.Get(_token));
        context.App.Workflow.ExploreAsync(request, Started, context.Note, context.Cancellation).GetAwaiter().GetResult();
        return ExitCode.Done;

        void Started(string url)
        {
            context.Result(new ExploreResult(run, url, request.ReadOnly), text => text.WriteLine(url));
            // A program that started this one waits for the line.
            context.Console.Output.Flush();
            context.Note("Open it in a browser; Ctrl+C ends it.");
        }
    }

    protected override string AfterInterruption(CommandContext context) => "The explorer has ended.";
}
