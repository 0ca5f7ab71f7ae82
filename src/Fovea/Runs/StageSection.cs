using Fovea.Runs.Stages;

namespace Fovea.Runs;

/// <summary>A kind of stage as a report speaks of it.</summary>
/// <param name="Kind">The first word of its stages' names.</param>
/// <param name="Title">The heading of its section.</param>
public sealed record StageSection(string Kind, string Title)
{
    /// <summary>Every kind of stage of a workflow, in the order of a report's sections.</summary>
    public static IReadOnlyList<StageSection> All { get; } = [.. StageCatalogue.All.Select(
        kind => new StageSection(kind.Word, kind.Title))];
}
