using Fovea.Runs;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Slurm;

/// <summary>The jobs of a recipe: one a kind of stage, in order, and the report.</summary>
internal static class SlurmJobs
{
    /// <summary>Workers on a harvest or a sweep where nothing is said.</summary>
    private const int Usual = 8;

    /// <summary>The jobs.</summary>
    /// <param name="settings">The recipe.</param>
    /// <param name="parts">How many workers on which kind, where that is said.</param>
    /// <exception cref="FoveaException">Configuration: the recipe has no such kind of stage.</exception>
    public static IReadOnlyList<SlurmJob> Of(WorkflowSettings settings, IReadOnlyDictionary<string, int> parts)
    {
        var known = new List<(string Name, string[] After, int Workers)> { ("train", [], 1) };
        int layers = settings.Harvest?.Layers.Count ?? 0;
        if (settings.Harvest is not null) known.Add(("harvest", ["train"], Usual));
        if (settings.Dictionary.Count > 0) known.Add(("dictionary", ["harvest"], settings.Dictionary.Count));
        if (settings.Sweep.Count > 0) known.Add(("sweep", ["harvest"], Usual));
        string[] units = settings.Dictionary.Count > 0 ? ["dictionary"] : ["harvest"];
        if (settings.Features is not null) known.Add(("features", units, layers + 1));
        if (settings.Proof is not null) known.Add(("proof", units, layers + settings.Dictionary.Count));
        string[] missing = [.. Workflow.StageNames.Except(known.Select(job => job.Name))];
        if (parts.Keys.FirstOrDefault(name => known.All(job => job.Name != name)) is { } wrong)
            throw FoveaException.BadConfiguration(
                $"--parts names '{wrong}': {(missing.Contains(wrong) ? "the recipe asks for no such stage" : "there is no such stage")}. "
                    + $"There are: {string.Join(", ", known.Select(job => job.Name))}.");
        SlurmJob[] jobs = [.. known.Select(job => new SlurmJob(job.Name, job.After, parts.GetValueOrDefault(job.Name, job.Workers)))];
        string[] last = [.. jobs.Select(job => job.Name).Where(name => jobs.All(job => !job.After.Contains(name)))];
        return [.. jobs, new SlurmJob("report", last, 1)];
    }
}
