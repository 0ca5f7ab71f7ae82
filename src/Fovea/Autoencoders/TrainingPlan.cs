using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json;
using Fovea.Activations;
using Fovea.Runs;

namespace Fovea.Autoencoders;

/// <summary>Which rows each step sees, when the penalty is at full strength and where the curves get a point: all by counting.</summary>
internal sealed class TrainingPlan
{
    /// <summary>Points inside the first pass, where curves change fastest, as shares of it.</summary>
    private static readonly double[] EarlyPoints = [1.0 / 16, 1.0 / 8, 1.0 / 4, 1.0 / 2];

    private readonly AutoencoderOptions _options;
    private readonly long[] _rows;
    private readonly HashSet<long> _early;
    private int[] _order = [];
    private long _orderEpoch = -1;

    public TrainingPlan(AutoencoderOptions options, long[] rows)
    {
        (_options, _rows) = (options, rows);
        StepsPerEpoch = (rows.Length + options.BatchSize - 1) / options.BatchSize;
        Steps = StepsPerEpoch * options.Epochs;
        WarmupSteps = (long)(Steps * options.SparsityWarmup);
        _early = [.. EarlyPoints.Select(share => (long)Math.Ceiling(share * StepsPerEpoch)).Where(step => step < StepsPerEpoch)];
    }

    public long StepsPerEpoch { get; }

    public long Steps { get; }

    public long WarmupSteps { get; }

    /// <summary>Passes done after <paramref name="step"/> steps.</summary>
    public double Epochs(long step) => (double)step / StepsPerEpoch;

    /// <summary>Vectors seen after <paramref name="step"/> steps; the last batch of a pass may be short.</summary>
    public long Vectors(long step) => step / StepsPerEpoch * _rows.Length + Math.Min(step % StepsPerEpoch * _options.BatchSize, _rows.Length);

    /// <summary>The penalty's factor in step number <paramref name="step"/> (from 0): above 0, at most 1.</summary>
    public double SparsityScale(long step) => step < WarmupSteps ? (step + 1.0) / (WarmupSteps + 1) : 1;

    /// <summary>True where curves get a point after <paramref name="step"/> steps.</summary>
    public bool IsPoint(long step) => step % StepsPerEpoch == 0 || _early.Contains(step);

    /// <summary>The rows of step number <paramref name="step"/>: each pass is a new permutation of all rows.</summary>
    public long[] RowsOf(long step)
    {
        long epoch = step / StepsPerEpoch;
        if (epoch != _orderEpoch)
        {
            _order = new CounterRandom(_options.Seed, "autoencoder/shuffle", epoch).Permutation(_rows.Length);
            _orderEpoch = epoch;
        }
        long start = step % StepsPerEpoch * _options.BatchSize;
        var rows = new long[Math.Min(_options.BatchSize, _rows.Length - start)];
        for (int i = 0; i < rows.Length; i++) rows[i] = _rows[_order[start + i]];
        return rows;
    }

    /// <summary>A random sample of the training rows.</summary>
    public long[] Sample(int count) =>
        [.. new CounterRandom(_options.Seed, "autoencoder/sample", 0).Permutation(_rows.Length).Take(count).Select(at => _rows[at]).Order()];

    /// <summary>Names everything that decides the result: a state with another name belongs to another training.</summary>
    public string Fingerprint(IVectorSource source, long[] validationRows)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var settings = _options with { CheckpointEverySteps = null };
        hash.AppendData(JsonSerializer.SerializeToUtf8Bytes(settings, JsonFile.Options));
        hash.AppendData(MemoryMarshal.AsBytes<long>([source.Dimension, source.Count, _rows.Length, validationRows.Length]));
        hash.AppendData(MemoryMarshal.AsBytes<long>(_rows));
        hash.AppendData(MemoryMarshal.AsBytes<long>(validationRows));
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
