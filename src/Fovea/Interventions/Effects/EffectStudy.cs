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
        EffectUnits[] kinds = dictionary is null ? [EffectUnits.Neurons(layer)]
            : [.. Enum.GetValues<DictionaryError>().Select(error => EffectUnits.Latents(layer, dictionary, error))];
        bool exact = IsExact(model, layer);
        int all = kinds[0].Count(model.Layers.First(one => one.Name == layer).Shape[0]);
        int[] chosen = Choose(model, kinds[0], images, options, exact ? all : options.Units, all, cancellation);
        List<EffectRow> rows = [];
        List<EffectAgreement> agreement = [];
        int count = options.Images?.Count ?? images.Count;
        foreach (EffectUnits units in kinds)
        {
            var results = EffectEvaluator.Evaluate(
                model, units, UnitOperation.Zero, images, options.ForEvaluator([.. chosen.Select(unit => (int[])[unit])]), null, progress,
                cancellation);
            count = results.Count > 0 ? results[0].Images : count;
            var reasons = exact ? [] : Reasons(model, units, images, options, results, cancellation);
            EffectRow[] own = [.. results.Select(one => Row(units, one, reasons.GetValueOrDefault(one.Units[0])))];
            rows.AddRange(own);
            agreement.Add(Agree(units, own));
        }
        var document = new EffectsDocument
        {
            Layer = layer,
            Source = source,
            Images = count,
            OfPredictedClass = options.OfPredictedClass,
            Exact = exact,
            Between = Between(model, layer),
            Units = all,
            Measured = chosen.Length,
            IntegrationSteps = options.IntegrationSteps,
            Agreement = agreement,
        };
        return (document, rows);
    }

    /// <summary>Whether pooling and a linear head follow a layer, so that what the derivative predicts of logits is exact.</summary>
    /// <exception cref="FoveaException">Configuration: there is no such layer.</exception>
    public static bool IsExact(ImageModel model, string layer) => PooledHead.After(model, layer) is not null;

    /// <summary>The operations between a layer and the answer that are not linear, each once, in the network's order.</summary>
    /// <exception cref="FoveaException">Configuration: there is no such layer.</exception>
    public static IReadOnlyList<string> Between(ImageModel model, string layer) => Nonlinearities.After(model, layer);

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

    /// <summary>Why predictions fail, of the units whose do.</summary>
    private static Dictionary<int, string> Reasons(
        ImageModel model, EffectUnits units, IImageSource images, EffectStudyOptions options, IReadOnlyList<EffectResult> results,
        CancellationToken cancellation) => EffectReasons.Of(
            model, units, [.. results.Where(one => one.Gradient is { } gradient && gradient.Error > LargestError).Select(one => one.Units[0])],
            images, options, cancellation);

    private static EffectRow Row(EffectUnits units, EffectResult one, string? disagreement)
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
            Probability = one.Probability.Mean,
            ProbabilityLower = one.Probability.Lower,
            ProbabilityUpper = one.Probability.Upper,
            Accuracy = one.Accuracy.Mean,
            AccuracyLower = one.Accuracy.Lower,
            AccuracyUpper = one.Accuracy.Upper,
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
