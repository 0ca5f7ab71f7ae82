using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Training;

namespace Fovea.Interventions;

/// <summary>
/// Measures classifiers with dictionaries spliced in: any number of them in one pass over the images, beside the original on the same
/// batches.
/// </summary>
public static class SplicedEvaluation
{
    /// <summary>
    /// Evaluates the network as it is, with the layer's output ablated, and with each dictionary alone spliced in: every vector of the
    /// layer becomes its reconstruction at inference. All of these are interventions of one <see cref="InterventionEvaluator"/>.
    /// </summary>
    /// <param name="model">The network; evaluation mode for the time of the call.</param>
    /// <param name="layer">The layer, <c>[N, C, H, W]</c> or <c>[N, C]</c>.</param>
    /// <param name="dictionaries">Of vectors of C components: sparse autoencoders, plain dictionaries, both. They stay their owner's, where
    /// they are.</param>
    /// <param name="source">Labelled images whose classes are the network's.</param>
    /// <param name="options">Which images, and the mean for mean ablation; null for all images, without.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellationToken">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>One result a dictionary, in their order.</returns>
    /// <exception cref="FoveaException">No such layer, a dictionary of another layer or network, a mean of another layer, too many damaged
    /// images, or none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index of <see cref="SpliceOptions.Images"/> is not one of the source's.</exception>
    public static IReadOnlyList<SpliceResult> Evaluate(
        ImageModel model, string layer, IReadOnlyList<IFeatureDictionary> dictionaries, IImageSource source,
        SpliceOptions? options = null, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(dictionaries);
        options ??= new SpliceOptions();
        var (interventions, ablations) = SpliceInterventions.Of(layer, dictionaries, options);
        List<InterventionOutcome>[] outcomes = [.. interventions.Select(_ => new List<InterventionOutcome>())];
        InterventionEvaluator.Evaluate(
            model, interventions, source, new InterventionOptions { BatchSize = options.BatchSize, Images = options.Images },
            one => outcomes[one.Intervention].Add(one), progress, cancellationToken);
        return [.. outcomes.Skip(ablations).Select(spliced => SpliceResult.Of(layer, [.. spliced.Select((one, i) => new SpliceOutcome(
            one.Image, one.Original, one.Edited, outcomes[0][i].Edited, ablations > 1 ? outcomes[1][i].Edited : null, one.Kl))]))];
    }

    /// <summary>One dictionary; the same otherwise.</summary>
    /// <inheritdoc cref="Evaluate(ImageModel, string, IReadOnlyList{IFeatureDictionary}, IImageSource, SpliceOptions?, IProgress{EvaluationProgress}?, CancellationToken)"/>
    public static SpliceResult Evaluate(ImageModel model, string layer, IFeatureDictionary dictionary, IImageSource source,
        SpliceOptions? options = null, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Evaluate(model, layer, [dictionary], source, options, progress, cancellationToken)[0];
}
