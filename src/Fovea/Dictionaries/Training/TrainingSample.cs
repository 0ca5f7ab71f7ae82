using Fovea.Activations;

namespace Fovea.Dictionaries.Training;

/// <summary>
/// The training rows that <c>metrics.json</c> measures a dictionary on: a random sample, since the first rows are those of the first
/// images.
/// </summary>
public static class TrainingSample
{
    private const int WithoutHeldOut = 16384;

    /// <summary>
    /// As many rows as are held out, so that the two dead fractions can be compared; 16384 where none are, and all where there are not so
    /// many.
    /// </summary>
    /// <param name="rows">The training rows.</param>
    /// <param name="heldOut">How many rows are held out.</param>
    /// <param name="seed">The run's seed.</param>
    /// <returns>In the order of <paramref name="rows"/>.</returns>
    public static RowSet Of(RowSet rows, long heldOut, ulong seed)
    {
        ArgumentNullException.ThrowIfNull(rows);
        return rows.Sample(heldOut > 0 ? heldOut : WithoutHeldOut, seed, "autoencoder/sample");
    }
}
