using Fovea.Interpretation;
using Fovea.Interpretation.Shortcuts;
using static TorchSharp.torch;

namespace Fovea.Interventions.Shortcuts;

/// <summary>What the units of one group do on some images, gathered batch by batch.</summary>
internal sealed class UnitReadings(UnitGroup group)
{
    private readonly List<float[]> _means = [], _background = [];
    private double[] _places = [], _positive = [], _outside = [];
    private int[] _active = [];

    /// <summary>The group.</summary>
    public UnitGroup Group { get; } = group;

    /// <summary>Number of units.</summary>
    public int Count => _active.Length;

    /// <summary>Positions of the layer.</summary>
    public int Positions => Count == 0 ? 0 : _places.Length / Count;

    /// <summary>A unit's mean over positions, image by image.</summary>
    public float[] Means(int unit) => [.. _means.Select(row => row[unit])];

    /// <summary>The part of that which lies in the background; NaN where an image has no mask.</summary>
    public float[] Background(int unit) => [.. _background.Select(row => row[unit])];

    /// <summary>Images on which a unit is active.</summary>
    public int Active(int unit) => _active[unit];

    /// <summary>Share of a unit's activation that lies in the background; null where it is silent.</summary>
    public double? BackgroundShare(int unit) => _positive[unit] > 0 ? _outside[unit] / _positive[unit] : null;

    /// <summary>How alike a unit's places are.</summary>
    public double? Consistency(int unit)
    {
        var sum = new double[Positions];
        for (int p = 0; p < sum.Length; p++) sum[p] = _places[p * Count + unit];
        return PlaceConsistency.Of(sum, _active[unit]);
    }

    /// <summary>Adds a batch.</summary>
    /// <param name="rows">The layer's vectors, <c>[n, positions, channels]</c>.</param>
    /// <param name="cells">Share of background of each position; null where it is not known.</param>
    public void Add(Tensor rows, float[]?[] cells)
    {
        using var scope = NewDisposeScope();
        long n = rows.shape[0], positions = rows.shape[1];
        Tensor values = Group.Values(rows.reshape(n * positions, rows.shape[2])).cpu().to(float32).view(n, positions, -1);
        int units = (int)values.shape[2];
        if (_active.Length == 0)
            (_active, _positive, _outside, _places) = (new int[units], new double[units], new double[units], new double[units * (int)positions]);
        Tensor mask = tensor(
            [.. cells.SelectMany(one => one ?? [.. Enumerable.Repeat(float.NaN, (int)positions)])], [n, positions, 1], float32);
        float[] means = Values(values.mean([1L])), background = Values((values * mask).mean([1L]));
        for (int i = 0; i < n; i++)
        {
            _means.Add(means.AsSpan(i * units, units).ToArray());
            _background.Add(background.AsSpan(i * units, units).ToArray());
        }
        Tensor positive = values.clamp_min(0), length = positive.norm(1, true, 2);
        // A value that leaky activations leave below 0, or rounding above it, drives nothing.
        Tensor driven = length > (Group.IsDictionary ? 0 : UnitGroup.NeuronThreshold);
        Tensor maps = where(driven, positive / length.clamp_min(1e-30f), zeros_like(positive)).to(float64).sum([0L]);
        Tensor known = tensor([.. cells.Select(one => one is null ? 0f : 1)], [n, 1, 1], float32);
        Add(_places, maps);
        Add(_positive, (positive * known).to(float64).sum([0L, 1L]));
        Add(_outside, (positive * mask.nan_to_num(0)).to(float64).sum([0L, 1L]));
        long[] active = driven.to(int64).sum([0L]).flatten().contiguous().data<long>().ToArray();
        for (int u = 0; u < units; u++) _active[u] += (int)active[u];
    }

    private static void Add(double[] sum, Tensor more)
    {
        double[] values = more.contiguous().data<double>().ToArray();
        for (int i = 0; i < sum.Length; i++) sum[i] += values[i];
    }

    private static float[] Values(Tensor tensor) => tensor.contiguous().data<float>().ToArray();
}
