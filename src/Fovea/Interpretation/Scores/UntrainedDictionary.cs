using Fovea.Dictionaries.Sparse;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>What stands beside a trained dictionary: what random directions and its sparsity alone give.</summary>
public static class UntrainedDictionary
{
    /// <summary>
    /// A TopK dictionary of as many random directions about the same bias, on vectors that are normalised the same way, of which as many are
    /// active at a time.
    /// </summary>
    /// <param name="trained">The trained one; its size, bias, layer, normalisation and device are taken.</param>
    /// <param name="l0">Latents active at a time, on average; rounded to a whole number from 1 on.</param>
    /// <param name="seed">Draws the directions.</param>
    /// <returns>A new dictionary, the caller's.</returns>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="l0"/> is no number.</exception>
    public static SparseAutoencoder Of(SparseAutoencoder trained, double l0, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(trained);
        if (!double.IsFinite(l0)) throw new ArgumentOutOfRangeException(nameof(l0));
        var untrained = new TopKAutoencoder(trained.InputSize, trained.LatentSize, (int)Math.Clamp(Math.Round(l0), 1, trained.LatentSize))
        {
            Layer = trained.Layer,
            Normalization = trained.Normalization,
        };
        try
        {
            untrained.Initialize(seed);
            using (no_grad())
            using (NewDisposeScope())
                untrained.Parameters[SparseAutoencoder.DecoderBiasName].copy_(trained.Parameters[SparseAutoencoder.DecoderBiasName]);
            untrained.MoveTo(trained.Device);
            return untrained;
        }
        catch
        {
            untrained.Dispose();
            throw;
        }
    }
}
