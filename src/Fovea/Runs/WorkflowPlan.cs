namespace Fovea.Runs;

/// <summary>What a run would read, compute and write: for <c>--dry-run</c>. Stages that are complete take nothing.</summary>
/// <param name="FreeBytes">Bytes free where the run folder is; null where that cannot be known.</param>
/// <param name="Stages">By stage.</param>
public sealed record WorkflowPlan(long? FreeBytes, IReadOnlyList<StagePlan> Stages)
{
    /// <summary>Images to read; with training, its images once for each epoch.</summary>
    public long Images => Stages.Sum(stage => stage.Images);

    /// <summary>Vectors to store.</summary>
    public long Vectors => Stages.Sum(stage => stage.Vectors);

    /// <summary>Bytes to write, about.</summary>
    public long Bytes => Stages.Sum(stage => stage.Bytes);

    /// <summary>Minutes on an idle machine, from steps of the run's own kinds timed now.</summary>
    public double Minutes => Stages.Sum(stage => stage.Minutes);
}

/// <summary>One stage of a plan.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Action"><c>skip</c>, <c>start</c>, <c>continue</c> or <c>replace</c>.</param>
/// <param name="Images">Images to read.</param>
/// <param name="Vectors">Vectors to store.</param>
/// <param name="Bytes">Bytes to write, about.</param>
/// <param name="Minutes">On an idle machine.</param>
public sealed record StagePlan(string Name, string Action, long Images, long Vectors, long Bytes, double Minutes);
