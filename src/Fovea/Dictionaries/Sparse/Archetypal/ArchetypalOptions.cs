using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>Archetypal: TopK whose directions stay near the hull of the training vectors.</summary>
public sealed record ArchetypalOptions() : VariantOptions(32)
{
    /// <inheritdoc/>
    public override string Architecture => ArchetypalAutoencoder.VariantName;

    /// <summary>
    /// Archetypal only: how far a direction may lie from the hull, on scaled vectors (mean squared length = d); 0: inside of it.
    /// </summary>
    public double Relaxation { get; init; } = 1;

    internal override SparseAutoencoder Create(int inputSize, int latentSize, ScalarType dtype)
    {
        if (!(Sparsity >= 1 && Sparsity <= int.MaxValue && Math.Floor(Sparsity) == Sparsity))
            throw FoveaException.BadConfiguration($"Archetypal's sparsity is k, a whole number above 0, not {Sparsity}.");
        return new ArchetypalAutoencoder(inputSize, latentSize, (int)Sparsity, Relaxation, dtype);
    }

    internal override IEnumerable<(string Property, string? Problem)> Problems() =>
    [
        (nameof(Sparsity), Sparsity == Math.Floor(Sparsity)
            ? null : $"is {RuleProblems.Number(Sparsity)}: archetypal's k must be a whole number"),
        (nameof(Relaxation), RuleProblems.AtLeast(Relaxation, 0.0)),
    ];
}
