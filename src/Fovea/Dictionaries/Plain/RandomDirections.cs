using Fovea.Activations;
using static TorchSharp.torch;

namespace Fovea.Dictionaries.Plain;

/// <summary>
/// n random directions of length 1 (normal components, drawn by latent from the seed), fitted to nothing: what a dictionary owes to having
/// many directions rather than to learning. No mean is taken away.
/// <code>
/// all: f = x D⁺      least squares of least length; exact where n ≥ d
/// k:   orthogonal matching pursuit (Pati, Rezaiifar and Krishnaprasad 1993): k greedy choices, coefficients by least squares on the chosen
/// </code>
/// The projections x·dᵢ themselves would not do as codes: the directions are not orthogonal and their parts would be counted several times.
/// Pursuit is the stronger of the usual choices, so that an autoencoder has to beat the directions and not a weak encoder.
/// </summary>
public sealed class RandomDirections : FittedDictionary
{
    /// <summary>Name in <see cref="BaselineDictionaries"/>.</summary>
    public const string DictionaryName = "random";

    /// <summary>Draws the directions.</summary>
    /// <param name="inputSize">d.</param>
    /// <param name="latentSize">n.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="k">Active latents a vector at most; null for least squares on all.</param>
    /// <exception cref="FoveaException">Configuration: k is above n.</exception>
    public RandomDirections(int inputSize, int latentSize, ulong seed, int? k = null)
        : this(Draw(inputSize, latentSize, seed), k)
    {
    }

    private RandomDirections((Tensor Directions, Tensor Inverse) drawn, int? k)
        : base(DictionaryName, drawn.Directions, null, drawn.Inverse, k)
    {
        drawn.Directions.Dispose();
        drawn.Inverse.Dispose();
    }

    /// <summary>Directions for a source's vectors; only their length is looked at.</summary>
    /// <param name="source">The vectors.</param>
    /// <param name="rows">Rows to fit to.</param>
    /// <param name="options">n, k and the seed are used.</param>
    /// <param name="cancellation">Stops the fit.</param>
    /// <exception cref="FoveaException">Configuration: k is above n. Data: there are no rows.</exception>
    public static RandomDirections Fit(
        IVectorSource source, RowSet rows, BaselineOptions? options = null, CancellationToken cancellation = default)
    {
        options = VectorBatches.Check(source, rows, options, "random directions");
        cancellation.ThrowIfCancellationRequested();
        return new RandomDirections(source.Dimension, options.LatentSize ?? source.Dimension, options.Seed, options.K);
    }

    private protected override Tensor Codes(Tensor centred) =>
        K is { } k ? SparseSelection.Pursue(centred, Directions, k) : centred.matmul(Encoder);

    private static (Tensor Directions, Tensor Inverse) Draw(int inputSize, int latentSize, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(latentSize);
        using var scope = NewDisposeScope();
        var directions = VectorBatches.Normal(seed, "baseline/random", latentSize, inputSize);
        directions.div_(directions.norm(1, keepdim: true));
        return (directions.DetachFromDisposeScope(), linalg.pinv(directions).DetachFromDisposeScope());
    }
}
