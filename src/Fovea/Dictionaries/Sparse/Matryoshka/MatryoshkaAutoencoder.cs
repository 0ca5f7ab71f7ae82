using Fovea.Dictionaries.Kernels;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Sparse;

/// <summary>
/// The Matryoshka autoencoder (Bussmann, Nabeshima, Karvonen and Nanda 2025, arXiv 2503.17547): a <see cref="BatchTopKAutoencoder"/> whose
/// first m latents are an autoencoder too, for several m, so that general features come first and are not split up.
/// <code>
/// f as in BatchTopK                    x̂_m = f_{&lt; m} W_dec + b_dec
/// L = Σ_m E‖x − x̂_m‖²                 m in the prefixes m_1 &lt; … &lt; m_G = n
/// </code>
/// The term of m = n is the reconstruction, the others are auxiliary; all weigh the same. The prefixes are 1/32, 3/32, 7/32, 15/32 and all
/// of n (the paper's, rounded up to whole latents, repeated ones left out).
/// </summary>
public sealed class MatryoshkaAutoencoder : BatchTopKAutoencoder
{
    /// <summary>The variant's name.</summary>
    public new const string VariantName = "matryoshka";

    private static readonly int[] Shares = [1, 3, 7, 15, 32];

    /// <summary>Zero parameters; see <see cref="SparseAutoencoder.Initialize"/>.</summary>
    /// <param name="inputSize">d.</param>
    /// <param name="latentSize">n.</param>
    /// <param name="k">Active latents a vector on average.</param>
    /// <param name="dtype">float32 or float64.</param>
    /// <exception cref="FoveaException">k is out of range.</exception>
    public MatryoshkaAutoencoder(int inputSize, int latentSize, double k, ScalarType dtype = ScalarType.Float32)
        : base(inputSize, latentSize, k, dtype) =>
        Prefixes = [.. Shares.Select(share => (int)(((long)latentSize * share + 31) / 32)).Distinct()];

    /// <inheritdoc/>
    public override string Architecture => VariantName;

    /// <inheritdoc/>
    public override VariantOptions Settings => new MatryoshkaOptions { Sparsity = Sparsity };

    /// <summary>m_1 … m_G, ascending; the last is n.</summary>
    public IReadOnlyList<int> Prefixes { get; }

    internal override StepRule Rule() => new MatryoshkaRule(Sparsity, LatentSize, [.. Prefixes]);

    internal override Func<Tensor, EntryObjective> EntryObjective => z =>
    {
        var codes = Activate(z);
        return new EntryObjective(codes) { Others = [.. Prefixes.SkipLast(1).Select(prefix => (codes.narrow(1, 0, prefix), 1.0))] };
    };

    private protected override Tensor Auxiliary(Tensor x, Tensor z, Tensor codes)
    {
        using var scope = NewDisposeScope();
        var sum = zeros([], x.dtype, x.device);
        foreach (int prefix in Prefixes.SkipLast(1))
        {
            var output = DecoderBias.addmm(codes.narrow(1, 0, prefix), DecoderWeight.narrow(0, 0, prefix), 1, 1);
            sum = sum + (x - output).square().sum() / x.shape[0];
        }
        return sum.MoveToOuterDisposeScope();
    }
}
