using Fovea.Runs.Settings;

namespace Fovea.Runs.Stages.Features;

/// <summary>What decides the features of a run, beside its network, vectors and dictionaries.</summary>
/// <param name="Seed">Of the run.</param>
/// <param name="Settings">What is shown of them and how.</param>
/// <param name="Compare">The images that units are ranked on, by the words of the recipe, as SHA-256 of their pixels.</param>
/// <param name="Judge">The SHA-256 of the judging network's weights; null without one.</param>
internal sealed record FeatureInputs(
    ulong Seed, FeatureSettings Settings, IReadOnlyDictionary<string, string> Compare, string? Judge) : StageInputs(7, Seed);
