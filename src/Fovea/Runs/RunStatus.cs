using Fovea.Runs.Graph;
using Fovea.Runs.Settings;
using Fovea.Runs.Stages;

namespace Fovea.Runs;

/// <summary>How far a run is, by its own files: whoever works on it, on whatever machine. Nothing is written, nothing is watched.</summary>
/// <param name="Run">The run folder.</param>
/// <param name="Complete">Whether every stage is.</param>
/// <param name="Stages">The stages of the recipe, in order.</param>
public sealed record RunStatus(string Run, bool Complete, IReadOnlyList<StageStatus> Stages)
{
    /// <summary>Reads it.</summary>
    /// <param name="settings">The run's recipe.</param>
    /// <param name="run">The run.</param>
    /// <param name="now">The time, UTC.</param>
    /// <exception cref="FoveaException">Configuration: the settings contradict themselves.</exception>
    public static RunStatus Of(WorkflowSettings settings, RunFolder run, DateTime now)
    {
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(run);
        StageStatus[] stages = [.. new StageGraph(StageCatalogue.All, settings).Stages.Select(stage => Of(stage, run, now))];
        return new RunStatus(run.Root, stages.All(stage => stage.State == StageState.Complete), stages);
    }

    private static StageStatus Of(IStage stage, RunFolder run, DateTime now)
    {
        string folder = stage.Folder(run);
        StageRecord? record = StageRunner.Readable(folder);
        var scratch = new StageScratch(run, folder);
        string? damage = record is null && File.Exists(Path.Combine(folder, StageRecord.FileName))
            ? $"its record ({StageRecord.FileName}) cannot be read; fovea run … --redo \"{stage.Name}\" makes the stage again"
            : record is { Complete: true, Stale: false } && StageDamage.Of(folder) is { } why
                ? $"{why} fovea run … --redo \"{stage.Name}\" makes the stage again" : null;
        if (damage is not null)
            return new StageStatus(stage.Name, StageState.Damaged, null, 0, [], [], null, null) { Damage = damage };
        if (record is null or { Stale: true }) return new StageStatus(stage.Name, StageState.Waiting, null, 0, [], [], null, null);
        if (record.Complete) return new StageStatus(stage.Name, StageState.Complete, record.Parts, record.Parts, [], [], null, null);
        var done = scratch.Ended(done: true).ToArray();
        PartRunning[] running = [.. scratch.Holders(now).Select(one => new PartRunning(
            one.Part ?? "(joining the parts)", one.Record.Owner.Host, one.Record.Owner.Process, one.Record.Since,
            Math.Round(Math.Max(0, (now - one.Renewed).TotalSeconds)), one.Record.LeaseSeconds))];
        PartFailed[] failed = [.. scratch.Ended(done: false).Where(one => done.All(other => other.Part != one.Part)
            && running.All(other => other.Part != one.Part)).Select(one =>
                new PartFailed(one.Part, one.Record.Owner.Host, one.Record.Owner.Process, one.Record.Ended, one.Record.Error ?? ""))];
        double? rate = Rate([.. done.Select(one => one.Record)]), left = null;
        if (rate is > 0 && running.Length > 0 && record.Parts >= done.Length) left = Math.Round((record.Parts - done.Length) / rate.Value * 3600);
        return new StageStatus(
            stage.Name, running.Length > 0 ? StageState.Running : failed.Length > 0 ? StageState.Failed : StageState.Interrupted,
            record.Parts == 0 ? null : record.Parts, done.Length, running, failed, rate is { } value ? Math.Round(value, 2) : null, left);
    }

    /// <summary>Parts an hour, from the beginning of the first to the end of the last that is done.</summary>
    private static double? Rate(IReadOnlyList<PartRecord> done)
    {
        if (done.Count == 0) return null;
        DateTime first = done.Min(one => one.Ended - TimeSpan.FromSeconds(one.Seconds)), last = done.Max(one => one.Ended);
        double hours = (last - first).TotalHours;
        return hours > 0 ? done.Count / hours : null;
    }
}

/// <summary>How far a stage is.</summary>
/// <param name="Name">Its name.</param>
/// <param name="State">A word of <see cref="StageState"/>.</param>
/// <param name="Parts">In how many parts it is made; null where that is not known yet.</param>
/// <param name="Done">How many of them are done.</param>
/// <param name="Running">Those that are being made.</param>
/// <param name="Failed">Those that failed the last time, and that nobody is making.</param>
/// <param name="PartsAnHour">The rate; null where no part is done, or all are.</param>
/// <param name="SecondsLeft">At this rate; null where it is not known.</param>
public sealed record StageStatus(
    string Name, string State, int? Parts, int Done, IReadOnlyList<PartRunning> Running, IReadOnlyList<PartFailed> Failed,
    double? PartsAnHour, double? SecondsLeft)
{
    /// <summary>What is damaged of it, and what helps; null where nothing is.</summary>
    public string? Damage { get; init; }
}

/// <summary>A part that is being made.</summary>
/// <param name="Part">Which.</param>
/// <param name="Host">By a process of this machine.</param>
/// <param name="Process">Its number.</param>
/// <param name="Since">When it began, UTC, by that machine's clock.</param>
/// <param name="RenewedSecondsAgo">When it last gave a sign of life.</param>
/// <param name="LeaseSeconds">After so many seconds without one, another machine's worker takes the part.</param>
public sealed record PartRunning(string Part, string Host, int Process, DateTime? Since, double RenewedSecondsAgo, double LeaseSeconds);

/// <summary>A part that could not be made.</summary>
/// <param name="Part">Which.</param>
/// <param name="Host">By a process of this machine.</param>
/// <param name="Process">Its number.</param>
/// <param name="At">When, UTC.</param>
/// <param name="Error">Why.</param>
public sealed record PartFailed(string Part, string Host, int Process, DateTime At, string Error);
