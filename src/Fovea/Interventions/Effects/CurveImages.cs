using Fovea.Datasets;
using Fovea.Models;
using Fovea.Numerics;

namespace Fovea.Interventions.Effects;

/// <summary>
/// The images of a class: some to rank units on, others to judge them, and as many of other classes for the damage beside. Or one image,
/// ranked and judged on.
/// </summary>
/// <param name="Class">The class.</param>
/// <param name="Ranked">Indices of the source.</param>
/// <param name="Judged">Indices of the source, none of them ranked on.</param>
/// <param name="Others">Judged images of other classes, one for each of <paramref name="Judged"/>.</param>
internal sealed record CurveImages(int Class, IReadOnlyList<int> Ranked, IReadOnlyList<int> Judged, IReadOnlyList<int> Others)
{
    /// <summary>Images that are taken each by itself, at most: each costs as many passes as a class.</summary>
    private const int MostAlone = 40;

    /// <summary>Draws them.</summary>
    /// <param name="model">Names the classes where they are not the images'.</param>
    /// <param name="source">The images.</param>
    /// <param name="images">Indices to draw from.</param>
    /// <param name="options">How many.</param>
    /// <param name="cancellation">Stops a pass over the images.</param>
    /// <returns>A class each; where no two classes have four of the images an image each; none where there are no two classes.</returns>
    public static IReadOnlyList<CurveImages> Draw(
        ImageModel model, IImageSource source, IReadOnlyList<int> images, CurveOptions options, CancellationToken cancellation)
    {
        ILookup<int, int> byClass = options.OfPredictedClass
            ? PredictedClasses.Of(model, source, images, cancellation).ToLookup(one => one.Class, one => one.Image)
            : images.ToLookup(source.Label, image => image);
        int[] known = [.. byClass.Where(one => one.Key >= 0 && one.Count() >= 4).Select(one => one.Key).Order()];
        if (known.Length < 2) return Alone(byClass, options.Seed);
        int[] order = new CounterRandom(options.Seed, "proof/classes", 0).Permutation(known.Length);
        int[] chosen = [.. order.Take(options.Classes).Select(i => known[i]).Order()];
        // One class alone has none beside it.
        if (chosen.Length == 1) chosen = [.. order.Take(2).Select(i => known[i]).Order()];
        int each = Math.Max(4, options.Images / chosen.Length);
        var halves = chosen.Select(one =>
        {
            int[] own = [.. byClass[one]];
            int[] drawn = [.. new CounterRandom(options.Seed, "proof/curves", one).Permutation(own.Length).Take(each).Select(i => own[i])];
            int half = drawn.Length / 2;
            return (Class: one, Ranked: drawn[..half].Order().ToArray(), Judged: drawn[half..].Order().ToArray());
        }).ToArray();
        return
        [
            .. halves.Select(half =>
            {
                int[] beside = [.. halves.Where(other => other.Class != half.Class).SelectMany(other => other.Judged)];
                var random = new CounterRandom(options.Seed, "proof/beside", half.Class);
                return new CurveImages(
                    half.Class, half.Ranked, half.Judged, [.. half.Judged.Select(_ => beside[random.NextInt(beside.Length)]).Order()]);
            }),
        ];
    }

    /// <summary>Some images of any classes, each by itself, and one of another class beside it.</summary>
    private static IReadOnlyList<CurveImages> Alone(ILookup<int, int> byClass, ulong seed)
    {
        (int Class, int Image)[] all = [.. byClass.Where(one => one.Key >= 0).SelectMany(one => one.Select(image => (one.Key, image)))];
        if (all.Select(one => one.Class).Distinct().Count() < 2) return [];
        return
        [
            .. new CounterRandom(seed, "proof/alone", 0).Permutation(all.Length).Take(MostAlone).Select(i => all[i]).OrderBy(one => one.Image)
                .Select(one =>
                {
                    int[] beside = [.. all.Where(other => other.Class != one.Class).Select(other => other.Image)];
                    var random = new CounterRandom(seed, "proof/beside", one.Image);
                    return new CurveImages(one.Class, [one.Image], [one.Image], [beside[random.NextInt(beside.Length)]]);
                }),
        ];
    }
}
