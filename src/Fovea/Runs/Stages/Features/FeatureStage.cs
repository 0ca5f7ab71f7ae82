using Fovea.Models;
using Fovea.Runs.Graph;
using Fovea.Runs.Settings;
using Fovea.Runs.Speed;

namespace Fovea.Runs.Stages.Features;

/// <summary>
/// Stage 4 in a run folder: <c>features/&lt;layer&gt;/</c>, for the neurons of every harvested layer and the latents of every dictionary.
/// Parts (<see cref="FeatureParts"/>): evidence of each group of units, pictures, results of each group, comparisons of each layer, the
/// classes.
/// </summary>
internal sealed class FeatureStage(WorkflowSettings recipe, FeatureSettings features) : IStage
{
    /// <summary>The name, for what reports progress.</summary>
    public const string StageName = "features";

    public string Name => StageName;

    public IReadOnlyList<string> After => ["harvest", .. recipe.Dictionary.Select(DictionaryStage.NameOf)];

    public string Folder(RunFolder run) => run.Features;

    public StageInputs Inputs(RunContext context) => new FeatureInputs(
        recipe.Seed, features, Comparisons.Hashes(context),
            features.Judge is { } judge ? context.FileHash(context.Resolve(judge.Weights)) : null);

    public void Check(RunContext context)
    {
        RelatedClasses.Of(context);
        Comparisons.Hashes(context);
        if (features.Judge is { } judge) Judgement.BuildJudge(context, judge).Dispose();
    }

    public IReadOnlyList<StagePart> Parts(RunContext context) => new FeatureParts(context, features).All();

    public StageCost Cost(RunContext context, MachineSpeed speed) => FeatureCost.Of(context, features, speed);

    public string Summary(RunFolder run) => string.Join(", ", recipe.Harvest!.Layers);

    /// <summary>The network before its modification, with the weights as published; null where it was not modified or has none.</summary>
    internal static ImageModel? Standard(RunContext context) =>
        HasStandard(context.Settings.Model)
            ? ModelStage.Build(
                context, context.Settings.Model with { AveragePooling = false, LeakySlope = 0 }, context.Validation.Classes.Count)
            : null;

    /// <summary>Whether there is such a network.</summary>
    internal static bool HasStandard(ModelSettings model) => (model.Weights ?? model.Network) is not null
        && model.Classes != NetworkClasses.Data && (model.AveragePooling || model.LeakySlope > 0);
}
