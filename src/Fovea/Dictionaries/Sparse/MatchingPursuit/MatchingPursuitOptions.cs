using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>Matching pursuit: latents are chosen one after the other, each for what the ones before have left.</summary>
public sealed record MatchingPursuitOptions() : VariantOptions(32)
{
    /// <inheritdoc/>
    public override string Architecture => MatchingPursuitAutoencoder.VariantName;

    /// <summary>Matching pursuit only: a vector of which no more than this length is left gets no further latents; 0: k steps.</summary>
    public double Tolerance { get; init; }

    /// <summary>
    /// Matching pursuit only: a vector's steps end with the first one that chooses a latent again, and k bounds its latents (SAELens'
    /// rule).
    /// </summary>
    public bool StopAtRepeat { get; init; }

    internal override SparseAutoencoder Create(int inputSize, int latentSize, ScalarType dtype)
    {
        if (!(Sparsity >= 1 && Sparsity <= int.MaxValue && Math.Floor(Sparsity) == Sparsity))
            throw FoveaException.BadConfiguration($"Matching pursuit's sparsity is k, a whole number above 0, not {Sparsity}.");
        return new MatchingPursuitAutoencoder(inputSize, latentSize, (int)Sparsity, Tolerance, StopAtRepeat, dtype);
    }

    internal override IEnumerable<(string Property, string? Problem)> Problems() =>
    [
        (nameof(Sparsity), Sparsity == Math.Floor(Sparsity)
            ? null : $"is {RuleProblems.Number(Sparsity)}: matching pursuit's k must be a whole number"),
        (nameof(Tolerance), RuleProblems.AtLeast(Tolerance, 0.0)),
    ];
}
