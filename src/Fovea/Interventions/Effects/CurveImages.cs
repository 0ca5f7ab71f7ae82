using Fovea.Datasets;
using Fovea.Models;
using Fovea.Numerics;

namespace Fovea.Interventions.Effects;

/// <summary>
/// The images of a class: some to rank units on, others to judge them, and as many of other classes for the damage beside.
/// </summary>
/// <param name="Class">The class.</param>
/// <param name="Ranked">Indices of the source.</param>
/// <param name="Judged">Indices of the source, none of them ranked on.</param>
/// <param name="Others">Judged images of other classes, one for each of <paramref name="Judged"/>.</param>
internal sealed record CurveImages(int Class, IReadOnlyList<int> Ranked, IReadOnlyList<int> Judged, IReadOnlyList<int> Others)
{
    /// <summary>Draws them.</summary>
    /// <param name="model">Names the classes where they are not the images'.</param>
    /// <param name="source">The images.</param>
    /// <param name="images">Indices to draw from.</param>
    /// <param name="options">How many.</param>
    /// <param name="cancellation">Stops a pass over the images.</param>
    /// <returns>A class each; none where no two classes have four of the images.</returns>
    public static IReadOnlyList<CurveImages> Draw(
        ImageModel model, IImageSource source, IReadOnlyList<int> images, CurveOptions options, CancellationToken cancellation)
    {
        ILookup<int, int> byClass = options.OfPredictedClass
            ? PredictedClasses.Of(model, source, images, cancellation).ToLookup(one => one.Class, one => one.Image)
            : images.ToLookup(source.Label, image => image);
        int[] known = [.. byClass.Where(one => one.Key >= 0 && one.Count() >= 4).Select(one => one.Key).Order()];
        if (known.Length < 2) return [];
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
}
