using Fovea.Activations;
using Fovea.Dictionaries.Sparse;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Visualization;

namespace Fovea.Runs.Stages.Features;

/// <summary>Stage 4 in a run folder: <c>features/&lt;layer&gt;/</c>, for the neurons of every harvested layer and the latents of every dictionary.</summary>
internal static class FeatureStage
{
    public const string Name = "features";

    public static (StageRecord Record, bool Skipped) Pass(
        RunContext context, StageRecord harvest, IReadOnlyList<StageRecord> dictionaries, Func<ImageModel> network)
    {
        var settings = context.Settings.Features!;
        var record = StageRecord.Create(Name, new
        {
            format = 4,
            seed = context.Settings.Seed,
            harvest = harvest.Hash,
            dictionaries = dictionaries.Select(dictionary => dictionary.Hash),
            settings,
            judge = settings.Judge is { } judge ? context.FileHash(context.Resolve(judge.Weights)) : null,
        });
        bool skipped = context.Gate.Pass(record, context.Run.Features, () =>
        {
            using ImageModel? standard = Standard(context);
            RunPresets presets = RunPresets.Of(context);
            foreach (string layer in context.Settings.Harvest!.Layers) Work(context, presets, layer, network(), standard);
            ClassPictures.Write(context, presets, network());
        });
        return (record, skipped);
    }

    /// <summary>The network before its modification, with the weights as published; null where it was not modified or has none.</summary>
    private static ImageModel? Standard(RunContext context) =>
        context.Settings.Model is { Weights: not null } model && (model.AveragePooling || model.LeakySlope > 0)
            ? ModelStage.Build(context, model with { AveragePooling = false, LeakySlope = 0 }, context.Validation.Classes.Count)
            : null;

    private static void Work(RunContext context, RunPresets presets, string layer, ImageModel network, ImageModel? standard)
    {
        var settings = context.Settings.Features!;
        using var store = ActivationStore.Open(context.Run.ActivationsOf(layer));
        using var groups = LayerGroups.Of(context, layer);
        var scoring = new UnitScoring(context, store, groups.List);
        var progress = new Reporter<TopExamplesProgress>(value => context.Report(Name, value.Images, value.Total, "images", $"evidence, {layer}"));
        var statistics = TopExamples.Collect(store, store.Manifest.Grid[0], store.Manifest.Grid[1], store.Images, groups.List,
            new TopExamplesOptions
            {
                Examples = Math.Max(settings.Examples, Uniqueness.SetSize),
                Seed = context.Settings.Seed,
                BatchSize = 256,
                Labels = new ImageLabels(store.Images, store.Labels, context.Harvested.Classes.Count),
                Observers = scoring.Observers,
            }, progress, context.Cancellation);
        var truth = ConceptTruths.Write(context, network, layer, groups.List);
        var comparisons = new Comparisons(context, store);
        var compared = comparisons.Rank(network, statistics);
        foreach (var group in statistics)
        {
            var scores = scoring.Of(group, truth.GetValueOrDefault(group.Group.Name));
            // The paper's comparison needs pictures of the units it ranks, whatever their place in the gallery.
            int[] shown = [.. group.ByInterest().Where(unit => group.Units[unit].Density > 0).Take(settings.Pictures)];
            int[] units = [.. shown.Concat(compared.SelectMany(comparison => comparison.UnitsOf(group.Group))).Distinct()];
            string folder = context.Run.FeaturesOf(layer, group.Group.Name);
            var maker = new PictureMaker(context, presets, network, group.Group, folder);
            int[] beside = [.. shown.Take(settings.SideBySide)];
            List<MadePicture> pictures = [.. maker.Make(RenderPresets.Paper.Preset, units)];
            foreach (string preset in settings.Presets) pictures.AddRange(maker.Make(preset, beside));
            for (int again = 1; again < settings.Seeds; again++)
            {
                pictures.AddRange(maker.Make(RenderPresets.Paper.Preset, shown, again));
                foreach (string preset in settings.Presets) pictures.AddRange(maker.Make(preset, beside, again));
            }
            var evidence = PictureEvidence.Of(context, network, standard, group, pictures);

            context.Report(Name, 0, 0, "pictures", $"examples of {layer}/{group.Group.Name}");
            var most = WithExamples(group, settings.Examples);
            var crops = ExamplePictures.Write(network, context.Harvested, most, units, folder, cancellationToken: context.Cancellation);
            FeatureTables.Write(Path.Combine(folder, FeatureTables.FeaturesName),
                FeatureTables.Features(group, pictures.Select(picture => (picture.Result, picture.File)), scores, evidence));
            FeatureTables.Write(Path.Combine(folder, FeatureTables.ExamplesName),
                FeatureTables.Examples(most, context.Harvested, crops.ToDictionary(crop => (crop.Unit, crop.Kind, crop.Rank), crop => crop.Crop)));
            EvidenceFile.Write(Path.Combine(folder, EvidenceFile.Name), group, LogitEffects.Of(network, group.Group));
        }
        comparisons.Write(layer, compared, statistics);
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
                list.Add(UnitGroup.Latents(layer, dictionary.Name, AutoencoderFile.Load(context.Run.Dictionary(layer, dictionary.Name), context.Device)));
            return new LayerGroups(list);
        }

        public void Dispose()
        {
            foreach (var group in list) group.Autoencoder?.Dispose();
        }
    }
}
