using Fovea.Activations;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Plain;

/// <summary>
/// The network's own basis: f = x, D = I, no mean taken away. With all coefficients the reconstruction is the vector itself (FVU 0). With
/// k, the k coefficients largest in magnitude are kept: since the basis is orthonormal this is the best reconstruction from k neurons, and
/// the others are reconstructed as 0, not as their mean.
/// </summary>
public sealed class NeuronBasis : FittedDictionary
{
    /// <summary>Name in <see cref="BaselineDictionaries"/>.</summary>
    public const string DictionaryName = "neurons";

    /// <summary>The basis of d neurons; nothing is fitted.</summary>
    /// <param name="inputSize">d.</param>
    /// <param name="k">Active neurons a vector at most; null keeps all.</param>
    /// <exception cref="FoveaException">Configuration: k is above d.</exception>
    public NeuronBasis(int inputSize, int? k = null)
        : this(Identity(inputSize), k)
    {
    }

    private NeuronBasis(Tensor identity, int? k)
        : base(DictionaryName, identity, null, null, k) => identity.Dispose();

    /// <summary>The basis for a source's vectors; only their length is looked at.</summary>
    /// <param name="source">The vectors.</param>
    /// <param name="rows">Rows to fit to.</param>
    /// <param name="options"><see cref="BaselineOptions.K"/> is used; n is d.</param>
    /// <param name="cancellation">Stops the fit.</param>
    /// <exception cref="FoveaException">Configuration: n or k does not fit d. Data: there are no rows.</exception>
    public static NeuronBasis Fit(
        IVectorSource source, RowSet rows, BaselineOptions? options = null, CancellationToken cancellation = default)
    {
        options = VectorBatches.Check(source, rows, options, "a basis");
        cancellation.ThrowIfCancellationRequested();
        if (options.LatentSize is { } latents && latents != source.Dimension)
            throw FoveaException.BadConfiguration(
                $"The basis of neurons has d = {source.Dimension} directions, not {latents}. Leave the number out.");
        return new NeuronBasis(source.Dimension, options.K);
    }

    private protected override Tensor Codes(Tensor centred) => SparseSelection.KeepLargest(centred, K);

    // Exact on every device: a product with I may round (TF32).
    private protected override Tensor Combine(Tensor dense) => dense;

    private static Tensor Identity(int size)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(size);
        return eye(size, dtype: ScalarType.Float32);
    }
}
