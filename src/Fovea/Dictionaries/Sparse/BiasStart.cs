using Fovea.Activations;
using Fovea.Dictionaries.Training;

namespace Fovea.Dictionaries.Sparse;

/// <summary>Where b_dec starts.</summary>
public enum BiasStart
{
    /// <summary>The mean of all training vectors.</summary>
    Mean,

    /// <summary>
    /// The geometric median of a sample of them, which a few very long vectors do not move; <see cref="GeometricMedian"/>.
    /// </summary>
    Median,

    /// <summary>0.</summary>
    Zero,
}

/// <summary>The start of b_dec as the options say.</summary>
internal static class StartingBias
{
    /// <summary>Most vectors that the median looks at, as in OpenAI's and others' programs.</summary>
    private const int MostVectors = 32_768;

    /// <param name="options">The choice and the seed of the sample.</param>
    /// <param name="source">The vectors.</param>
    /// <param name="rows">The training rows.</param>
    /// <param name="mean">Their mean, <c>[d]</c>.</param>
    /// <param name="cancellation">Ends the search for the median.</param>
    /// <returns>On raw vectors, <c>[d]</c>.</returns>
    public static double[] Of(
        AutoencoderOptions options, IVectorSource source, RowSet rows, double[] mean, CancellationToken cancellation) =>
            options.BiasStart switch
            {
                BiasStart.Median => Median(options.Seed, source, rows, cancellation),
                BiasStart.Zero => new double[mean.Length],
                _ => mean,
            };

    private static double[] Median(ulong seed, IVectorSource source, RowSet rows, CancellationToken cancellation)
    {
        long[] sample = rows.Sample(MostVectors, seed, "autoencoder/median").ToArray();
        var vectors = new float[(long)sample.Length * source.Dimension];
        source.Read(sample, vectors);
        return GeometricMedian.Of(vectors, source.Dimension, cancellation);
    }
}
