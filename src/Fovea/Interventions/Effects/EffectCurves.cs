using Fovea.Datasets;
using Fovea.Models;
using Fovea.Models.Edits;

namespace Fovea.Interventions.Effects;

/// <summary>
/// What the units that matter most for a class keep of its answer alone, what is left without them, and what their absence does to images
/// of other classes, for several sets of units by the same images. Units are ranked on other images of the class than they are judged on;
/// where no two classes have four images, for each image by itself.
/// </summary>
public static class EffectCurves
{
    /// <summary>Makes the curves.</summary>
    /// <param name="model">The network; evaluation mode for the time of the call.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="units">Sets of units of the layer.</param>
    /// <param name="source">The images.</param>
    /// <param name="images">Indices of the source to draw from; null for all.</param>
    /// <param name="options">How many; null for the defaults.</param>
    /// <param name="done">Told how many of the sets' classes are done, and of how many.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="FoveaException">As <see cref="EffectEvaluator.Evaluate"/>; data: the images are of fewer than two classes.</exception>
    public static CurvesDocument Measure(
        ImageModel model, string layer, IReadOnlyList<CurveUnits> units, IImageSource source, IReadOnlyList<int>? images = null,
        CurveOptions? options = null, Action<int, int>? done = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(units);
        ArgumentNullException.ThrowIfNull(source);
        options ??= new CurveOptions();
        images ??= [.. Enumerable.Range(0, source.Count)];
        IReadOnlyList<CurveImages> classes = CurveImages.Draw(model, source, images, options, cancellation);
        if (classes.Count == 0)
        {
            throw FoveaException.BadData(
                $"Curves compare images of two classes at least, and the {images.Count} images of {source.Description} are of fewer.");
        }
        var means = new ImageMeans(options.Seed);
        CurveSums? plain = null;
        List<UnitCurve> curves = [];
        int at = 0;
        foreach (CurveUnits one in units)
        {
            EffectUnits kept = one.Dictionary is null ? EffectUnits.Neurons(layer)
                : EffectUnits.Latents(layer, one.Dictionary, DictionaryError.Kept);
            EffectUnits dropped = one.Dictionary is null ? kept : EffectUnits.Latents(layer, one.Dictionary, DictionaryError.Dropped);
            int count = kept.Count(model.Layers.First(known => known.Name == layer).Shape[0]);
            int[] steps = Steps(count);
            CurveSums keep = new(steps.Length), remove = new(steps.Length), beside = new(steps.Length), own = new(1);
            foreach (CurveImages images1 in classes)
            {
                cancellation.ThrowIfCancellationRequested();
                EffectOptions Of(IReadOnlyList<int> some) => new()
                {
                    Images = some,
                    IntegrationSteps = options.IntegrationSteps,
                    OfPredictedClass = options.OfPredictedClass,
                };
                double[] size = UnitAttributions.Of(model, kept, source, Of(images1.Ranked), cancellation).Mean;
                int[] order = [.. Enumerable.Range(0, count).OrderByDescending(unit => size[unit]).ThenBy(unit => unit)];
                void Judge(EffectUnits changed, IReadOnlyList<int> some, Func<int, int[]> set, CurveSums sums, CurveSums? before) =>
                    EffectEvaluator.Evaluate(
                        model, changed, UnitOperation.Zero, source,
                        Of(some) with { Predict = false, Sets = [.. steps.Select(set)] },
                        outcome =>
                        {
                            sums.Add(outcome.Set, outcome.Image, outcome.Edited);
                            if (outcome.Set == 0) before?.Add(0, outcome.Image, outcome.Original);
                        }, null, cancellation);
                Judge(dropped, images1.Judged, m => order[m..], keep, null);
                Judge(kept, images1.Judged, m => order[..m], remove, own);
                Judge(kept, images1.Others, m => order[..m], beside, null);
                done?.Invoke(++at, units.Count * classes.Count);
            }
            plain ??= own;
            curves.Add(Curve(one, count, steps, keep, remove, beside, own, means));
        }
        return new CurvesDocument
        {
            Layer = layer,
            Classes = [.. classes.Select(one => one.Class).Distinct()],
            OfImages = classes.All(one => one.Ranked.SequenceEqual(one.Judged)),
            RankedOn = classes.Sum(one => one.Ranked.Count),
            Images = classes.Sum(one => one.Judged.Count),
            Accuracy = means.Of(plain!.Hits(0)),
            Probability = means.Of(plain.Probabilities(0)),
            Curves = curves,
        };
    }

    /// <summary>Whether there are images enough: of two classes.</summary>
    /// <inheritdoc cref="Measure"/>
    public static bool HasImages(
        ImageModel model, IImageSource source, IReadOnlyList<int> images, CurveOptions? options = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(images);
        return CurveImages.Draw(model, source, images, options ?? new CurveOptions(), cancellation).Count > 0;
    }

    /// <summary>0, 1, 2, 4, … and all.</summary>
    internal static int[] Steps(int count)
    {
        List<int> steps = [0];
        for (int m = 1; m < count; m *= 2) steps.Add(m);
        return [.. steps, count];
    }

    /// <summary>
    /// The area under values over log₂(1 + m), divided by that of a constant 1; of one point its value.
    /// </summary>
    internal static double Area(IReadOnlyList<int> counts, IReadOnlyList<double> values)
    {
        double area = 0, end = Math.Log2(1 + counts[^1]);
        if (end == 0) return values[0];
        for (int i = 1; i < counts.Count; i++)
            area += (Math.Log2(1 + counts[i]) - Math.Log2(1 + counts[i - 1])) * (values[i] + values[i - 1]) / 2;
        return area / end;
    }

    private static UnitCurve Curve(
        CurveUnits units, int count, int[] steps, CurveSums keep, CurveSums remove, CurveSums beside, CurveSums own, ImageMeans means)
    {
        double whole = means.Of(own.Probabilities(0)).Mean;
        CurvePoint[] points =
        [
            .. steps.Select((m, i) =>
            {
                EffectEstimate kept = means.Of(keep.Probabilities(i)), left = means.Of(remove.Probabilities(i));
                return new CurvePoint(
                    m, means.Of(keep.Hits(i)), kept, means.Of(remove.Hits(i)), left, means.Of(beside.Hits(i)), kept.Mean / whole,
                    1 - left.Mean / whole);
            }),
        ];
        return new UnitCurve
        {
            Name = units.Name,
            IsBaseline = units.IsBaseline,
            Units = count,
            Points = points,
            KeptArea = Area(steps, [.. points.Select(point => point.Sufficiency)]),
            RemovedArea = Area(steps, [.. points.Select(point => 1 - point.Necessity)]),
        };
    }
}
