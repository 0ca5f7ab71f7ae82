using Fovea.Runs;
using Fovea.Runs.Settings;

namespace Fovea.Cli.Slurm;

/// <summary>The jobs of a recipe: one a kind of stage, in order, and the report.</summary>
internal static class SlurmJobs
{
    /// <summary>Workers on a kind of stage whose number of parts the recipe does not say.</summary>
    private const int Usual = 8;

    /// <summary>The jobs.</summary>
    /// <param name="settings">The recipe.</param>
    /// <param name="workers">How many workers on which kind, where that is said.</param>
    /// <exception cref="FoveaException">Configuration: the recipe has no such kind of stage.</exception>
    public static IReadOnlyList<SlurmJob> Of(WorkflowSettings settings, IReadOnlyDictionary<string, int> workers)
    {
        IReadOnlyList<StageGroup> groups = Workflow.Groups(settings);
        if (workers.Keys.FirstOrDefault(name => groups.All(group => group.Name != name)) is { } wrong)
            throw FoveaException.BadConfiguration(
                $"--parts names '{wrong}': {(Workflow.StageNames.Contains(wrong) ? "the recipe asks for no such stage" : "there is no such stage")}. "
                    + $"There are: {string.Join(", ", groups.Select(group => group.Name))}.");
        SlurmJob[] jobs = [.. groups.Select(
            group => new SlurmJob(group.Name, group.After, workers.TryGetValue(group.Name, out int count) ? count : group.Parts ?? Usual))];
        string[] last = [.. jobs.Select(job => job.Name).Where(name => jobs.All(job => !job.After.Contains(name)))];
        return [.. jobs, new SlurmJob(SlurmJob.Report, last, 1)];
    }
}
