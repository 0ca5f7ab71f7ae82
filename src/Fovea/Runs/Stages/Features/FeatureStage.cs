using Fovea.Activations;
using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;
using Fovea.IO;
using Fovea.Models;
using Fovea.Runs.Graph;
using Fovea.Runs.Settings;
using Fovea.Runs.Speed;
using Fovea.Visualization;

namespace Fovea.Runs.Stages.Features;

/// <summary>
/// Stage 4 in a run folder: <c>features/&lt;layer&gt;/</c>, for the neurons of every harvested layer and the latents of every dictionary.
/// Parts: the layers, and the classes.
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
        if (features.Judge is { } judge) UnitScoring.BuildJudge(context, judge).Dispose();
    }

    public int? PartCount => recipe.Harvest!.Layers.Count + 1;

    public IReadOnlyList<StagePart> Parts(RunContext context) =>
    [
        .. recipe.Harvest!.Layers.Select((layer, i) => new StagePart($"layer-{i}", scratch =>
        {
            using ImageModel? standard = Standard(context);
            Work(context, RunPresets.Of(context), layer, context.Network, standard, scratch);
        })),
        new("classes", scratch => ClassPictures.Write(context, RunPresets.Of(context), context.Network, scratch)),
    ];

    public StageCost Cost(RunContext context, MachineSpeed speed) => FeatureCost.Of(context, features, speed);

    public string Summary(RunFolder run) => string.Join(", ", recipe.Harvest!.Layers);

    /// <summary>The network before its modification, with the weights as published; null where it was not modified or has none.</summary>
    private static ImageModel? Standard(RunContext context) =>
        HasStandard(context.Settings.Model)
            ? ModelStage.Build(
                context, context.Settings.Model with { AveragePooling = false, LeakySlope = 0 }, context.Validation.Classes.Count)
            : null;

    /// <summary>Whether there is such a network.</summary>
    internal static bool HasStandard(ModelSettings model) => (model.Weights ?? model.Network) is not null
        && model.Classes != NetworkClasses.Data && (model.AveragePooling || model.LeakySlope > 0);

    private static void Work(RunContext context, RunPresets presets, string layer, ImageModel network, ImageModel? standard, string scratch)
    {
        var settings = context.Settings.Features!;
        using var store = ActivationStore.Open(context.Run.ActivationsOf(layer));
        using var groups = LayerGroups.Of(context, layer);
        var scoring = new UnitScoring(context, store, groups.List);
        var progress = new Reporter<TopExamplesProgress>(
            value => context.Report(StageName, value.Images, value.Total, "images", $"evidence, {layer}"));
        var statistics = TopExamples.Collect(store, store.Manifest.Grid[0], store.Manifest.Grid[1], store.Images, groups.List,
            new TopExamplesOptions
            {
                Examples = Math.Max(settings.Examples, Uniqueness.SetSize),
                Seed = context.Settings.Seed,
                BatchSize = 256,
                Labels = context.Harvested.Classes.Count is > 0 and var classes
                    ? new ImageLabels(store.Images, store.Labels, classes) : null,
                Observers = scoring.Observers,
            }, progress, context.Cancellation);
        var truth = ConceptTruths.Write(context, network, layer, groups.List);
        var comparisons = new Comparisons(context, store);
        var compared = comparisons.Rank(network, statistics);
        var stored = new Dictionary<string, StoredUnits>();
        foreach (var group in statistics)
        {
            var scores = scoring.Of(group, truth.GetValueOrDefault(group.Group.Name));
            // The paper's comparison needs pictures of the units it ranks, whatever their place in the gallery.
            int[] shown = [.. group.ByInterest().Where(unit => group.Units[unit].Density > 0).Take(settings.Pictures)];
            int[] units = [.. shown.Concat(compared.SelectMany(comparison => comparison.UnitsOf(group.Group))).Distinct()];
            string folder = context.Run.FeaturesOf(layer, group.Group.Name);
            var maker = new PictureMaker(context, presets, network, group.Group, Path.Combine(scratch, SafeName.Of(group.Group.Name)));
            int[] beside = [.. shown.Take(settings.SideBySide)];
            List<MadePicture> pictures = [.. maker.Make(RenderPresets.Paper.Preset, units)];
            foreach (string preset in settings.Presets) pictures.AddRange(maker.Make(preset, beside));
            for (int again = 1; again < settings.Seeds; again++)
            {
                pictures.AddRange(maker.Make(RenderPresets.Paper.Preset, shown, again));
                foreach (string preset in settings.Presets) pictures.AddRange(maker.Make(preset, beside, again));
            }
            var evidence = PictureEvidence.Of(context, network, standard, group, pictures);
            var places = PictureSheets.Write(folder, pictures, context.Cancellation);

            context.Report(StageName, 0, 0, "pictures", $"examples of {layer}/{group.Group.Name}");
            var most = WithExamples(group, settings.Examples);
            var shownExamples = ExamplePictures.Write(
                network, context.Harvested, most, units, folder, cancellationToken: context.Cancellation);
            TableFile.Write(Path.Combine(folder, FeatureTables.FeaturesName),
                FeatureTables.Features(group, pictures.Zip(places, (picture, place) => (picture.Result, place)), scores, evidence));
            TableFile.Write(Path.Combine(folder, FeatureTables.ExamplesName),
                FeatureTables.Examples(most, context.Harvested, shownExamples));
            EvidenceFile.Write(
                Path.Combine(folder, EvidenceFile.Name), group, network.Classes is null ? null : LogitEffects.Of(network, group.Group));
            stored.Add(group.Group.Name, new StoredUnits(group.Group.Name, pictures.Zip(places), shownExamples));
        }
        comparisons.Write(layer, compared, statistics, stored);
        if (standard is not null && settings.Flow > 0) GradientFlowStudy.Write(context, presets, layer, network, standard, statistics[0]);
    }

    /// <summary>Uniqueness reads more examples than are shown.</summary>
    private static GroupStatistics WithExamples(GroupStatistics group, int examples) =>
        group with { Units = [.. group.Units.Select(unit => unit with { Examples = [.. unit.Examples.Take(examples)] })] };

    /// <summary>The units of a layer: its neurons and the latents of its dictionaries, loaded.</summary>
    private sealed class LayerGroups(IReadOnlyList<UnitGroup> list) : IDisposable
    {
        public IReadOnlyList<UnitGroup> List => list;

        public static LayerGroups Of(RunContext context, string layer)
        {
            List<UnitGroup> list = [UnitGroup.Neurons(layer)];
            foreach (var dictionary in context.Settings.Dictionary.Where(dictionary => dictionary.Layer == layer))
                list.Add(UnitGroup.Latents(
                    layer, dictionary.Name, AutoencoderFile.Load(context.Run.Dictionary(layer, dictionary.Name), context.Device)));
            return new LayerGroups(list);
        }

        public void Dispose()
        {
            foreach (var group in list) group.Autoencoder?.Dispose();
        }
    }
}
