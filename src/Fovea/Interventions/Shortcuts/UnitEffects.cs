using Fovea.Datasets;
using Fovea.Interpretation;
using Fovea.Interpretation.Shortcuts;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Training;
using static TorchSharp.torch;

namespace Fovea.Interventions.Shortcuts;

/// <summary>
/// What units add to the logit of a class, relative to the mean logit (a push of all logits together changes no answer). Behind a pooled
/// linear head W it is exact, f̄ᵢ (W_c − W̄) · dᵢ. Elsewhere units are muted one by one and the logit is measured, for the
/// <see cref="Tried"/> units that tell the group best.
/// </summary>
internal static class UnitEffects
{
    /// <summary>Units that are muted one by one where nothing is exact.</summary>
    private const int Tried = 32;

    /// <summary>Exactly, for every unit that is ever active.</summary>
    public static IEnumerable<(int Unit, float[] Effects)> Exact(UnitReadings units, LogitEffects effects, int label)
    {
        for (int unit = 0; unit < units.Count; unit++)
        {
            if (units.Active(unit) == 0) continue;
            double mean = 0;
            for (int c = 0; c < effects.Classes; c++) mean += effects.Weight(unit, c) / (double)effects.Classes;
            double weight = effects.Weight(unit, label) - mean;
            yield return (unit, [.. units.Means(unit).Select(value => (float)(value * weight))]);
        }
    }

    /// <summary>By muting.</summary>
    /// <param name="model">The network.</param>
    /// <param name="layer">The layer.</param>
    /// <param name="source">The images.</param>
    /// <param name="readings">What was read of them.</param>
    /// <param name="units">What the units do on them.</param>
    /// <param name="labels">The classes.</param>
    /// <param name="member">Which images are of the group; null: those taken for the first class.</param>
    /// <param name="batchSize">Images a pass.</param>
    /// <param name="progress">Reported to after each batch.</param>
    /// <param name="cancellation">Looked at before every batch.</param>
    /// <returns>For each class the units with their effects.</returns>
    public static IReadOnlyList<IReadOnlyList<(int Unit, float[] Effects)>> Measured(
        ImageModel model, string layer, IImageSource source, ImageReadings readings, UnitReadings units, IReadOnlyList<int> labels,
        bool[]? member, int batchSize, IProgress<EvaluationProgress>? progress, CancellationToken cancellation)
    {
        bool[] split = member ?? [.. readings.Predicted.Select(said => said == labels[0])];
        int[] strata = [.. readings.Labels.Select(label => member is null || label == labels[0] ? 0 : 1)];
        int[] tried = [.. Enumerable.Range(0, units.Count).Where(unit => units.Active(unit) > 0)
            .OrderByDescending(unit => Math.Abs((GroupAlignment.Of(units.Means(unit), split, strata, 2)?.Value ?? 0.5) - 0.5))
            .ThenBy(unit => unit).Take(Tried)];
        Intervention[] mutings = [.. tried.Select(unit => new Intervention(layer, Mutings.Units(units.Group, [unit]), UnitOperation.Zero))];
        var place = Enumerable.Range(0, readings.Images.Count).ToDictionary(i => readings.Images[i]);
        var effects = labels.Select(_ => tried.Select(unit => (unit, new float[readings.Images.Count])).ToArray()).ToArray();
        InterventionPass.Run(model, mutings, source, new InterventionOptions { Images = readings.Images, BatchSize = batchSize },
            (batch, i, own, changed) =>
            {
                using var scope = NewDisposeScope();
                Tensor lost = (own - changed).cpu().to(float64);
                lost -= lost.mean([1L], keepdim: true);
                double[] values = lost.contiguous().data<double>().ToArray();
                int outputs = values.Length / batch.Count;
                for (int n = 0; n < batch.Count; n++)
                {
                    for (int c = 0; c < labels.Count; c++)
                        effects[c][i].Item2[place[batch.Indices[n]]] = (float)values[n * outputs + labels[c]];
                }
            }, progress, cancellation);
        return effects;
    }
}
