using Fovea.Activations;
using Fovea.Autoencoders;
using Fovea.Interpretation;
using Fovea.Models;

namespace Fovea.Runs.Stages;

/// <summary>Stage 4 in a run folder: <c>features/&lt;layer&gt;/</c>, for the neurons of every harvested layer and the latents of every dictionary.</summary>
internal static class FeatureStage
{
    public const string Name = "features";

    public static (StageRecord Record, bool Skipped) Pass(
        RunContext context, StageRecord harvest, IReadOnlyList<StageRecord> dictionaries, Func<Network> network)
    {
        var record = StageRecord.Create(Name, new
        {
            format = 2,
            seed = context.Settings.Seed,
            harvest = harvest.Hash,
            dictionaries = dictionaries.Select(dictionary => dictionary.Hash),
            settings = context.Settings.Features,
        });
        bool skipped = context.Gate.Pass(record, context.Run.Features, () =>
        {
            foreach (string layer in context.Settings.Harvest!.Layers) Work(context, layer, network());
        });
        return (record, skipped);
    }

    private static void Work(RunContext context, string layer, Network network)
    {
        var settings = context.Settings.Features!;
        using var store = ActivationStore.Open(context.Run.ActivationsOf(layer));
        using var groups = Groups.Of(context, layer);
        var progress = new Reporter<TopExamplesProgress>(value => context.Report(Name, value.Images, value.Total, "images", $"evidence, {layer}"));
        var statistics = TopExamples.Collect(store, store.Manifest.Grid[0], store.Manifest.Grid[1], store.Images, groups.List,
            new TopExamplesOptions
            {
                Examples = settings.Examples,
                Seed = context.Settings.Seed,
                BatchSize = 256,
                Labels = new ImageLabels(store.Images, store.Labels, context.Harvested.Classes.Count),
            }, progress, context.Cancellation);
        var alive = statistics.ToDictionary(group => group.Group, group => group.Units.Select(unit => unit.Density > 0).ToArray());

        var comparisons = new Comparisons(context, store).Rank(network, groups.List, (group, unit) => alive[group][unit]);
        foreach (var group in statistics)
        {
            var shown = group.ByInterest().Where(unit => alive[group.Group][unit]).Take(settings.Pictures).ToArray();
            // The paper's comparison needs pictures of the units it ranks, whatever their place in the gallery.
            var compared = comparisons.SelectMany(comparison => comparison.UnitsOf(group.Group));
            int[] units = [.. shown.Concat(compared).Distinct()];
            string folder = context.Run.FeaturesOf(layer, group.Group.Name);
            var maker = new PictureMaker(context, network, group.Group, folder);
            var pictures = maker.Make("paper", units).Concat(maker.Make("naive", [.. shown.Take(settings.Naive)])).ToArray();
            context.Report(Name, 0, 0, "pictures", $"examples of {layer}/{group.Group.Name}");
            var crops = ExamplePictures.Write(network, context.Preprocessing, context.Harvested, group, units, folder, cancellationToken: context.Cancellation);
            FeatureTables.Write(Path.Combine(folder, FeatureTables.FeaturesName), FeatureTables.Features(group, pictures));
            FeatureTables.Write(Path.Combine(folder, FeatureTables.ExamplesName),
                FeatureTables.Examples(group, context.Harvested, crops.ToDictionary(crop => (crop.Unit, crop.Kind, crop.Rank), crop => crop.Crop)));
            EvidenceFile.Write(Path.Combine(folder, EvidenceFile.Name), group, LogitEffects.Of(network, group.Group));
        }
        Comparisons.Write(context, layer, comparisons, statistics);
    }

    /// <summary>The units of a layer: its neurons and the latents of its dictionaries, loaded.</summary>
    private sealed class Groups(IReadOnlyList<UnitGroup> list) : IDisposable
    {
        public IReadOnlyList<UnitGroup> List => list;

        public static Groups Of(RunContext context, string layer)
        {
            List<UnitGroup> list = [UnitGroup.Neurons(layer)];
            foreach (var dictionary in context.Settings.Dictionary.Where(dictionary => dictionary.Layer == layer))
                list.Add(UnitGroup.Latents(layer, dictionary.Name, AutoencoderFile.Load(context.Run.Dictionary(layer, dictionary.Name), context.Device)));
            return new Groups(list);
        }

        public void Dispose()
        {
            foreach (var group in list) group.Autoencoder?.Dispose();
        }
    }
}
