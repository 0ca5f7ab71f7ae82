using System.Text.Json.Serialization;
using static TorchSharp.torch;

namespace Fovea.Dictionaries;

/// <summary>
/// Gathers <see cref="AutoencoderScores"/> batch by batch in float64, in constant memory. The variance is kept as mean and squared
/// deviations and merged by Chan's formula, so neither a large mean nor the batch size changes it. Not thread-safe.
/// </summary>
public sealed class AutoencoderMetrics
{
    private readonly double[] _mean;
    private readonly bool[] _fired;
    private long _count;
    private double _deviation, _error, _reconstruction, _sparsity, _active;
    private InferenceDetails? _details;

    /// <summary>Nothing seen yet.</summary>
    /// <param name="inputSize">d.</param>
    /// <param name="latentSize">n.</param>
    public AutoencoderMetrics(int inputSize, int latentSize)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(inputSize);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(latentSize);
        (_mean, _fired) = (new double[inputSize], new bool[latentSize]);
    }

    /// <summary>Number of vectors seen.</summary>
    public long Count => _count;

    /// <summary>Number of latents active at least once.</summary>
    public int FiredCount => _fired.Count(fired => fired);

    /// <summary>The sum of all losses added: not finite where one was not.</summary>
    internal double LossSum => _reconstruction + _sparsity;

    /// <summary>Number of latents.</summary>
    public int LatentCount => _fired.Length;

    /// <summary>Adds a batch without losses.</summary>
    /// <param name="x">The vectors, <c>[rows, d]</c>.</param>
    /// <param name="output">Their reconstructions, <c>[rows, d]</c>.</param>
    /// <param name="codes">Their codes, dense <c>[rows, n]</c>; active is what is not zero.</param>
    public void Add(Tensor x, Tensor output, Tensor codes) => Add(x, output, codes, double.NaN, double.NaN);

    /// <summary>Adds a batch with its losses (means over the batch).</summary>
    /// <param name="x">The vectors, <c>[rows, d]</c>.</param>
    /// <param name="output">Their reconstructions, <c>[rows, d]</c>.</param>
    /// <param name="codes">Their codes, dense <c>[rows, n]</c>; active is what is not zero.</param>
    /// <param name="reconstruction">The loss's first term; NaN takes the mean squared error of <paramref name="output"/>.</param>
    /// <param name="sparsity">The loss's second term; NaN counts as 0.</param>
    public void Add(Tensor x, Tensor output, Tensor codes, double reconstruction, double sparsity)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(codes);
        if (x.dim() != 2 || x.shape[1] != _mean.Length || !output.shape.AsSpan().SequenceEqual(x.shape) || codes.shape[0] != x.shape[0]
            || codes.shape[1] != _fired.Length)
            throw new ArgumentException($"Metrics of {_mean.Length} components and {_fired.Length} latents do not fit the batch.");
        if (x.shape[0] == 0) return;
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        long rows = x.shape[0];
        // Sums are made in main memory: not every device has float64.
        double error = (x - output).square().cpu().sum(ScalarType.Float64).item<double>();
        AddVariance(x, rows);
        AddActivity(codes);
        _count += rows;
        _error += error;
        _reconstruction += double.IsNaN(reconstruction) ? error : reconstruction * rows;
        _sparsity += double.IsNaN(sparsity) ? 0 : sparsity * rows;
    }

    /// <summary>
    /// Adds what only evaluations look at: density of the latents, active units, shrinkage. The scores have them where each vector that was
    /// added was given here too.
    /// </summary>
    /// <param name="x">The vectors as they are, not scaled, <c>[rows, d]</c>.</param>
    /// <param name="output">Their reconstructions, not scaled, <c>[rows, d]</c>.</param>
    /// <param name="codes">Their codes, dense <c>[rows, n]</c>.</param>
    public void AddDetails(Tensor x, Tensor output, Tensor codes)
    {
        ArgumentNullException.ThrowIfNull(x);
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(codes);
        Details.Add(x, output, codes);
    }

    /// <summary>
    /// What only evaluations look at. A checkpoint leaves it out: it is kept in the midst of trainings, never of evaluations.
    /// </summary>
    internal InferenceDetails Details => _details ??= new InferenceDetails(_fired.Length);

    /// <summary>Adds a batch of which only sums are known.</summary>
    /// <param name="batch">Its sums.</param>
    /// <param name="fired">Not 0 for each latent that was active, <c>[n]</c>.</param>
    internal void Add(in Batch batch, ReadOnlySpan<byte> fired)
    {
        if (batch.Rows == 0) return;
        AddVariance(batch.Mean, batch.Deviation, batch.Rows);
        for (int i = 0; i < fired.Length; i++) _fired[i] |= fired[i] != 0;
        _count += batch.Rows;
        _error += batch.Error;
        _reconstruction += batch.Error;
        _sparsity += batch.Sparsity;
        _active += batch.Active;
    }

    /// <summary>
    /// Sums over a batch: rows, their mean vector, squared deviations from it, squared errors, penalties and active entries.
    /// </summary>
    internal readonly record struct Batch(long Rows, double[] Mean, double Deviation, double Error, double Sparsity, long Active);

    /// <summary>The scores of everything added.</summary>
    /// <param name="scale">Losses are given in the scale of vectors that are multiplied by this number.</param>
    /// <exception cref="FoveaException">Numerical: nothing was added.</exception>
    public AutoencoderScores Scores(double scale = 1)
    {
        if (_count == 0) throw FoveaException.NumericalFailure("There are no vectors to evaluate an autoencoder on.");
        // Vectors that are all the same have no variance: they are explained fully or not at all.
        double fvu = _deviation > 0 ? _error / _deviation : _error > 0 ? double.PositiveInfinity : 0;
        InferenceDetails? details = _details?.Vectors == _count ? _details : null;
        return new AutoencoderScores
        {
            Vectors = _count,
            Loss = (_reconstruction + _sparsity) / _count * (scale * scale),
            Reconstruction = _reconstruction / _count * (scale * scale),
            Sparsity = _sparsity / _count * (scale * scale),
            Fvu = fvu,
            ExplainedVariance = 1 - fvu,
            L0 = _active / _count,
            DeadFraction = 1 - (double)FiredCount / _fired.Length,
            DenseFraction = details?.DenseFraction,
            ActiveUnits = details?.ActiveUnits,
            ActiveUnitsDrop = _active > 0 ? details?.ActiveUnits / (_active / _count) : null,
            Shrinkage = details?.Shrinkage,
        };
    }

    private void AddVariance(Tensor x, long rows)
    {
        using var wide = x.cpu().to_type(ScalarType.Float64);
        using var centre = wide.mean([0]);
        // to_type gives x itself where it is float64 already: the subtraction must not be in place.
        using var deviations = wide - centre;
        AddVariance([.. centre.data<double>()], deviations.square().sum().item<double>(), rows);
    }

    private void AddVariance(double[] batch, double within, long rows)
    {
        double between = 0;
        for (int i = 0; i < _mean.Length; i++)
        {
            double shift = batch[i] - _mean[i];
            _mean[i] += shift * rows / (_count + rows);
            between += shift * shift;
        }
        _deviation += within + between * _count * rows / (_count + rows);
    }

    private void AddActivity(Tensor codes)
    {
        using var perLatent = codes.ne(0).sum([0L]).cpu();
        var counts = perLatent.data<long>();
        for (int i = 0; i < _fired.Length; i++)
        {
            long count = counts[i];
            _active += count;
            _fired[i] |= count > 0;
        }
    }

    internal State Save() => new()
    {
        Mean = [.. _mean],
        Fired = Convert.ToBase64String([.. _fired.Select(fired => (byte)(fired ? 1 : 0))]),
        Count = _count,
        Deviation = _deviation,
        Error = _error,
        Reconstruction = _reconstruction,
        Sparsity = _sparsity,
        Active = _active,
    };

    internal static AutoencoderMetrics Restore(State state)
    {
        byte[] fired = Convert.FromBase64String(state.Fired);
        var metrics = new AutoencoderMetrics(state.Mean.Length, fired.Length)
        {
            _count = state.Count,
            _deviation = state.Deviation,
            _error = state.Error,
            _reconstruction = state.Reconstruction,
            _sparsity = state.Sparsity,
            _active = state.Active,
        };
        state.Mean.CopyTo(metrics._mean, 0);
        for (int i = 0; i < fired.Length; i++) metrics._fired[i] = fired[i] != 0;
        return metrics;
    }

    /// <summary>Everything gathered, exactly: .NET writes doubles so that they read back the same.</summary>
    internal sealed record State
    {
        [JsonRequired] public required double[] Mean { get; init; }

        [JsonRequired] public required string Fired { get; init; }

        [JsonRequired] public required long Count { get; init; }

        [JsonRequired] public required double Deviation { get; init; }

        [JsonRequired] public required double Error { get; init; }

        [JsonRequired] public required double Reconstruction { get; init; }

        [JsonRequired] public required double Sparsity { get; init; }

        [JsonRequired] public required double Active { get; init; }
    }
}
