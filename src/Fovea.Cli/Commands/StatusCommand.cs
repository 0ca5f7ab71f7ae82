using System.CommandLine;
using System.Globalization;
using Fovea.Cli.Recipes;
using Fovea.Cli.Results;
using Fovea.Cli.Slurm;
using Fovea.Cli.Terminal;
using Fovea.Runs;

namespace Fovea.Cli.Commands;

/// <summary><c>fovea status RUN</c>: how far a run is, by its own files.</summary>
internal sealed class StatusCommand : FoveaCommand
{
    private const int Shown = 20;

    private readonly Argument<string?> _run = new("RUN") { Description = "The run folder.", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => null };
    private readonly Option<string?> _same = new("--run") { Description = "The same, as other commands are given it.", HelpName = "DIR" };
    private readonly AppEnvironment _app;

    public StatusCommand(AppEnvironment app)
        : base(app, "status", "How far a run is, by its own files: parts done, running and failed, who is at it, rate and time left.")
    {
        _app = app;
        Add(_run);
        Add(_same);
        Examples = ["fovea status runs/imagenet", "fovea status runs/imagenet --json"];
    }

    protected override int Execute(CommandContext context)
    {
        if ((context.Get(_run) is null) == (context.Get(_same) is null))
            throw FoveaException.BadConfiguration("Say once which run: fovea status RUN.");
        var run = new RunFolder(context.Get(_run) ?? context.Get(_same)!);
        string scripts = SlurmScripts.Folder(run.Root);
        if (!File.Exists(run.Recipe) && File.Exists(Path.Combine(scripts, SlurmScripts.SubmitName)))
        {
            // Jobs wait in the queue for minutes or days before the first of them makes the folder.
            context.Result(new StatusResult(run.Root, false, []), text => text.WriteLine(
                $"run folder    {run.Root}\nnot begun     none of its jobs has started yet: {scripts} has their scripts, squeue says what they wait for"));
            return ExitCode.Done;
        }
        RunFolders.Require(run);
        RunStatus status = RunStatus.Of(Recipe.OfRun(run.Root, []).Settings, run, _app.Clock.GetUtcNow().UtcDateTime);
        context.Result(new StatusResult(status.Run, status.Complete, status.Stages), text =>
        {
            text.WriteLine($"run folder    {status.Run}");
            foreach (StageStatus stage in status.Stages) Write(text, stage);
        });
        return ExitCode.Done;
    }

    private static void Write(TextWriter text, StageStatus stage)
    {
        text.WriteLine($"{stage.State,-12}  {stage.Name}{Counts(stage)}");
        foreach (PartRunning part in stage.Running.Take(Shown))
        {
            string since = part.Since is { } start ? $", since {Time(start)}" : "";
            text.WriteLine(
                $"  running     {part.Part}: process {part.Process} on {part.Host}{since}, sign of life "
                    + $"{Humane.Number(part.RenewedSecondsAgo)} s ago (lease {Humane.Number(part.LeaseSeconds)} s)");
        }
        if (stage.Running.Count > Shown) text.WriteLine($"  running     and {stage.Running.Count - Shown} more");
        foreach (PartFailed part in stage.Failed.Take(Shown))
            text.WriteLine($"  failed      {part.Part}: process {part.Process} on {part.Host}, {Time(part.At)}: {part.Error}");
        if (stage.Failed.Count > Shown) text.WriteLine($"  failed      and {stage.Failed.Count - Shown} more");
    }

    private static string Counts(StageStatus stage)
    {
        if (stage.State == StageState.Damaged) return $": {stage.Damage}";
        if (stage.State is StageState.Waiting or StageState.Complete) return "";
        string rate = stage.PartsAnHour is { } parts ? $", {Humane.Number(parts)} parts an hour" : "";
        string left = stage.SecondsLeft is { } seconds ? $", about {Humane.Duration(TimeSpan.FromSeconds(seconds))} left" : "";
        return $": {stage.Done} of {stage.Parts?.ToString(CultureInfo.InvariantCulture) ?? "?"} parts done, {stage.Running.Count} running, "
            + $"{stage.Failed.Count} failed{rate}{left}";
    }

    private static string Time(DateTime utc) => utc.ToString("yyyy-MM-dd HH:mm:ss 'UTC'", CultureInfo.InvariantCulture);
}
