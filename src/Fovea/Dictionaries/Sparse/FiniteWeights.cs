using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// Refuses autoencoders with weights that are not numbers. A selection compares pre-activations, and a comparison with NaN is false:
/// without a check such a latent would never be active, and nothing would say why.
/// </summary>
internal static class FiniteWeights
{
    /// <summary>Elements looked at a time: bounds the memory of the answer.</summary>
    private const long MostElements = 1 << 24;

    /// <summary>Looks at every parameter, once.</summary>
    /// <exception cref="FoveaException">Numerical: one holds NaN or infinity; the message names the parameter and the latent.</exception>
    public static void Require(SparseAutoencoder autoencoder)
    {
        foreach (var (name, parameter) in autoencoder.StoredParameters) Require(autoencoder, name, parameter);
    }

    /// <summary>Looks at the parameters that have one number for each latent or component: what comparisons are made with.</summary>
    /// <exception cref="FoveaException">As <see cref="Require(SparseAutoencoder)"/>.</exception>
    public static void RequireVectors(SparseAutoencoder autoencoder)
    {
        foreach (var (name, parameter) in autoencoder.StoredParameters.Where(pair => pair.Value.dim() == 1)) Require(
            autoencoder, name, parameter);
    }

    /// <summary>Whether all elements are finite.</summary>
    public static bool Are(Tensor values)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        return values.isfinite().all().item<bool>();
    }

    private static void Require(SparseAutoencoder autoencoder, string name, Tensor parameter)
    {
        long rows = parameter.shape[0], piece = Math.Max(1, MostElements / Math.Max(1, parameter.numel() / rows));
        for (long start = 0; start < rows; start += piece)
        {
            using var scope = NewDisposeScope();
            using var frozen = no_grad();
            var part = parameter.narrow(0, start, Math.Min(piece, rows - start));
            if (Are(part)) continue;
            var first = part.isfinite().logical_not().nonzero()[0].cpu().data<long>().ToArray();
            first[0] += start;
            throw FoveaException.NumericalFailure(
                $"{name} of the {autoencoder.Architecture} autoencoder holds NaN or infinity at {Place(name, first)}: "
                + "its weights are of no use. Train it again, or take another file.");
        }
    }

    private static string Place(string name, long[] index) => name switch
    {
        SparseAutoencoder.DecoderBiasName => $"component {index[0]}",
        SparseAutoencoder.EncoderWeightName => $"latent {index[1]}",
        _ => $"latent {index[0]}",
    };
}
