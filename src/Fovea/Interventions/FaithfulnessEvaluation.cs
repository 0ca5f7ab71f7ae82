using System.Runtime.InteropServices;
using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Interventions;

/// <summary>
/// Measures networks without classes with dictionaries spliced in: how far the answer, of whatever shape, turns and moves. Any number of
/// dictionaries in one pass over the images, beside the network as it is on the same batches. Images need no labels.
/// </summary>
public static class FaithfulnessEvaluation
{
    /// <summary>
    /// Compares the network's answers with those where the layer's output is ablated, and where each dictionary alone is spliced in: every
    /// vector of the layer becomes its reconstruction at inference.
    /// </summary>
    /// <param name="model">The network; evaluation mode for the time of the call.</param>
    /// <param name="layer">The layer, <c>[N, C, H, W]</c> or <c>[N, C]</c>.</param>
    /// <param name="dictionaries">Of vectors of C components; they stay their owner's, where they are.</param>
    /// <param name="source">The images.</param>
    /// <param name="options">Which images, and the mean for mean ablation; null for all images, without.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellationToken">Stops with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>One result a dictionary, in their order.</returns>
    /// <exception cref="FoveaException">No such layer, a dictionary of another layer or network, a mean of another layer, too many damaged
    /// images, or none; numerical: an answer is not finite, or every answer is zero.</exception>
    public static IReadOnlyList<FaithfulnessResult> Evaluate(
        ImageModel model, string layer, IReadOnlyList<IFeatureDictionary> dictionaries, IImageSource source,
        SpliceOptions? options = null, IProgress<EvaluationProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(dictionaries);
        ArgumentNullException.ThrowIfNull(source);
        options ??= new SpliceOptions();
        var (interventions, ablations) = SpliceInterventions.Of(layer, dictionaries, options);
        List<(int Image, double Length, AnswerChange Change)>[] found =
            [.. interventions.Select(_ => new List<(int, double, AnswerChange)>())];
        InterventionPass.Run(
            model, interventions, source, new InterventionOptions { BatchSize = options.BatchSize, Images = options.Images },
            (batch, i, own, changed) =>
            {
                float[] before = Numbers(own), after = Numbers(changed);
                int each = before.Length / batch.Count;
                for (int n = 0; n < batch.Count; n++)
                {
                    ReadOnlySpan<float> answer = before.AsSpan(n * each, each);
                    double length = Math.Sqrt(answer.ToArray().Sum(value => (double)value * value));
                    if (!double.IsFinite(length))
                    {
                        throw FoveaException.NumericalFailure(
                            $"The network's answer for {source.Id(batch.Indices[n])} is NaN or infinite. Are its weights finite?");
                    }
                    found[i].Add((batch.Indices[n], length, AnswerChange.Of(answer, after.AsSpan(n * each, each))));
                }
            }, progress, cancellationToken);
        return [.. found.Skip(ablations)
            .Select(spliced => FaithfulnessResult.Of(layer, [.. spliced.Select((one, i) => new FaithfulnessOutcome(
            one.Image, one.Length, one.Change, found[0][i].Change, ablations > 1 ? found[1][i].Change : null))]))];
    }

    private static float[] Numbers(Tensor answers)
    {
        using var scope = NewDisposeScope();
        Tensor values = answers.detach().to(ScalarType.Float32).cpu().contiguous();
        float[] numbers = MemoryMarshal.Cast<byte, float>(values.bytes).ToArray();
        GC.KeepAlive(values);
        return numbers;
    }
}
