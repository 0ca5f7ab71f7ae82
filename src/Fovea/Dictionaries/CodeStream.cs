using System.Numerics;
using Fovea.Activations;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using Fovea.Dictionaries.Training;
using Fovea.Numerics;

namespace Fovea.Dictionaries;

/// <summary>
/// Codes at inference without their dense form: a block of vectors is multiplied with the encoder and selected from in the cache, so that
/// an encoding costs little more than that product. On the CPU in float32; the autoencoder's parameters are taken as they are when the
/// stream is made, and it must live as long. Codes are those of <see cref="SparseAutoencoder.EncodeDense"/> up to the rounding of sums; of
/// equal pre-activations TopK keeps the lower latent. Memory is bounded by the largest batch. Used by one thread at a time, computes on
/// all.
/// </summary>
public sealed unsafe class CodeStream : IDisposable
{
    /// <summary>Vectors of a batch where none is given.</summary>
    public const int DefaultBatchRows = 4096;

    /// <summary>Rows whose codes one work item fills in.</summary>
    private const int RowsOfGroup = 256;

    private readonly StepParameters _parameters;
    private readonly StepRule _rule;
    private readonly SparseEncoder _encoder;
    private readonly SparseEntries _entries;
    private readonly SparseEntries _none = new(0);
    private readonly SparseCodes _batch;
    private readonly PreActivationPeaks _peaks = new();
    private readonly InputNormalization _normalization;
    private float[] _changed = [];

    /// <summary>Brings the encoder into the kernels' form.</summary>
    /// <param name="autoencoder">On raw vectors, float32, in main memory.</param>
    /// <exception cref="ArgumentException">The autoencoder is elsewhere or of another type, or its variant has no form over entries: see
    /// <see cref="Supports"/>.</exception>
    /// <exception cref="FoveaException">Numerical: a weight is NaN or infinite.</exception>
    public CodeStream(SparseAutoencoder autoencoder)
    {
        ArgumentNullException.ThrowIfNull(autoencoder);
        if (!Supports(autoencoder))
            throw new ArgumentException(
                $"A {autoencoder.Architecture} autoencoder of {autoencoder.DType} on {autoencoder.Device} has no encoding over entries.",
                    nameof(autoencoder));
        FiniteWeights.Require(autoencoder);
        _normalization = autoencoder.Normalization;
        (_parameters, _rule) = (new StepParameters(autoencoder), autoencoder.Rule()!);
        _encoder = new SparseEncoder(_parameters, _rule);
        _entries = new SparseEntries(_rule.OwnParameters.Count);
        _batch = new SparseCodes(_entries, autoencoder.LatentSize);
        if (autoencoder.Tied) _encoder.Weights.PackTransposed(_parameters.Decoder);
        else _encoder.Weights.Pack(_parameters.Pointer(SparseAutoencoder.EncoderWeightName));
    }

    /// <summary>Whether <see cref="Penalty"/> is to be computed.</summary>
    internal bool KeepPenalty { get; init; }

    /// <summary>The variant's penalty, summed over the last batch's vectors; 0 where nobody asks for it.</summary>
    internal double Penalty { get; private set; }

    /// <summary>
    /// Whether an autoencoder can be encoded so: its variant has a <see cref="StepRule"/> and it is float32 in main memory.
    /// </summary>
    public static bool Supports(SparseAutoencoder autoencoder)
    {
        ArgumentNullException.ThrowIfNull(autoencoder);
        if (autoencoder.DType != TorchSharp.torch.ScalarType.Float32 || autoencoder.Device.type != TorchSharp.DeviceType.CPU) return false;
        using var rule = autoencoder.Rule();
        return rule is not null;
    }

    internal static FoveaException NotFinite() =>
        FoveaException.NumericalFailure("A vector holds NaN or infinity. Harvest the layer again, or leave the vector out.");

    /// <summary>Encodes vectors at hand.</summary>
    /// <param name="vectors"><c>[rows, d]</c>.</param>
    /// <returns>Good until the next call.</returns>
    /// <exception cref="ArgumentException">The length is no multiple of d.</exception>
    /// <exception cref="FoveaException">Numerical: a vector holds NaN or infinity.</exception>
    public SparseCodes Encode(ReadOnlySpan<float> vectors) => Encode(vectors, 0);

    /// <summary>
    /// Encodes the vectors of whole images and keeps each latent's largest pre-activation on each image: how near to active it came where
    /// it is off.
    /// </summary>
    /// <param name="vectors"><c>[images · positions, d]</c>: image after image.</param>
    /// <param name="positions">Vectors of an image; 0: no pre-activations are kept.</param>
    /// <returns>Good until the next call.</returns>
    /// <exception cref="ArgumentException">The length is no multiple of d or of an image's vectors.</exception>
    /// <exception cref="FoveaException">Numerical: a vector holds NaN or infinity.</exception>
    public SparseCodes Encode(ReadOnlySpan<float> vectors, int positions)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(positions);
        int d = _parameters.InputSize, rows = vectors.Length / d;
        if (rows * d != vectors.Length) throw new ArgumentException($"{vectors.Length} numbers are no vectors of {d}.", nameof(vectors));
        if (positions > 0 && rows % positions != 0)
            throw new ArgumentException($"{rows} vectors are no images of {positions} positions.", nameof(vectors));
        if (!AreFinite(vectors)) throw NotFinite();
        FastPaths.Ran(FastPath.EncodeEntries);
        _rule.Begin(_parameters, rows, training: false, 1, 0);
        _batch.Renew();
        _batch.First = 0;
        Penalty = 0;
        _batch.Peaks = positions > 0 ? _peaks : null;
        if (rows == 0)
        {
            _peaks.Begin(0, Math.Max(1, positions), 1, 0);
            _entries.Begin(0, []);
            _batch.Frames = _normalization == InputNormalization.None ? null : [];
            return _batch;
        }
        _encoder.Encode(Changed(vectors, rows), 1, _entries, _none, [], 0, _batch.Peaks, positions);
        int groups = (rows + RowsOfGroup - 1) / RowsOfGroup;
        var penalties = new double[groups];
        Workers.For(groups, (group, _) =>
        {
            for (int row = group * RowsOfGroup; row < Math.Min(rows, (group + 1) * RowsOfGroup); row++)
            {
                var entries = new EntryRow(_entries, row);
                _rule.Codes(entries);
                if (KeepPenalty) penalties[group] += _rule.Penalty(entries);
            }
        });
        foreach (double penalty in penalties) Penalty += penalty;
        _entries.RemoveZeros();
        return _batch;
    }

    /// <summary>Encodes rows of a source in the order given, batch by batch; the next batch is read while one is encoded.</summary>
    /// <param name="source">Vectors of length d.</param>
    /// <param name="rows">Rows of the source; null for all.</param>
    /// <param name="batchRows">Vectors of a batch; changes no code but by rounding.</param>
    /// <param name="cancellation">Stops the pass.</param>
    /// <returns>Batches, each good until the next; to be gone through once at a time.</returns>
    /// <exception cref="ArgumentException">The source's vectors have another length.</exception>
    /// <exception cref="FoveaException">Numerical: a vector holds NaN or infinity.</exception>
    public IEnumerable<SparseCodes> Encode(
        IVectorSource source, RowSet? rows = null, int batchRows = DefaultBatchRows, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchRows, 1);
        if (source.Dimension != _parameters.InputSize)
            throw new ArgumentException(
                $"The source's vectors have {source.Dimension} components, not {_parameters.InputSize}.", nameof(source));
        return Batches(source, rows, batchRows, cancellation);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _batch.Dispose();
        _encoder.Dispose();
        _entries.Dispose();
        _none.Dispose();
        _peaks.Dispose();
        _rule.Dispose();
    }

    /// <summary>A number less itself is 0, but for NaN and infinities: no branch for each number.</summary>
    private static bool AreFinite(ReadOnlySpan<float> values)
    {
        Vector<float> differences = Vector<float>.Zero;
        int i = 0;
        for (; i <= values.Length - Vector<float>.Count; i += Vector<float>.Count)
        {
            var some = new Vector<float>(values[i..]);
            differences += some - some;
        }
        bool finite = Vector.EqualsAll(differences, Vector<float>.Zero);
        for (; i < values.Length; i++) finite &= float.IsFinite(values[i]);
        return finite;
    }

    /// <summary>The vectors as they are encoded; the numbers of the way back go to the batch.</summary>
    private ReadOnlySpan<float> Changed(ReadOnlySpan<float> vectors, int rows)
    {
        if (_normalization == InputNormalization.None) return vectors;
        if (_changed.Length < vectors.Length) _changed = new float[vectors.Length];
        _batch.Frames = new double[2 * rows];
        VectorFrames.Of(vectors, _parameters.InputSize, _normalization, _changed, _batch.Frames);
        return _changed.AsSpan(0, vectors.Length);
    }

    private IEnumerable<SparseCodes> Batches(IVectorSource source, RowSet? rows, int batchRows, CancellationToken cancellation)
    {
        rows ??= RowSet.Range(0, source.Count);
        long total = rows.Count;
        if (total == 0) yield break;
        batchRows = (int)Math.Min(batchRows, total);
        using var reader = new BatchReader(source, batchRows);
        reader.Begin(rows, 0);
        for (long first = 0; first < total; first += batchRows)
        {
            cancellation.ThrowIfCancellationRequested();
            var vectors = reader.Take();
            source.Release();
            if (first + batchRows < total) reader.Begin(rows, first + batchRows);
            var batch = Encode(vectors.Span);
            batch.First = first;
            yield return batch;
        }
    }
}
