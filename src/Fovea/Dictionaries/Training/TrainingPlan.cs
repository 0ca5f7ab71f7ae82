using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Fovea.Activations;
using Fovea.Dictionaries.Sparse;
using Fovea.IO;

namespace Fovea.Dictionaries.Training;

/// <summary>Which rows each step sees, when the penalty is at full strength and where the curves get a point: all by counting.</summary>
internal sealed class TrainingPlan
{
    /// <summary>Vectors that batches are mixed from at a time, in bytes.</summary>
    private const int MixingBytes = 64 << 20;

    /// <summary>Points inside the first pass, where curves change fastest, as shares of it.</summary>
    private static readonly double[] EarlyPoints = [1.0 / 16, 1.0 / 8, 1.0 / 4, 1.0 / 2];

    private readonly AutoencoderOptions _options;
    private readonly RowSet _rows;
    private readonly HashSet<long> _early, _within;
    private readonly MixingOrder _order;

    public TrainingPlan(AutoencoderOptions options, RowSet rows, int inputSize)
    {
        (_options, _rows) = (options, rows);
        StepsPerEpoch = (rows.Count + options.BatchSize - 1) / options.BatchSize;
        Steps = checked(StepsPerEpoch * options.Epochs);
        WarmupSteps = (long)(Steps * options.SparsityWarmup);
        _order = new MixingOrder(options.Seed, rows.Count, options.MixingVectors ?? Math.Max(1, MixingBytes / (sizeof(float) * inputSize)));
        _early = [.. StepsAt(EarlyPoints)];
        _within = [.. StepsAt(Enumerable.Range(1, options.PointsPerEpoch - 1).Select(i => (double)i / options.PointsPerEpoch))];

        IEnumerable<long> StepsAt(IEnumerable<double> shares) =>
            shares.Select(share => (long)Math.Ceiling(share * StepsPerEpoch)).Where(step => step < StepsPerEpoch);
    }

    public long StepsPerEpoch { get; }

    public long Steps { get; }

    public long WarmupSteps { get; }

    /// <summary>Passes done after <paramref name="step"/> steps.</summary>
    public double Epochs(long step) => (double)step / StepsPerEpoch;

    /// <summary>Vectors seen after <paramref name="step"/> steps; the last batch of a pass may be short.</summary>
    public long Vectors(long step) => step / StepsPerEpoch * _rows.Count + Math.Min(step % StepsPerEpoch * _options.BatchSize, _rows.Count);

    /// <summary>The penalty's factor in step number <paramref name="step"/> (from 0): above 0, at most 1.</summary>
    public double SparsityScale(long step) => step < WarmupSteps ? (step + 1.0) / (WarmupSteps + 1) : 1;

    /// <summary>True where curves get a point after <paramref name="step"/> steps.</summary>
    public bool IsPoint(long step) => step % StepsPerEpoch == 0 || _early.Contains(step) || _within.Contains(step % StepsPerEpoch);

    /// <summary>
    /// Counts the parts of the source that batches are mixed from: where it changes, what was read before is not read again soon.
    /// </summary>
    public long WindowOf(long step) => _order.WindowAt(step / StepsPerEpoch, step % StepsPerEpoch * _options.BatchSize);

    /// <summary>Windows of a pass.</summary>
    public long WindowsOfPass => _order.Windows;

    /// <summary>Windows of all passes.</summary>
    public long Windows => _order.Windows * _options.Epochs;

    /// <summary>Rows of a window, but for the last of a pass, which may have fewer.</summary>
    public long RowsOfWindow => _order.ItemsOfWindow;

    /// <summary>Where rows of a step stand in their window, in the order of <see cref="NeighboursOf"/>: of as many as lie in one.</summary>
    /// <param name="step">From 0.</param>
    /// <param name="first">The first row of the step that is asked for.</param>
    /// <param name="slots">As long as rows are wanted.</param>
    public (long Window, int Count) SlotsOf(long step, int first, Span<int> slots) =>
        _order.Slots(step / StepsPerEpoch, step % StepsPerEpoch * _options.BatchSize + first, slots);

    /// <summary>The rows of a window, some neighbours at a time; what is given is good until the next.</summary>
    /// <param name="window">As <see cref="WindowOf"/> counts.</param>
    public IEnumerable<ReadOnlyMemory<long>> NeighboursOf(long window)
    {
        var rows = new long[MixingOrder.Chunk];
        foreach (var (first, count) in _order.ChunksOfWindow(window))
        {
            _rows.Read(first, rows.AsSpan(0, count));
            yield return rows.AsMemory(0, count);
        }
    }

    /// <summary>Rows of step number <paramref name="step"/>.</summary>
    public int RowsIn(long step) => (int)Math.Min(_options.BatchSize, _rows.Count - step % StepsPerEpoch * _options.BatchSize);

    /// <summary>
    /// Writes the rows of step number <paramref name="step"/>: each pass visits every row once, in an order of its own
    /// (<see cref="MixingOrder"/>).
    /// </summary>
    /// <param name="step">From 0.</param>
    /// <param name="rows">As long as <see cref="RowsIn"/> says, less the first ones that are left out.</param>
    /// <param name="first">The first row of the step that is asked for.</param>
    public void RowsOf(long step, Span<long> rows, int first = 0)
    {
        _order.Read(step / StepsPerEpoch, step % StepsPerEpoch * _options.BatchSize + first, rows);
        _rows.Gather(rows, rows);
    }

    /// <summary>Whether two trainings see the same batches, so that they can share one reading of them.</summary>
    public static bool SameBatches(AutoencoderOptions one, AutoencoderOptions other) =>
        (one.BatchSize, one.Epochs, one.Seed, one.MixingVectors, one.Cap, one.Normalization) == (other.BatchSize, other.Epochs, other.Seed,
            other.MixingVectors, other.Cap, other.Normalization);

    /// <summary>The training rows that the result is measured on (<see cref="TrainingSample"/>).</summary>
    public RowSet Sample(long heldOut) => TrainingSample.Of(_rows, heldOut, _options.Seed);

    /// <summary>
    /// Names everything that decides the result: a state with another name belongs to another training.
    /// </summary>
    /// <param name="source">The vectors.</param>
    /// <param name="identity">What tells them from others (<see cref="VectorIdentity"/>).</param>
    /// <param name="heldOut">Rows held out.</param>
    public string Fingerprint(IVectorSource source, string identity, IReadOnlyList<HeldOut> heldOut)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var settings = _options with { CheckpointEverySteps = null };
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(settings, JsonFile.Options));
        hash.AppendData(
            MemoryMarshal.AsBytes<long>([source.Dimension, source.Count, _rows.Count, .. heldOut.Select(set => set.Rows.Count)]));
        hash.AppendData(Encoding.UTF8.GetBytes(identity));
        _rows.Identify(hash);
        foreach (var set in heldOut) set.Rows.Identify(hash);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
