using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Interpretation.Relations;
using Fovea.Interpretation.Shortcuts;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Numerics;
using Fovea.Training;

namespace Fovea.Interventions.Effects;

/// <summary>Measures whether latents of two dictionaries that have the same direction also do the same.</summary>
public static class EffectReplications
{
    /// <summary>Decoders are near each other from this cosine on.</summary>
    private const double NearFrom = 0.7;

    private const int Draws = 1000, Fewest = 3;

    /// <summary>Matches the latents by their decoders, and measures those of both with their error kept.</summary>
    /// <param name="model">The network; evaluation mode for the time of the call.</param>
    /// <param name="layer">The layer of both.</param>
    /// <param name="a">The first dictionary, which stays its owner's.</param>
    /// <param name="b">The second.</param>
    /// <param name="names">What they are called.</param>
    /// <param name="images">The images.</param>
    /// <param name="options">As those of the table of effects.</param>
    /// <param name="progress">Reported to after each batch of each pass over the images.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="FoveaException">As <see cref="EffectEvaluator.Evaluate"/>.</exception>
    public static EffectReplication Measure(
        ImageModel model, string layer, IFeatureDictionary a, IFeatureDictionary b, (string A, string B) names, IImageSource images,
        EffectStudyOptions? options = null, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        ArgumentNullException.ThrowIfNull(images);
        options ??= new EffectStudyOptions();
        EffectUnits first = EffectUnits.Latents(layer, a, DictionaryError.Kept), second = EffectUnits.Latents(layer, b, DictionaryError.Kept);
        UnitMatching matching;
        using (UnitDirections left = UnitDirections.Of(a.Directions), right = UnitDirections.Of(b.Directions))
            matching = UnitMatching.Of(left, right, cancellation);
        int most = EffectStudy.IsExact(model, layer) ? a.LatentSize : options.Units;
        HashSet<int> chosen = [.. EffectStudy.Choose(model, first, images, options, most, a.LatentSize, cancellation)];
        UnitPair[] pairs = [.. matching.Pairs.Where(pair => chosen.Contains(pair.A))];
        IReadOnlyList<EffectResult> ofA = Effects(first, pair => pair.A), ofB = Effects(second, pair => pair.B);
        int[] live = [.. Enumerable.Range(0, pairs.Length).Where(i => ofA[i].Active > 0 && ofB[i].Active > 0)];
        int[] near = [.. live.Where(i => pairs[i].Cosine >= NearFrom)];
        double[][] classesOfA = [.. live.Select(i => Direction(ofA[i].Logits))], classesOfB = [.. live.Select(i => Direction(ofB[i].Logits))];
        double[] own = [.. classesOfA.Zip(classesOfB, Dot)];
        int n = live.Length;
        return new EffectReplication
        {
            A = names.A,
            B = names.B,
            Matched = matching.Pairs.Count,
            Live = n,
            Cosine = n == 0 ? null : live.Average(i => pairs[i].Cosine),
            Effect = Interval(live, Correlated, options.Seed),
            Near = near.Length,
            NearEffect = Interval(near, Correlated, options.Seed),
            Classes = Interval([.. Enumerable.Range(0, n)], some => some.Average(i => own[i]), options.Seed),
            // Σ over all pairs is the product of the sums.
            ClassesOthers = n < 2 ? null : (Dot(Sum(classesOfA), Sum(classesOfB)) - own.Sum()) / ((double)n * (n - 1)),
        };

        IReadOnlyList<EffectResult> Effects(EffectUnits units, Func<UnitPair, int> unit) => pairs.Length == 0 ? []
            : EffectEvaluator.Evaluate(
                model, units, UnitOperation.Zero, images,
                options.ForEvaluator([.. pairs.Select(pair => (int[])[unit(pair)])]) with { Predict = false }, null, progress, cancellation);

        double Correlated(int[] some) => Correlation.Pearson(
            [.. some.Select(i => ofA[i].Logit.Mean)], [.. some.Select(i => ofB[i].Logit.Mean)]);
    }

    /// <summary>A number of some pairs, with its interval for other pairs; null where there are too few, or it is none.</summary>
    private static IntervalEstimate? Interval(int[] pairs, Func<int[], double> number, ulong seed)
    {
        if (pairs.Length < Fewest) return null;
        double value = number(pairs);
        if (!double.IsFinite(value)) return null;
        double[] draws = [.. Enumerable.Range(0, Draws).Select(draw =>
        {
            var random = new CounterRandom(seed, "effects/replication", draw);
            return number([.. pairs.Select(_ => pairs[random.NextInt(pairs.Length)])]);
        }).Where(double.IsFinite)];
        return draws.Length == 0 ? null : Intervals.Percentile(value, draws);
    }

    private static double[] Direction(IReadOnlyList<double> vector)
    {
        double length = Math.Sqrt(vector.Sum(value => value * value));
        return length > 0 ? [.. vector.Select(value => value / length)] : [.. vector];
    }

    private static double[] Sum(double[][] vectors) =>
        [.. Enumerable.Range(0, vectors[0].Length).Select(c => vectors.Sum(vector => vector[c]))];

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();
}
