using Fovea.Numerics;

namespace Fovea.Dictionaries.Training;

/// <summary>The training rows that <c>metrics.json</c> measures a dictionary on: a random sample, since the first rows are those of the first images.</summary>
public static class TrainingSample
{
    private const int WithoutHeldOut = 16384;

    /// <summary>As many rows as are held out, so that the two dead fractions can be compared; 16384 where none are, and all where there are not so many.</summary>
    /// <param name="rows">The training rows.</param>
    /// <param name="heldOut">How many rows are held out.</param>
    /// <param name="seed">The run's seed.</param>
    /// <returns>Ascending.</returns>
    public static long[] Of(long[] rows, int heldOut, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return [.. new CounterRandom(seed, "autoencoder/sample", 0).Permutation(rows.Length).Take(heldOut > 0 ? heldOut : WithoutHeldOut).Select(at => rows[at]).Order()];
    }
}
