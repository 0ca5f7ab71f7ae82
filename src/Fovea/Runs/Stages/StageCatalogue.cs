using Fovea.Runs.Graph;
using Fovea.Runs.Settings;
using Fovea.Runs.Stages.Features;
using Fovea.Runs.Stages.Proof;
using Fovea.Runs.Stages.Sweeps;

namespace Fovea.Runs.Stages;

/// <summary>Every kind of stage, in an order in which each stands after those it may be made from. A new stage is a line here.</summary>
internal static class StageCatalogue
{
    public static IReadOnlyList<StageKind> All { get; } =
    [
        new("train", "Model", settings => [new ModelStage(settings)]),
        new("harvest", "Layers", settings => settings.Harvest is { } harvest
            ? [new HarvestStage(WithoutClasses.Of(harvest, settings.Model))] : []),
        new("dictionary", "Dictionaries", settings => settings.Dictionary.Select(dictionary => new DictionaryStage(dictionary))),
        new("sweep", "Sweeps", settings => settings.Sweep.Select(sweep => new SweepStage(sweep))),
        new("features", "Features", settings => settings.Features is { } features ? [new FeatureStage(settings, features)] : []),
        new("proof", "Effects", settings => settings.Proof is { } proof ? [new ProofStage(settings, proof)] : []),
    ];
}
