using Fovea.Activations;
using Fovea.Models.Edits;
using static TorchSharp.torch;

namespace Fovea.Interventions.Effects;

/// <summary>Means of units over stored vectors that dictionaries are trained on: what mean ablation puts in their values' place.</summary>
public static class UnitMeans
{
    private const int Sample = 65_536, RowsAtOnce = 4096;

    /// <summary>
    /// The mean value of each unit: of neurons over all vectors of training images, of others over 65,536 of them at most.
    /// </summary>
    /// <param name="units">Units of the store's layer.</param>
    /// <param name="store">The layer's vectors.</param>
    /// <param name="seed">Decides the sample.</param>
    /// <param name="cancellation">Stops the pass.</param>
    /// <returns>One a unit, in their order.</returns>
    /// <exception cref="FoveaException">Configuration: the units are another layer's. Data: no image is for training.</exception>
    public static float[] Of(EffectUnits units, ActivationStore store, ulong seed, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(units);
        ArgumentNullException.ThrowIfNull(store);
        int count = units.Count(store.Dimension);
        if (units.Dictionary is null && units.Own is null) return store.TrainingMean(cancellation);
        RowSet training = store.Draws(store.Manifest.MainFilter).Training;
        if (training.Count == 0) throw FoveaException.BadData($"No image of {store.Layer} is for training: there is no mean to take.");
        if (training.Count > Sample) training = training.Sample(Sample, seed, "effects/means");
        int[] all = [.. Enumerable.Range(0, count)];
        var sums = new double[count];
        long[] rows = [.. training];
        // Of positions that were drawn each counts as often as it stands for others.
        using KeptWeights? weights = store.Weights();
        foreach (long[] some in rows.Chunk(RowsAtOnce))
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            var vectors = new float[some.Length * store.Dimension];
            store.Read(some, vectors);
            using var changes = new UnitChanges(units, tensor(vectors, [some.Length, store.Dimension]), scaled: false);
            // Setting a value to 0 changes it by minus itself.
            Tensor each = changes.Of(all, UnitOperation.Zero, 0, some.Length);
            if (weights is not null)
                each = each.to(float64) * tensor(some.Select(row => (double)weights[row]).ToArray(), [some.Length, 1], device: each.device);
            Tensor own = each.sum([0L], type: float64).neg();
            double[] part = own.cpu().data<double>().ToArray();
            for (int i = 0; i < count; i++) sums[i] += part[i];
        }
        return [.. sums.Select(sum => (float)(sum / rows.Length))];
    }
}
