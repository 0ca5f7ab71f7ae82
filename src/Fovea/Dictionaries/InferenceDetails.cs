using Fovea.Dictionaries.Comparison;
using static TorchSharp.torch;

namespace Fovea.Dictionaries;

/// <summary>
/// What an evaluation counts beside the sums that training keeps too: how often each latent is active, how many components of the vectors
/// are, and how long reconstructions come out. On vectors as they are, not scaled. Not thread-safe.
/// </summary>
internal sealed class InferenceDetails(int latentSize)
{
    private readonly long[] _active = new long[latentSize];
    private readonly Shrinkage _shrinkage = new();
    private long _units;

    /// <summary>Number of vectors seen.</summary>
    public long Vectors { get; private set; }

    /// <summary>Mean number of components with |xᵢ| > <see cref="AutoencoderScores.UnitThreshold"/>.</summary>
    public double ActiveUnits => (double)_units / Vectors;

    /// <summary>Share of the latents that are active in more than <see cref="AutoencoderScores.DenseAbove"/> of the vectors.</summary>
    public double DenseFraction => (double)_active.Count(count => count > AutoencoderScores.DenseAbove * Vectors) / _active.Length;

    /// <summary>Whether reconstructions are too short.</summary>
    public ShrinkageScores Shrinkage => _shrinkage.Scores();

    /// <summary>Adds a batch.</summary>
    /// <param name="x">Raw vectors, <c>[rows, d]</c>.</param>
    /// <param name="output">Their reconstructions, <c>[rows, d]</c>.</param>
    /// <param name="codes">Their codes, <c>[rows, n]</c>.</param>
    public void Add(Tensor x, Tensor output, Tensor codes)
    {
        using var scope = NewDisposeScope();
        using var frozen = no_grad();
        // Sums are made in main memory: not every device has float64.
        var (input, reconstruction) = (x.cpu(), output.cpu());
        _shrinkage.Add(input, reconstruction);
        _units += input.abs().gt((float)AutoencoderScores.UnitThreshold).sum().item<long>();
        var counts = codes.ne(0).sum([0L]).cpu().data<long>();
        for (int i = 0; i < _active.Length; i++) _active[i] += counts[i];
        Vectors += x.shape[0];
    }

    /// <summary>Adds a vector; its entries are counted by <see cref="AddEntries"/>.</summary>
    /// <param name="x">Raw, <c>[d]</c>.</param>
    /// <param name="residual">x̂ − x, <c>[d]</c>.</param>
    public void AddVector(ReadOnlySpan<float> x, ReadOnlySpan<float> residual)
    {
        double length = 0, cross = 0, error = 0;
        for (int i = 0; i < x.Length; i++)
        {
            double value = x[i], difference = residual[i];
            length += value * value;
            cross += value * difference;
            error += difference * difference;
            if (Math.Abs(x[i]) > (float)AutoencoderScores.UnitThreshold) _units++;
        }
        _shrinkage.Add(length, length + 2 * cross + error, length + cross);
        Vectors++;
    }

    /// <summary>Counts the active entries of vectors that <see cref="AddVector"/> was given.</summary>
    /// <param name="latents">The latent of each entry.</param>
    public void AddEntries(ReadOnlySpan<int> latents)
    {
        foreach (int latent in latents) _active[latent]++;
    }
}
