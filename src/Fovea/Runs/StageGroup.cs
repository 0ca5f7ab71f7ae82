namespace Fovea.Runs;

/// <summary>The stages of one kind that a recipe asks for, as something that many workers can make before others begin what is made from them.</summary>
/// <param name="Name">The kind, as <see cref="Workflow.StageNames"/> has it.</param>
/// <param name="After">Kinds that it is made from, without those that these are made from themselves.</param>
/// <param name="Parts">
/// In how many parts its stages are made, all together: more workers than that find nothing to do. Null where only the images or the layers
/// say it.
/// </param>
public sealed record StageGroup(string Name, IReadOnlyList<string> After, int? Parts);
