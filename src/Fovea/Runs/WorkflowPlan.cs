namespace Fovea.Runs;

/// <summary>What a run would read, compute and write: for <c>--dry-run</c>.</summary>
/// <param name="Images">Images to harvest; with training, its images times epochs are added.</param>
/// <param name="Vectors">Vectors to store.</param>
/// <param name="Bytes">Bytes to write, about.</param>
/// <param name="FreeBytes">Bytes free where the run folder is.</param>
/// <param name="Minutes">Minutes on an idle machine, from the fastest of some forward passes and products timed now and the work that the recipe asks for; within a factor of two.</param>
public sealed record WorkflowPlan(long Images, long Vectors, long Bytes, long FreeBytes, double Minutes);
