using System.Security.Cryptography;
using Fovea.Activations;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.IO;
using Fovea.Models;
using Fovea.Numerics;

namespace Fovea.Runs.Stages.Features;

/// <summary>One image, and every group's units ranked by Σ|activation| on it.</summary>
/// <param name="Id">The image's id or file name.</param>
/// <param name="Label">Its class; −1 where that is not known.</param>
/// <param name="ClassName">The class's name.</param>
/// <param name="Picture">As the network sees it.</param>
/// <param name="Rankings">By group.</param>
/// <param name="Shown">Units shown at each end.</param>
internal sealed record ComparedImage(
    string Id, int Label, string ClassName, RgbImage Picture, IReadOnlyList<ImageRanking> Rankings, int Shown)
{
    /// <summary>The units that a comparison shows of a ranking.</summary>
    public static IEnumerable<int> UnitsOf(ImageRanking ranking, int shown) =>
        ranking.Top.Take(shown).Concat(ranking.Least).Select(unit => unit.Unit);
}

/// <summary>
/// The comparison of section 9.3 (figures 21 to 24): the network against the network with an autoencoder, on chosen images.
/// </summary>
internal sealed class Comparisons(RunContext context, ActivationStore store)
{
    /// <summary>Dataset images shown beside each unit, as in figures 22 and 23.</summary>
    private const int ExamplesShown = 3;

    private readonly HashSet<int> _related = RelatedClasses.Of(context);

    /// <summary>The units of a group, ranked on each image; the lower end among those that are active on some image.</summary>
    /// <param name="network">The network.</param>
    /// <param name="statistics">Of the group.</param>
    public IReadOnlyList<ImageRanking> Rank(ImageModel network, GroupStatistics statistics)
    {
        int shown = context.Settings.Features!.CompareUnits, top = Math.Max(shown, ClassFeatures.DefaultTop);
        return [.. Chosen().Select(chosen => ImageComparison.Rank(
            network, [statistics.Group], chosen.Image, top, shown, context.Settings.Seed,
            (_, unit) => statistics.Units[unit].Density > 0)[0])];
    }

    /// <summary>The images with the rankings of all groups.</summary>
    /// <param name="rankings">Of each group, by image (<see cref="Rank"/>).</param>
    public IReadOnlyList<ComparedImage> Images(IReadOnlyList<IReadOnlyList<ImageRanking>> rankings) =>
        [.. Chosen().Select((chosen, image) => new ComparedImage(
            chosen.Id, chosen.Label, chosen.ClassName, context.Preprocessing.ApplyToPixels(chosen.Image),
            [.. rankings.Select(group => group[image])], context.Settings.Features!.CompareUnits))];

    /// <summary>
    /// Writes <c>comparison-&lt;k&gt;.json</c>, one for each image and dictionary, and the images, in the sheets <c>compared-K.png</c>.
    /// </summary>
    /// <param name="layer">The layer.</param>
    /// <param name="images">Of <see cref="Images"/>.</param>
    /// <param name="statistics">Of its groups.</param>
    /// <param name="stored">Where the pictures of a group's units are, by its name.</param>
    public void Write(
        string layer, IReadOnlyList<ComparedImage> images, IReadOnlyList<GroupStatistics> statistics,
            IReadOnlyDictionary<string, StoredUnits> stored)
    {
        string folder = context.Run.FeaturesOf(layer);
        var pictures = SheetFiles.Write(folder, "compared", [.. images.Select(image => image.Picture)], context.Cancellation);
        int k = 0;
        for (int i = 0; i < images.Count; i++)
        {
            ComparedImage image = images[i];
            var neurons = image.Rankings.First(ranking => !ranking.Group.IsDictionary);
            foreach (var dictionary in image.Rankings.Where(ranking => ranking.Group.IsDictionary))
            {
                DocumentFile.Write(Path.Combine(folder, ComparisonDocument.FileName(k++)), new ComparisonDocument
                {
                    Image = image.Id,
                    ClassName = image.ClassName,
                    Picture = pictures[i],
                    Dictionary = dictionary.Group.Name,
                    Model = Side(image, neurons),
                    Sae = Side(image, dictionary),
                });
            }
        }

        ComparedGroup Side(ComparedImage image, ImageRanking ranking) => new(
            ranking.Active, ranking.Units, Related(image, ranking, statistics.First(one => one.Group == ranking.Group)),
            [.. ranking.Top.Take(image.Shown).Select(unit => Entry(ranking.Group, unit))],
                [.. ranking.Least.Select(unit => Entry(ranking.Group, unit))]);

        ComparedUnit Entry(UnitGroup group, UnitMagnitude unit)
        {
            var source = context.Harvested;
            var examples = statistics.First(one => one.Group == group).Units[unit.Unit].Examples;
            return new ComparedUnit(unit.Unit, unit.Magnitude, stored[group.Name].Picture(unit.Unit),
            [
                .. examples.Take(ExamplesShown)
                    .Select((example, rank) =>
                        new ComparedExample(source.Id(example.Image), source.LabelName(example.Image),
                    stored[group.Name].Crop(unit.Unit, rank), example.Value)),
            ]);
        }
    }

    /// <summary>What the images that the recipe names hold, by name: another picture under the same name makes other comparisons.</summary>
    /// <exception cref="FoveaException">Configuration: one is neither a file nor an image of the run.</exception>
    public static IReadOnlyDictionary<string, string> Hashes(RunContext context) =>
        context.Settings.Features!.Compare.Distinct().ToDictionary(wanted => wanted, wanted =>
        {
            RgbImage image = Find(context, wanted).Image;
            return Convert.ToHexStringLower(SHA256.HashData([.. BitConverter.GetBytes(image.Width), .. image.Pixels]));
        });

    /// <summary>How many of the top 20 units stand for the image's class or a related one; null where classes are not known.</summary>
    private RelatedUnits? Related(ComparedImage image, ImageRanking ranking, GroupStatistics statistics)
    {
        if (statistics.Classes is not { } classes || (image.Label < 0 && _related.Count == 0)) return null;
        HashSet<int> wanted = [.. _related];
        if (image.Label >= 0) wanted.Add(image.Label);
        IReadOnlyCollection<int>[] own =
            [.. statistics.Units.Select(unit => classes.TopClass(unit.Unit) is { } top ? [top] : Array.Empty<int>())];
        var count = ClassFeatures.Count(
            ranking, own, Uniqueness.Sets(statistics), wanted, statistics.Units.Count(unit => unit.Density > 0));
        var names = wanted.OrderBy(label => label != image.Label).ThenBy(label => label).Select(label => context.Harvested.Classes[label].Name);
        return new RelatedUnits(count.Top, count.Related, count.Distinct, count.Expected, count.Features, [.. names]);
    }

    private IEnumerable<(string Id, int Label, string ClassName, RgbImage Image)> Chosen()
    {
        var settings = context.Settings.Features!;
        var source = context.Harvested;
        if (settings.Compare.Count == 0)
        {
            // One of the held-out images: no autoencoder was trained on it.
            var held = store.Manifest.Split.ValidationImages is { Count: > 0 } some ? some : store.Images;
            yield return Of(source, held[new CounterRandom(context.Settings.Seed, "features/compare", 0).NextInt(held.Count)]);
        }
        foreach (string wanted in settings.Compare) yield return Find(context, wanted);
    }

    /// <summary>An image of the recipe: a file, or the id of an image of the run's sources.</summary>
    private static (string Id, int Label, string ClassName, RgbImage Image) Find(RunContext context, string wanted)
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
            throw FoveaException.BadConfiguration(
                $"features.compare names '{wanted}', which is neither a file nor the id of an image of {context.Harvested.Description}.");
        return (Path.GetFileName(path), -1, "", ImageCodec.Decode(PlainFile.ReadAllBytes(path), path));
    }

    private static (string, int, string, RgbImage) Of(IImageSource source, int index) =>
        (source.Id(index), source.Label(index), source.LabelName(index), source.Read(index));
}
