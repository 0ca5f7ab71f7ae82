using System.Runtime.InteropServices;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>
/// The running statistics of a group of units: memory for units × examples, whatever the number of images. One sweep over the values of a batch takes
/// sums, counts and the maximum of each image and unit in vector registers; only an image that beats a unit's worst kept example is looked at again.
/// Sums are made image by image and added in their order, so nothing depends on how images were batched.
/// </summary>
public sealed class UnitAccumulator
{
    /// <summary>Units a piece of parallel work; a multiple of every vector width.</summary>
    private const int Chunk = 64;

    private readonly int _units, _capacity;
    private readonly bool _latents;
    private readonly float _threshold;
    private readonly TopExample[] _examples;
    private readonly int[] _kept;
    private readonly long[] _active;
    private readonly double[] _sum;
    private readonly float[] _maximum, _worst;
    private readonly int[] _worstImage;
    private int _height, _width;

    /// <summary>Empty statistics.</summary>
    /// <param name="units">Number of units.</param>
    /// <param name="capacity">Examples kept for each.</param>
    /// <param name="latents">Whether the units are latents: active where above 0, and examples only where active; else neurons.</param>
    public UnitAccumulator(int units, int capacity, bool latents)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(units);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(capacity);
        (_units, _capacity, _latents) = (units, capacity, latents);
        _threshold = latents ? 0f : (float)UnitGroup.NeuronThreshold;
        _examples = new TopExample[(long)units * capacity];
        _kept = new int[units];
        _active = new long[units];
        _sum = new double[units];
        (_maximum, _worst, _worstImage) = (new float[units], new float[units], new int[units]);
        Array.Fill(_maximum, float.NegativeInfinity);
        // What an image must beat: nothing for neurons until the list is full, zero for latents.
        Array.Fill(_worst, latents ? 0f : float.NegativeInfinity);
        Array.Fill(_worstImage, latents ? -1 : int.MaxValue);
    }

    /// <summary>Images seen.</summary>
    public int Images { get; private set; }

    /// <summary>Adds whole images.</summary>
    /// <param name="values"><c>[images · height · width, units]</c>, float32: image after image, positions in reading order.</param>
    /// <param name="height">Rows of the grid, the same for every image.</param>
    /// <param name="width">Columns of the grid.</param>
    /// <param name="images">The images' indices.</param>
    /// <exception cref="FoveaException">A value is NaN or infinite.</exception>
    public void Add(Tensor values, int height, int width, ReadOnlySpan<int> images)
    {
        ArgumentNullException.ThrowIfNull(values);
        using var scope = NewDisposeScope();
        Tensor plain = values.detach().to(float32).cpu().contiguous();
        Add(MemoryMarshal.Cast<byte, float>(plain.bytes), height, width, images);
    }

    /// <inheritdoc cref="Add(Tensor, int, int, ReadOnlySpan{int})"/>
    public unsafe void Add(ReadOnlySpan<float> values, int height, int width, ReadOnlySpan<int> images)
    {
        int positions = checked(height * width);
        if (values.Length != (long)images.Length * positions * _units)
            throw new ArgumentException($"{values.Length} values for {images.Length} images of {height}×{width} positions and {_units} units.", nameof(values));
        if (images.Length == 0) return;
        if (Images == 0) (_height, _width) = (height, width);
        else if ((height, width) != (_height, _width)) throw new ArgumentException($"A grid of {height}×{width} after one of {_height}×{_width}.", nameof(height));
        fixed (float* start = values)
        fixed (int* numbers = images)
        {
            float* at = start;
            int* image = numbers;
            int count = images.Length, bad = -1;
            Parallel.For(0, (_units + Chunk - 1) / Chunk, chunk =>
            {
                int wrong = Sweep(at, image, count, positions, chunk * Chunk, Math.Min(Chunk, _units - chunk * Chunk));
                if (wrong >= 0) Volatile.Write(ref bad, wrong);
            });
            if (bad >= 0)
                throw FoveaException.NumericalFailure($"Unit {bad} has a NaN or infinite activation in images {images[0]} to {images[^1]}: are the weights finite?");
        }
        Images += images.Length;
    }

    /// <summary>The statistics so far.</summary>
    public GroupStatistics Finish(UnitGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        double positions = (double)Images * _height * _width;
        var units = new UnitStatistics[_units];
        for (int unit = 0; unit < _units; unit++)
        {
            units[unit] = Images == 0
                ? new UnitStatistics(unit, 0, 0, 0, [])
                : new UnitStatistics(unit, _active[unit] / positions, _sum[unit] / positions, _maximum[unit],
                    _examples.AsSpan(unit * _capacity, _kept[unit]).ToArray());
        }
        return new GroupStatistics(group, Images, _height, _width, units);
    }

    /// <summary>All images of a batch for some neighbouring units; the number of a unit with a value that is not finite, or −1.</summary>
    private unsafe int Sweep(float* values, int* images, int count, int positions, int first, int width)
    {
        float* maximum = stackalloc float[Chunk], sum = stackalloc float[Chunk];
        int* active = stackalloc int[Chunk];
        for (int i = 0; i < count; i++)
        {
            float* image = values + (long)i * positions * _units + first;
            for (int u = 0; u < width; u++) (maximum[u], sum[u], active[u]) = (float.NegativeInfinity, 0, 0);
            for (int p = 0; p < positions; p++) UnitRow.Add(image + (long)p * _units, width, _threshold, maximum, sum, active);
            for (int u = 0; u < width; u++)
            {
                if (!float.IsFinite(sum[u])) return first + u;
                int unit = first + u;
                _active[unit] += active[u];
                _sum[unit] += sum[u];
                if (maximum[u] > _maximum[unit]) _maximum[unit] = maximum[u];
                if (maximum[u] > _worst[unit] || (maximum[u] == _worst[unit] && images[i] < _worstImage[unit]))
                    Insert(unit, images[i], maximum[u], Find(image + u, positions, maximum[u]));
            }
        }
        return -1;
    }

    private unsafe int Find(float* column, int positions, float value)
    {
        for (int p = 0; p < positions; p++)
        {
            if (column[(long)p * _units] == value) return p;
        }
        return 0;
    }

    private void Insert(int unit, int image, float value, int position)
    {
        Span<TopExample> kept = _examples.AsSpan(unit * _capacity, _capacity);
        int at = Math.Min(_kept[unit], _capacity - 1);
        for (; at > 0 && (kept[at - 1].Value < value || (kept[at - 1].Value == value && kept[at - 1].Image > image)); at--) kept[at] = kept[at - 1];
        kept[at] = new TopExample(image, value, position / _width, position % _width);
        if (_kept[unit] < _capacity) _kept[unit]++;
        if (_kept[unit] == _capacity) (_worst[unit], _worstImage[unit]) = (kept[^1].Value, kept[^1].Image);
    }
}
