using Fovea.Dictionaries.Sparse;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.SaeLens;

/// <summary>
/// An autoencoder's inference in the words of SAELens' inference classes, which know an activation by its architecture's name:
/// <code>
/// z = (x − b_dec) W_enc + b_enc        x̂ = f W_dec + b_dec
/// standard:   f = max(z, 0)
/// topk:       f = max(z, 0) where z is among the k largest of its row
/// jumprelu:   f = max(z, 0) where z &gt; max(θ, 0)
/// gated:      f = max(e^r (x − b_dec) W_enc + b_mag, 0) where z &gt; 0, b_gate in the place of b_enc
/// matching_pursuit: as <see cref="MatchingPursuitAutoencoder"/>, until a latent is chosen again; no W_enc and no b_enc
/// </code>
/// L1 with a clip value c keeps z ≥ c, and SAELens has no clip: that is a jumprelu whose θ is the largest number below c in the weights'
/// float type, the same codes to the last bit. BatchTopK and Matryoshka are a jumprelu with one θ for all latents, as SAELens saves its
/// own.
/// </summary>
/// <param name="Architecture">SAELens' name.</param>
/// <param name="K">k of topk.</param>
/// <param name="Tensors">By SAELens' names; the autoencoder's own memory where nothing changes.</param>
internal sealed record SaeLensForm(string Architecture, int? K, IReadOnlyDictionary<string, Tensor> Tensors)
{
    /// <summary>The form of an autoencoder; new tensors belong to the current dispose scope.</summary>
    public static SaeLensForm Of(SparseAutoencoder autoencoder)
    {
        var tensors = new SortedDictionary<string, Tensor>(autoencoder.Parameters.ToDictionary(), StringComparer.Ordinal);
        if (autoencoder is L1Autoencoder l1 && Below(l1.Clip, l1.DType) is { } threshold)
        {
            tensors.Add(SparseAutoencoder.ThresholdName, full([l1.LatentSize], threshold, l1.DType, l1.Device));
            return new("jumprelu", null, tensors);
        }
        // What its directions are made of is of no use to inference.
        if (autoencoder is ArchetypalAutoencoder)
        {
            foreach (string own in (string[])[ArchetypalAutoencoder.ArchetypesName, ArchetypalAutoencoder.HullWeightsName,
                ArchetypalAutoencoder.RelaxationName, ArchetypalAutoencoder.LogScaleName]) tensors.Remove(own);
        }
        if (autoencoder is MatchingPursuitAutoencoder pursuit)
        {
            if (!pursuit.StopAtRepeat || pursuit.K < pursuit.LatentSize)
                throw FoveaException.BadConfiguration("SAELens' matching pursuit goes on until a latent is chosen again, and knows no "
                    + "k: one that was trained with k "
                    + "steps has other codes there. Only one with stop_at_repeat and k as large as its latents can be exported.");
            tensors.Remove(SparseAutoencoder.EncoderWeightName);
            tensors.Remove(SparseAutoencoder.EncoderBiasName);
        }
        return new(AutoencoderVariants.Get(autoencoder.Architecture).FileArchitecture, (autoencoder as TopKAutoencoder)?.K, tensors);
    }

    /// <summary>What is kept under <c>fovea</c>: of an archetypal one the TopK that it is without what its directions are made
    /// of.</summary>
    public SaeOrigin Origin(SparseAutoencoder autoencoder) => autoencoder is ArchetypalAutoencoder archetypal
        ? AutoencoderFile.Origin(autoencoder, new TopKOptions { Sparsity = archetypal.K }) : AutoencoderFile.Origin(autoencoder);

    /// <summary>Whether two forms are one autoencoder, bit by bit.</summary>
    public bool Equals(SaeLensForm? other) =>
        other is not null && Architecture == other.Architecture && K == other.K && Tensors.Count == other.Tensors.Count
        && Tensors.All(
            pair => other.Tensors.TryGetValue(pair.Key, out var tensor) && pair.Value.dtype == tensor.dtype
                && pair.Value.equal(tensor).all().item<bool>());

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Architecture, K, Tensors.Count);

    /// <summary>The θ with z &gt; θ exactly where z ≥ <paramref name="clip"/>; null where that is no more than z ≥ 0.</summary>
    private static double? Below(double clip, ScalarType dtype)
    {
        if (dtype == ScalarType.Float64) return clip > 0 ? Math.BitDecrement(clip) : null;
        return (float)clip > 0 ? MathF.BitDecrement((float)clip) : null;
    }
}
