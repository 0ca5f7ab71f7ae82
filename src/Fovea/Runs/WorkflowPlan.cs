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

    /// <summary>
    /// Minutes, at the speed that the machine has now: it is timed with a little of the run's own work (<see cref="Rates"/>). Off by a
    /// factor of <see cref="Uncertainty"/> or less.
    /// </summary>
    public double Minutes => Stages.Sum(stage => stage.Minutes);

    /// <summary>
    /// By what factor the minutes may be too many or too few, as measured on the project's own recipes (docs/reference/commands.md).
    /// </summary>
    public const double Uncertainty = 2;

    /// <summary>What the run leaves out because of its network, and why, in sentences.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];

    /// <summary>What images go through before the network, and who says it, in sentences.</summary>
    public IReadOnlyList<string> Preparation { get; init; } = [];

    /// <summary>What was timed for it.</summary>
    public IReadOnlyList<PlanRate> Rates { get; init; } = [];

    /// <summary>Seconds that the timing took.</summary>
    public double CalibrationSeconds { get; init; }
}

/// <summary>One stage of a plan.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Action"><c>skip</c>, <c>start</c>, <c>continue</c> or <c>replace</c>.</param>
/// <param name="Images">Images to read.</param>
/// <param name="Vectors">Vectors to store.</param>
/// <param name="Bytes">Bytes to write, about.</param>
/// <param name="Minutes">At the speed that the machine has now.</param>
public sealed record StagePlan(string Name, string Action, long Images, long Vectors, long Bytes, double Minutes);

/// <summary>One kind of work of a plan, timed on this machine.</summary>
/// <param name="What">The work.</param>
/// <param name="Item">What one of it is: an image, a vector, a step of a picture.</param>
/// <param name="Seconds">That one takes.</param>
public sealed record PlanRate(string What, string Item, double Seconds);
