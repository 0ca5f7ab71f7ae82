using Fovea.Activations;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;

namespace Fovea.Runs.Stages;

/// <summary>One image, and every group's units ranked by Σ|activation| on it.</summary>
internal sealed record ComparedImage(string Id, string ClassName, RgbImage Picture, IReadOnlyList<ImageRanking> Rankings)
{
    public IEnumerable<int> UnitsOf(UnitGroup group) =>
        Rankings.Where(ranking => ranking.Group == group).SelectMany(ranking => ranking.Top.Concat(ranking.Least)).Select(unit => unit.Unit);
}

/// <summary>The comparison of section 9.3 (figures 21 to 24): the network against the network with an autoencoder, on chosen images.</summary>
internal sealed class Comparisons(RunContext context, ActivationStore store)
{
    /// <summary>Dataset images shown beside each unit, as in figures 22 and 23.</summary>
    private const int ExamplesShown = 3;

    public IReadOnlyList<ComparedImage> Rank(Network network, IReadOnlyList<UnitGroup> groups, Func<UnitGroup, int, bool> eligible)
    {
        var settings = context.Settings.Features!;
        return [.. Chosen().Select(chosen => new ComparedImage(chosen.Id, chosen.ClassName, context.Preprocessing.ApplyToPixels(chosen.Image),
            ImageComparison.Rank(network, groups, chosen.Image, context.Preprocessing, settings.CompareUnits, settings.CompareUnits, context.Settings.Seed, eligible)))];
    }

    /// <summary>Writes <c>comparison-&lt;k&gt;.json</c>, one for each image and dictionary, and the images.</summary>
    public static void Write(RunContext context, string layer, IReadOnlyList<ComparedImage> images, IReadOnlyList<GroupStatistics> statistics)
    {
        string folder = context.Run.FeaturesOf(layer);
        int k = 0;
        for (int i = 0; i < images.Count; i++)
        {
            string picture = $"compared-{i}.png";
            AtomicFile.WriteBytes(Path.Combine(folder, picture), ImageCodec.EncodePng(images[i].Picture));
            var neurons = images[i].Rankings.First(ranking => !ranking.Group.IsDictionary);
            foreach (var dictionary in images[i].Rankings.Where(ranking => ranking.Group.IsDictionary))
            {
                JsonFile.Write(Path.Combine(folder, $"comparison-{k++}.json"), new
                {
                    image = images[i].Id,
                    className = images[i].ClassName,
                    picture,
                    dictionary = dictionary.Group.Name,
                    model = Side(neurons),
                    sae = Side(dictionary),
                });
            }
        }

        object Side(ImageRanking ranking) => new
        {
            active = ranking.Active,
            units = ranking.Units,
            top = ranking.Top.Select(unit => Entry(ranking.Group, unit)),
            least = ranking.Least.Select(unit => Entry(ranking.Group, unit)),
        };

        object Entry(UnitGroup group, UnitMagnitude unit)
        {
            var source = context.Harvested;
            var examples = statistics.First(one => one.Group == group).Units[unit.Unit].Examples;
            return new
            {
                unit = unit.Unit,
                magnitude = unit.Magnitude,
                picture = $"{group.Name}/images/paper-{unit.Unit}.png",
                examples = examples.Take(ExamplesShown).Select((example, rank) => new
                {
                    image = source.Id(example.Image),
                    className = source.Classes[source.Label(example.Image)].Name,
                    picture = $"{group.Name}/{ExamplePictures.Names(unit.Unit, rank).Crop}",
                    value = example.Value,
                }),
            };
        }
    }

    private IEnumerable<(string Id, string ClassName, RgbImage Image)> Chosen()
    {
        var settings = context.Settings.Features!;
        var source = context.Harvested;
        if (settings.Compare.Count == 0)
        {
            // One of the held-out images: no autoencoder was trained on it.
            var held = store.Manifest.Split.ValidationImages is { Count: > 0 } some ? some : store.Images;
            yield return Of(source, held[new CounterRandom(context.Settings.Seed, "features/compare", 0).NextInt(held.Count)]);
        }
        foreach (string wanted in settings.Compare) yield return Find(wanted);
    }

    /// <summary>An image of the recipe: a file, or the id of an image of the run's sources.</summary>
    private (string, string, RgbImage) Find(string wanted)
    {
        foreach (var source in new[] { context.Harvested, context.Validation })
        {
            for (int i = 0; i < source.Count; i++)
            {
                if (source.Id(i) == wanted) return Of(source, i);
            }
        }
        string path = context.Resolve(wanted);
        if (!File.Exists(path))
            throw FoveaException.BadConfiguration($"features.compare names '{wanted}', which is neither a file nor the id of an image of {context.Harvested.Description}.");
        return (Path.GetFileName(path), "", ImageCodec.Decode(File.ReadAllBytes(path), path));
    }

    private static (string, string, RgbImage) Of(IImageSource source, int index) =>
        (source.Id(index), source.Classes[source.Label(index)].Name, source.Read(index));
}
