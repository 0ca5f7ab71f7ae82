using System.CommandLine;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Terminal;
using Fovea.Runs;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea report</c>: the static report of a run folder.</summary>
internal sealed class ReportCommand : FoveaCommand
{
    private readonly Option<string> _run = SharedOptions.Run();
    private readonly AppEnvironment _app;

    public ReportCommand(AppEnvironment app)
        : base(app, "report",
            "The static report of a run: pages that open from the disk, without a server. It shows what can be read of a damaged run; "
                + "exit code 3 "
                + "says that something could not.")
    {
        _app = app;
        Add(_run);
        Examples = ["fovea report --run runs/demo"];
    }

    protected override int Execute(CommandContext context)
    {
        string run = Path.GetFullPath(context.Get(_run)!);
        RunFolders.Require(new RunFolder(run));
        List<string> unreadable = [];
        string report = context.App.Workflow.BuildReportAsync(run, Say, context.Cancellation).GetAwaiter().GetResult();
        foreach (string problem in Damages(new RunFolder(run)).Where(one => !unreadable.Any(said => said.Contains(one, StringComparison.Ordinal)))) Say(problem);
        context.Result(new ReportResult(run, report, unreadable), text => text.WriteLine(report));
        // The report shows what is left; that something is not is for whoever called to know.
        return unreadable.Count == 0 ? ExitCode.Done : (int)FailureKind.Data;

        void Say(string problem)
        {
            // The pages may be copied anywhere and say RUN; whoever called wants the file.
            problem = problem.Replace("RUN/", run + "/", StringComparison.Ordinal);
            unreadable.Add(problem);
            context.Warn(problem);
        }
    }

    /// <summary>What the pages do not need, and whoever goes on with the run does: the recipe and the tensors.</summary>
    private string[] Damages(RunFolder run)
    {
        try
        {
            return [.. RunStatus.Of(Recipe.OfRun(run.Root, []).Settings, run, _app.Clock.GetUtcNow().UtcDateTime).Stages
                .Where(stage => stage.Damage is not null).Select(stage => $"{stage.Name}: {stage.Damage}")];
        }
        catch (FoveaException e)
        {
            return [e.Message];
        }
    }
}
