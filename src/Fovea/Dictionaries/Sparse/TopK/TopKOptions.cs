using Fovea.IO;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>TopK: exactly the k largest latents of a vector are active.</summary>
public sealed record TopKOptions() : VariantOptions(32)
{
    /// <inheritdoc/>
    public override string Architecture => TopKAutoencoder.VariantName;

    /// <summary>TopK only: a second, larger k that training also reconstructs from (section 8.2.4); absent: none.</summary>
    public int? SecondK { get; init; }

    /// <summary>TopK only: the weight of that reconstruction; 1/8 is Multi-TopK's, 1 the paper's.</summary>
    public double SecondWeight { get; init; } = TopKAutoencoder.DefaultSecondWeight;

    internal override SparseAutoencoder Create(int inputSize, int latentSize, ScalarType dtype)
    {
        if (!(Sparsity >= 1 && Sparsity <= int.MaxValue && Math.Floor(Sparsity) == Sparsity))
            throw FoveaException.BadConfiguration($"TopK's sparsity is k, a whole number above 0, not {Sparsity}.");
        return new TopKAutoencoder(inputSize, latentSize, (int)Sparsity, SecondK, SecondWeight, dtype);
    }

    internal override IEnumerable<(string Property, string? Problem)> Problems() =>
    [
        (nameof(Sparsity), Sparsity == Math.Floor(Sparsity)
            ? null : $"is {RuleProblems.Number(Sparsity)}: TopK's k must be a whole number"),
        (nameof(SecondK), RuleProblems.GivenWhole(SecondK, 1, "none")),
        (nameof(SecondWeight), RuleProblems.Positive(SecondWeight)),
    ];
}
