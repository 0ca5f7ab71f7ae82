using Fovea.Activations;
using Fovea.Dictionaries.Comparison;
using Fovea.Dictionaries.Plain;

namespace Fovea.Dictionaries;

/// <summary>What a dictionary does to a set of vectors, and what its directions look like.</summary>
/// <param name="Scores">FVU, L0, density, shrinkage; the loss is the squared error on vectors as they are, without a penalty.</param>
/// <param name="Coherence">Cosines between its directions.</param>
public sealed record DictionaryScores(AutoencoderScores Scores, DirectionCoherence Coherence);

/// <summary>Measures any dictionary by its <see cref="IFeatureDictionary.Encode"/> and <see cref="IFeatureDictionary.Decode"/>: one point of a Pareto plot.</summary>
public static class DictionaryEvaluation
{
    /// <summary>One pass over the rows, in memory that does not depend on their number.</summary>
    /// <param name="dictionary">On the CPU.</param>
    /// <param name="source">The vectors.</param>
    /// <param name="rows">Rows to measure on: held out from the fit.</param>
    /// <param name="batchRows">Rows at once; changes no result but rounding.</param>
    /// <param name="cancellation">Stops the pass.</param>
    /// <exception cref="FoveaException">Data: there are no rows. Numerical: a vector holds NaN or infinity.</exception>
    public static DictionaryScores Measure(
        IFeatureDictionary dictionary, IVectorSource source, RowSet rows, int batchRows = 4096, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        var options = VectorBatches.Check(source, rows, new BaselineOptions { BatchRows = batchRows }, "an evaluation");
        var metrics = new AutoencoderMetrics(dictionary.InputSize, dictionary.LatentSize);
        VectorBatches.ForEach(source, rows, options.BatchRows, cancellation, (batch, _) =>
        {
            using var codes = dictionary.Encode(batch);
            var output = dictionary.Decode(codes);
            var dense = codes.ToDense();
            metrics.Add(batch, output, dense);
            metrics.AddDetails(batch, output, dense);
        });
        return new DictionaryScores(metrics.Scores(), DictionarySimilarity.Coherence(dictionary.Directions));
    }
}
