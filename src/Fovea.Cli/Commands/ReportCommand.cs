using System.CommandLine;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Runs;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea report</c>: the static report of a run folder.</summary>
internal sealed class ReportCommand : FoveaCommand
{
    private readonly Option<string> _run = SharedOptions.Run();

    public ReportCommand(AppEnvironment app)
        : base(app, "report",
            "The static report of a run: pages that open from the disk, without a server. It shows what can be read of a damaged run; "
                + "exit code 3 "
                + "says that something could not.")
    {
        Add(_run);
        Examples = ["fovea report --run runs/demo"];
    }

    protected override int Execute(CommandContext context)
    {
        string run = Path.GetFullPath(context.Get(_run)!);
        RunFolders.Require(new RunFolder(run));
        List<string> unreadable = [];
        string report = context.App.Workflow.BuildReportAsync(run, Say, context.Cancellation).GetAwaiter().GetResult();
        context.Result(new ReportResult(run, report, unreadable), text => text.WriteLine(report));
        // The report shows what is left; that something is not is for whoever called to know.
        return unreadable.Count == 0 ? ExitCode.Done : (int)FailureKind.Data;

        void Say(string problem)
        {
            unreadable.Add(problem);
            context.Warn(problem);
        }
    }
}
