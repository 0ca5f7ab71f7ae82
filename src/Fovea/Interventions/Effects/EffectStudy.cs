using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Numerics;
using Fovea.Training;

namespace Fovea.Interventions.Effects;

/// <summary>
/// What the units of a layer do when each is set to 0: measured beside what derivatives predict, with the units named whose prediction
/// fails and why. For latents twice, with the dictionary's error kept and dropped.
/// </summary>
public static class EffectStudy
{
    /// <summary>A prediction that is off by more than this share of what is measured disagrees.</summary>
    private const double LargestError = 0.5;

    /// <summary>Measures the units of a source.</summary>
    /// <param name="model">The network; evaluation mode for the time of the call.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="source">Its units' name: <c>neurons</c>, or the dictionary's.</param>
    /// <param name="dictionary">The dictionary, which stays its owner's; null for neurons.</param>
    /// <param name="images">The images.</param>
    /// <param name="options">What is measured; null for the defaults.</param>
    /// <param name="progress">Reported to after each batch of each pass over the images.</param>
    /// <param name="cancellation">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>The document, and a row for each unit measured, by unit; of latents first all with the error kept.</returns>
    /// <exception cref="FoveaException">As <see cref="EffectEvaluator.Evaluate"/>.</exception>
    public static (EffectsDocument Document, IReadOnlyList<EffectRow> Rows) Measure(
        ImageModel model, string layer, string source, IFeatureDictionary? dictionary, IImageSource images,
        EffectStudyOptions? options = null, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(source);
        ArgumentNullException.ThrowIfNull(images);
        options ??= new EffectStudyOptions();
        model.Layer(layer);
        IReadOnlyList<EffectUnits> kinds = Kinds(layer, dictionary);
        options = options with { Chosen = Choose(model, kinds[0], images, options, cancellation) };
        EffectRow[][] rows = [.. kinds.Select(units => Measure(model, units, images, options, progress, cancellation))];
        return (Document(model, layer, source, kinds, rows, options, images), [.. rows.SelectMany(own => own)]);
    }

    /// <summary>The ways in which the units of a source are measured: of latents two, which do not depend on each other.</summary>
    internal static IReadOnlyList<EffectUnits> Kinds(string layer, IFeatureDictionary? dictionary) => dictionary is null
        ? [EffectUnits.Neurons(layer)] : [.. Enum.GetValues<DictionaryError>().Select(error => EffectUnits.Latents(layer, dictionary, error))];

    /// <summary>Measures chosen units in one of the ways.</summary>
    /// <param name="model">The network.</param>
    /// <param name="units">The way.</param>
    /// <param name="images">The images.</param>
    /// <param name="options">With the units that are measured.</param>
    /// <param name="progress">As in the other.</param>
    /// <param name="cancellation">As in the other.</param>
    /// <returns>A row a unit.</returns>
    internal static EffectRow[] Measure(
        ImageModel model, EffectUnits units, IImageSource images, EffectStudyOptions options, IProgress<EvaluationProgress>? progress,
        CancellationToken cancellation)
    {
        var results = EffectEvaluator.Evaluate(
            model, units, UnitOperation.Zero, images, options.ForEvaluator([.. options.Chosen!.Select(unit => (int[])[unit])]), null, progress,
            cancellation);
        var reasons = IsExact(model, units.Layer) ? [] : Reasons(model, units, images, options, results, cancellation);
        return [.. results.Select(one => Row(units, one, reasons.GetValueOrDefault(one.Units[0]), options))];
    }

    /// <summary>What the rows of all ways say together.</summary>
    internal static EffectsDocument Document(
        ImageModel model, string layer, string source, IReadOnlyList<EffectUnits> kinds, IReadOnlyList<EffectRow[]> rows,
        EffectStudyOptions options, IImageSource images) => new()
        {
            Layer = layer,
            Source = source,
            Images = rows[^1] is [{ Images: var judged }, ..] ? judged : options.Images?.Count ?? images.Count,
            OfPredictedClass = options.OfPredictedClass,
            OfAnswer = options.OfAnswer,
            Exact = IsExact(model, layer),
            Between = Between(model, layer),
            Units = All(model, kinds[0]),
            Measured = rows[0].Length,
            IntegrationSteps = options.IntegrationSteps,
            Agreement = [.. kinds.Zip(rows, Agree)],
        };

    /// <summary>Whether pooling and a linear head follow a layer, so that what the derivative predicts of logits is exact.</summary>
    /// <exception cref="FoveaException">Configuration: there is no such layer.</exception>
    public static bool IsExact(ImageModel model, string layer) => PooledHead.After(model, layer) is not null;

    /// <summary>The operations between a layer and the answer that are not linear, each once, in the network's order.</summary>
    /// <exception cref="FoveaException">Configuration: there is no such layer.</exception>
    public static IReadOnlyList<string> Between(ImageModel model, string layer) => Nonlinearities.After(model, layer);

    /// <summary>The units of a source that are measured: where their effects follow by algebra all, else some.</summary>
    internal static int[] Choose(
        ImageModel model, EffectUnits units, IImageSource images, EffectStudyOptions options, CancellationToken cancellation)
    {
        int all = All(model, units);
        return Choose(model, units, images, options, IsExact(model, units.Layer) ? all : options.Units, all, cancellation);
    }

    /// <summary>The units that are measured: those given, all, or as many with the largest predicted effects.</summary>
    internal static int[] Choose(
        ImageModel model, EffectUnits units, IImageSource images, EffectStudyOptions options, int most, int all,
        CancellationToken cancellation)
    {
        if (options.Chosen is { } given) return [.. given.Distinct().Order()];
        if (most >= all) return [.. Enumerable.Range(0, all)];
        double[] size = UnitAttributions.Of(model, units, images, options.ForEvaluator(null), cancellation).Size;
        return [.. Enumerable.Range(0, all).OrderByDescending(unit => size[unit]).Take(most).Order()];
    }

    private static int All(ImageModel model, EffectUnits units) => units.Count(model.Layers.First(one => one.Name == units.Layer).Shape[0]);

    /// <summary>Why predictions fail, of the units whose do.</summary>
    private static Dictionary<int, string> Reasons(
        ImageModel model, EffectUnits units, IImageSource images, EffectStudyOptions options, IReadOnlyList<EffectResult> results,
        CancellationToken cancellation) => EffectReasons.Of(
            model, units, [.. results.Where(one => one.Gradient is { } gradient && gradient.Error > LargestError).Select(one => one.Units[0])],
            images, options, cancellation);

    private static EffectRow Row(EffectUnits units, EffectResult one, string? disagreement, EffectStudyOptions options)
    {
        int? top = one.Logits.Count == 0 ? null : Enumerable.Range(0, one.Logits.Count).MaxBy(c => Math.Abs(one.Logits[c]));
        return new EffectRow
        {
            Unit = one.Units[0],
            Error = ErrorName(units),
            Images = one.Images,
            Active = one.Active,
            Logit = one.Logit.Mean,
            LogitLower = one.Logit.Lower,
            LogitUpper = one.Logit.Upper,
            Probability = OfClass(one.Probability.Mean),
            ProbabilityLower = OfClass(one.Probability.Lower),
            ProbabilityUpper = OfClass(one.Probability.Upper),
            Accuracy = OfClass(one.Accuracy.Mean),
            AccuracyLower = OfClass(one.Accuracy.Lower),
            AccuracyUpper = OfClass(one.Accuracy.Upper),
            ActiveLogit = Known(one.ActiveLogit.Mean),
            TopClass = top,
            TopClassLogit = top is { } c ? one.Logits[c] : null,
            Gradient = Known(one.Gradient?.Mean),
            GradientCorrelation = Known(one.Gradient?.Correlation),
            GradientError = Known(one.Gradient?.Error),
            Integrated = Known(one.Integrated?.Mean),
            IntegratedCorrelation = Known(one.Integrated?.Correlation),
            IntegratedError = Known(one.Integrated?.Error),
            Disagreement = disagreement,
        };

        double? OfClass(double value) => options.OfAnswer ? null : value;
    }

    private static EffectAgreement Agree(EffectUnits units, EffectRow[] rows)
    {
        EffectRow[] live = [.. rows.Where(row => row.Active > 0)];
        double[] measured = [.. live.Select(row => row.Logit)];
        return new EffectAgreement(
            ErrorName(units), live.Length, Correlated(live, row => row.Gradient),
            live.Any(row => row.Integrated is not null) ? Correlated(live, row => row.Integrated) : null,
            live.Count(row => row.LogitLower > 0 || row.LogitUpper < 0),
            EffectDisagreements.All.ToDictionary(reason => reason, reason => live.Count(row => row.Disagreement == reason)));

        double Correlated(EffectRow[] all, Func<EffectRow, double?> predicted) =>
            all.Length < 2 ? double.NaN : Correlation.Pearson([.. all.Select(row => predicted(row) ?? 0)], measured);
    }

    private static string? ErrorName(EffectUnits units) => units.Error switch
    {
        DictionaryError.Kept => "kept",
        DictionaryError.Dropped => "dropped",
        _ => null,
    };

    private static double? Known(double? value) => value is { } number && double.IsFinite(number) ? number : null;
}
