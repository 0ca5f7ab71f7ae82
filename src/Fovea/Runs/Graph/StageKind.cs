using Fovea.Runs.Settings;

namespace Fovea.Runs.Graph;

/// <summary>A kind of stage: an entry of <see cref="Stages.StageCatalogue"/>.</summary>
/// <param name="Word">The first word of its stages' names; what <c>--until</c> and <c>--redo</c> take.</param>
/// <param name="Title">The heading of its section in a report.</param>
/// <param name="Of">The stages of the kind that a recipe asks for; none where it does not.</param>
internal sealed record StageKind(string Word, string Title, Func<WorkflowSettings, IEnumerable<IStage>> Of);
