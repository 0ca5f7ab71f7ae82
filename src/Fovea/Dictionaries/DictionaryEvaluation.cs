using Fovea.Activations;
using Fovea.Dictionaries.Comparison;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Plain;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using static TorchSharp.torch;

namespace Fovea.Dictionaries;

/// <summary>
/// The one way in which a dictionary is measured: by the end of its training, in a sweep, by <c>fovea sae eval</c> and by
/// <c>fovea sae import</c>. The same dictionary and vectors give the same numbers, to the last bit.
/// </summary>
public static class DictionaryEvaluation
{
    /// <summary>Vectors at once where nothing else is said; with other numbers sums are rounded otherwise.</summary>
    public const int DefaultBatchRows = 1024;

    /// <summary>
    /// FVU, L0, dead and dense latents, active units, shrinkage and the loss of inference, in one pass and in memory that does not depend
    /// on the number of rows. The loss is that of training: squared error and penalty, in the scale of the training's vectors
    /// (<see cref="SparseAutoencoder.InputScale"/>); of a plain dictionary it is the squared error on vectors as they are.
    /// </summary>
    /// <param name="dictionary">Acts on raw vectors. A sparse autoencoder of float32 in main memory is measured over its entries, any other
    /// by tensors.</param>
    /// <param name="source">The vectors.</param>
    /// <param name="rows">Rows to measure on: held out from the fit.</param>
    /// <param name="batchRows">Rows at once.</param>
    /// <param name="cancellation">Stops the pass.</param>
    /// <exception cref="FoveaException">Data: there are no rows. Numerical: a vector, a weight or the loss is NaN or infinite.</exception>
    public static AutoencoderScores Scores(
        IFeatureDictionary dictionary, IVectorSource source, RowSet rows, int batchRows = DefaultBatchRows,
            CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(dictionary);
        VectorBatches.Check(source, rows, new BaselineOptions { BatchRows = batchRows }, "an evaluation");
        if (dictionary is ConfiguredDictionary configured) dictionary = configured.Configure();
        var autoencoder = dictionary as SparseAutoencoder;
        var metrics = new AutoencoderMetrics(dictionary.InputSize, dictionary.LatentSize);
        using var entries = autoencoder is not null && CodeStream.Supports(autoencoder) ? new EntryEvaluation(autoencoder) : null;
        using var reader = new BatchReader(source, (int)Math.Min(batchRows, rows.Count));
        reader.Begin(rows, 0);
        for (long start = 0; start < rows.Count; start += batchRows)
        {
            cancellation.ThrowIfCancellationRequested();
            var batch = reader.Take();
            // What was read is not read again in this pass.
            source.Release();
            if (start + batchRows < rows.Count) reader.Begin(rows, start + batchRows);
            if (entries is not null) entries.Add(batch.Span, metrics);
            else AddByTensors(dictionary, batch.Span, metrics);
            if (!double.IsFinite(metrics.LossSum))
                throw FoveaException.NumericalFailure(
                    $"The loss of {dictionary.Name} is not a finite number on vectors from row {rows[start]}.");
        }
        return metrics.Scores(autoencoder?.InputScale ?? 1);
    }

    /// <summary><see cref="Scores"/> and the cosines between directions: one point of a Pareto plot.</summary>
    /// <param name="dictionary">As for <see cref="Scores"/>.</param>
    /// <param name="source">The vectors.</param>
    /// <param name="rows">Rows to measure on.</param>
    /// <param name="batchRows">Rows at once.</param>
    /// <param name="cancellation">Stops the pass.</param>
    /// <exception cref="FoveaException">As <see cref="Scores"/>.</exception>
    public static DictionaryScores Measure(
        IFeatureDictionary dictionary, IVectorSource source, RowSet rows, int batchRows = DefaultBatchRows,
            CancellationToken cancellation = default) =>
        new(Scores(dictionary, source, rows, batchRows, cancellation), DictionarySimilarity.Coherence(dictionary.Directions));

    private static void AddByTensors(IFeatureDictionary dictionary, ReadOnlySpan<float> vectors, AutoencoderMetrics metrics)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        var x = tensor(vectors.ToArray(), [vectors.Length / dictionary.InputSize, dictionary.InputSize])
            .to(dictionary.Directions.dtype).to(dictionary.Directions.device);
        if (!FiniteWeights.Are(x)) throw CodeStream.NotFinite();
        if (dictionary is SparseAutoencoder autoencoder)
        {
            var (codes, output, penalty) = autoencoder.Infer(x);
            metrics.Add(x, output, codes, double.NaN, penalty.cpu().to_type(ScalarType.Float64).item<double>());
            metrics.AddDetails(x, output, codes);
        }
        else
        {
            using var codes = dictionary.Encode(x);
            Tensor output = dictionary.Decode(codes), dense = codes.ToDense();
            metrics.Add(x, output, dense);
            metrics.AddDetails(x, output, dense);
        }
    }
}
