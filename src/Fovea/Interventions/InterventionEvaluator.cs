using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Interventions;

/// <summary>
/// Measures any number of interventions beside the network as it is. An image is decoded once and goes once through the network; for each
/// intervention only what depends on its layer is run, exactly. Images are streamed, and one intervention is on its way at a time, so
/// memory grows with neither.
/// </summary>
public static class InterventionEvaluator
{
    /// <summary>Evaluates a list of interventions, each alone.</summary>
    /// <param name="model">The network; evaluation mode for the time of the call.</param>
    /// <param name="interventions">On any layers.</param>
    /// <param name="source">Labelled images whose classes are the network's.</param>
    /// <param name="options">Which images; null for all.</param>
    /// <param name="each">Told every outcome: batch by batch, in each the interventions in their order, for each of them the images in
    /// theirs.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellationToken">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>One result an intervention, in their order.</returns>
    /// <exception cref="FoveaException">No such layer, units of another layer or network, too many damaged images, or none.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An index of <see cref="InterventionOptions.Images"/> is not one of the
    /// source's.</exception>
    public static IReadOnlyList<InterventionResult> Evaluate(
        ImageModel model, IReadOnlyList<Intervention> interventions, IImageSource source,
        InterventionOptions? options = null, Action<InterventionOutcome>? each = null, IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(interventions);
        ArgumentNullException.ThrowIfNull(source);
        options ??= new InterventionOptions();
        model.RequireClasses(source);
        RunningResult[] results = [.. interventions.Select(_ => new RunningResult())];
        ImageScore[] original = [];
        float[] before = [];
        Tensor? scored = null;
        InterventionPass.Run(model, interventions, source, options, (batch, i, own, changed) =>
        {
            if (!ReferenceEquals(scored, own)) (original, before, scored) = (Score(own, batch), OwnLogits(own, batch), own);
            ImageScore[] edited = Score(changed, batch);
            double[] divergences = Logits.Divergence(own, changed);
            float[] after = OwnLogits(changed, batch);
            for (int n = 0; n < batch.Count; n++)
            {
                var outcome = new InterventionOutcome(i, batch.Indices[n], original[n], edited[n], divergences[n], after[n] - before[n]);
                results[i].Add(outcome);
                each?.Invoke(outcome);
            }
        }, progress, cancellationToken);
        return [.. results.Select((result, i) => result.Of(interventions[i]))];
    }

    private static ImageScore[] Score(Tensor logits, ImageBatch batch) =>
        [.. Logits.Score(logits, batch.Labels).Select(score => new ImageScore(score.Rank, score.Loss))];

    private static float[] OwnLogits(Tensor logits, ImageBatch batch)
    {
        using var scope = NewDisposeScope();
        return [.. logits.gather(1, batch.LabelTensor(logits.device).unsqueeze(1)).cpu().to(float32).data<float>()];
    }
}
