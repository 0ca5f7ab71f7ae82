using System.Runtime.InteropServices;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Kernels;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Interpretation;

/// <summary>
/// Everything one pass finds out about a group of units: examples of every kind, histogram, grid, classes. Memory for units × (examples +
/// sample + bins + positions + classes), whatever the number of images. Dense values are swept once in vector registers; of codes only the
/// active entries are looked at. What an image adds is summed within the image and added in the images' order, and images are drawn by
/// their numbers, so nothing depends on how images were batched, and codes give what their dense form gives.
/// </summary>
public sealed class UnitAccumulator
{
    /// <summary>Units a piece of parallel work; a multiple of every vector width.</summary>
    private const int Chunk = 64;

    private readonly int _units, _height, _width;
    private readonly bool _latents;
    private readonly float _threshold;
    private readonly TopExamplesOptions _options;
    private readonly TopLists _top;
    private readonly ImageSamples _samples, _random;
    private readonly ActivationHistogram _histogram;
    private readonly GridProfile _grid;
    private readonly ClassProfile? _classes;
    private readonly ClassMisses? _classMisses;
    private readonly TopLists? _nearest;
    private readonly float[] _largest;
    private readonly ActiveUnits _active;

    /// <summary>Empty statistics.</summary>
    /// <param name="units">Number of units.</param>
    /// <param name="latents">Whether the units are latents: never negative, active where above 0, and examples only where active; else
    /// neurons.</param>
    /// <param name="height">Rows of the layer's grid.</param>
    /// <param name="width">Columns of the grid.</param>
    /// <param name="options">Numbers of examples, seed, labels.</param>
    /// <param name="preActivations">Whether values come with the images' largest pre-activations
    /// (<see cref="CodeStream.Encode(ReadOnlySpan{float}, int)"/>): near misses are then the images that leave a latent off with the
    /// largest pre-activation; else images of its top class.</param>
    public UnitAccumulator(int units, bool latents, int height, int width, TopExamplesOptions? options = null, bool preActivations = false)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(units);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        _options = options ??= new TopExamplesOptions();
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.Examples);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Others);
        ArgumentOutOfRangeException.ThrowIfNegative(options.Sample);
        (_units, _latents, _height, _width) = (units, latents, height, width);
        _threshold = latents ? 0f : (float)UnitGroup.NeuronThreshold;
        _top = new TopLists(units, options.Examples, activeOnly: latents);
        _samples = new ImageSamples(units, options.Sample, options.Seed, "evidence/sample");
        _random = new ImageSamples(units, options.Others, options.Seed, "evidence/random");
        _histogram = new ActivationHistogram(units, signed: !latents);
        _grid = new GridProfile(units, height, width);
        _classes = options.Labels is null ? null : new ClassProfile(units, options.Labels.Classes);
        if (preActivations && options.Others > 0) _nearest = new TopLists(units, options.Others, activeOnly: false);
        if (!preActivations && options.Labels is not null) _classMisses = new ClassMisses(units, latents, options.Labels, options.Seed);
        _largest = new float[units];
        Array.Fill(_largest, latents ? 0 : float.NegativeInfinity);
        _active = new ActiveUnits(latents ? units : 0);
    }

    /// <summary>Images seen.</summary>
    public int Images { get; private set; }

    /// <summary>Adds whole images.</summary>
    /// <param name="values"><c>[images · height · width, units]</c>, float32: image after image, positions in reading order.</param>
    /// <param name="images">The images' indices.</param>
    /// <exception cref="FoveaException">A value is NaN or infinite.</exception>
    public void Add(Tensor values, ReadOnlySpan<int> images)
    {
        ArgumentNullException.ThrowIfNull(values);
        using var scope = NewDisposeScope();
        Tensor plain = values.detach().to(float32).cpu().contiguous();
        Add(MemoryMarshal.Cast<byte, float>(plain.bytes), images);
    }

    /// <inheritdoc cref="Add(Tensor, ReadOnlySpan{int})"/>
    public void Add(ReadOnlySpan<float> values, ReadOnlySpan<int> images) => Add(values, images, null);

    /// <summary>The same with each image's largest pre-activations, <c>[images, units]</c>.</summary>
    internal unsafe void Add(ReadOnlySpan<float> values, ReadOnlySpan<int> images, PreActivationPeaks? peaks)
    {
        int positions = _height * _width;
        RequirePeaks(peaks, images.Length);
        if (values.Length != (long)images.Length * positions * _units)
            throw new ArgumentException(
                $"{values.Length} values for {images.Length} images of {_height}×{_width} positions and {_units} units.", nameof(values));
        if (images.Length == 0) return;
        SeenImage[] seen = Look(images);
        fixed (float* start = values)
        {
            float* at = start;
            int bad = -1;
            ParallelLoop.For((_units + Chunk - 1) / Chunk, chunk =>
            {
                int wrong = Sweep(at, seen, peaks, chunk * Chunk, Math.Min(Chunk, _units - chunk * Chunk));
                if (wrong >= 0) Volatile.Write(ref bad, wrong);
            });
            if (bad >= 0)
                throw FoveaException.NumericalFailure(
                    $"Unit {bad} has a NaN or infinite activation in images {images[0]} to {images[^1]}: are the weights finite?");
        }
        Images += images.Length;
    }

    /// <summary>
    /// Adds the codes of whole images: what <see cref="Add(ReadOnlySpan{float}, ReadOnlySpan{int})"/> makes of their dense form, at the
    /// cost of the active entries.
    /// </summary>
    /// <param name="codes">A row a position: image after image, positions in reading order. Of as many latents as there are units.</param>
    /// <param name="images">The images' indices.</param>
    /// <exception cref="InvalidOperationException">The units are neurons.</exception>
    public void Add(SparseCodes codes, ReadOnlySpan<int> images)
    {
        ArgumentNullException.ThrowIfNull(codes);
        if (!_latents) throw new InvalidOperationException("Neurons have no codes.");
        if (codes.LatentCount != _units || codes.RowCount != (long)images.Length * _height * _width)
            throw new ArgumentException(
                $"{codes.RowCount} codes of {codes.LatentCount} latents for {images.Length} images of {_height}×{_width} positions and {_units} units.", nameof(codes));
        RequirePeaks(codes.Peaks, images.Length);
        SeenImage[] seen = Look(images);
        // Entries of a row ascend by latent, so each thread finds those of its own latents.
        int slices = Math.Min(Workers.Count, (_units + Chunk - 1) / Chunk);
        Workers.For(slices,
            (slice, _) => Sweep(codes, seen, (int)((long)_units * slice / slices), (int)((long)_units * (slice + 1) / slices)));
        Images += images.Length;
    }

    /// <summary>The statistics so far.</summary>
    public GroupStatistics Finish(UnitGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        _grid.Finish(Images);
        _histogram.Finish((long)Images * _height * _width, _largest);
        return new GroupStatistics(
            group, Images, _height, _width, [.. ParallelEnumerable.Range(0, _units).AsOrdered().Select(Unit)])
        {
            Histogram = _histogram,
            Grid = _grid,
            Classes = _classes
        };
    }

    private UnitStatistics Unit(int unit)
    {
        if (Images == 0) return new UnitStatistics(unit, 0, 0, 0, []);
        var (mean, density) = _grid.Overall(unit);
        TopExample[] sample = _samples.Of(unit);
        List<ExampleSet> others =
            [.. QuantileBands.Of(sample, _options.Others), new ExampleSet(ExampleKinds.Random, _random.Of(unit))];
        if (_nearest is not null) others.Add(new ExampleSet(ExampleKinds.Near, _nearest.Of(unit)));
        if (_classMisses is not null) others.Add(_classMisses.Of(unit, _classes!.TopClass(unit), _options.Others, _height, _width));
        return new UnitStatistics(unit, density, mean, _largest[unit], _top.Of(unit)) { Others = others };
    }

    private void RequirePeaks(PreActivationPeaks? peaks, int images)
    {
        if (_nearest is not null && peaks?.Images != images)
            throw new InvalidOperationException(
                $"Near misses by pre-activation need those of {images} images of {_height}×{_width} positions: encode them with their "
                    + $"number of positions.");
    }

    private SeenImage[] Look(ReadOnlySpan<int> images)
    {
        var seen = new SeenImage[images.Length];
        for (int i = 0; i < images.Length; i++)
        {
            int label = _options.Labels is null ? -1 : _options.Labels[images[i]];
            if (label >= 0) _classes!.Count(label);
            seen[i] = new SeenImage(images[i], label);
        }
        return seen;
    }

    /// <summary>All images of a batch for some neighbouring units; the number of a unit with a value that is not finite, or −1.</summary>
    private unsafe int Sweep(float* values, SeenImage[] images, PreActivationPeaks? peaks, int first, int width)
    {
        int positions = _height * _width;
        float* maximum = stackalloc float[Chunk], sum = stackalloc float[Chunk];
        fixed (double* positionSum = _grid.Sums)
        fixed (int* positionActive = _grid.Active)
        {
            for (int i = 0; i < images.Length; i++)
            {
                float* image = values + (long)i * positions * _units + first;
                for (int u = 0; u < width; u++) (maximum[u], sum[u]) = (float.NegativeInfinity, 0);
                for (int p = 0; p < positions; p++)
                {
                    long at = (long)p * _units + first;
                    UnitRow.Add(image + (long)p * _units, width, _threshold, maximum, sum, positionSum + at, positionActive + at);
                }
                for (int u = 0; u < width; u++)
                {
                    if (!float.IsFinite(sum[u])) return first + u;
                }
                for (int p = 0; p < positions; p++)
                {
                    float* row = image + (long)p * _units;
                    for (int u = 0; u < width; u++) _histogram.Add(first + u, row[u]);
                }
                Span<float> reference = _classMisses is null ? [] : _classMisses.Row(images[i].Image);
                Span<double> ofClass = images[i].Label < 0 ? [] : _classes!.Row(images[i].Label);
                for (int u = 0; u < width; u++)
                {
                    int unit = first + u;
                    if (!reference.IsEmpty) reference[unit] = maximum[u];
                    if (!ofClass.IsEmpty) ofClass[unit] += (double)sum[u] / positions;
                    if (Shown(unit, images[i].Image, maximum[u], out Choice choice))
                        Keep(unit, images[i].Image, maximum[u], Find(image + u, positions, maximum[u]), sum[u] / positions, choice);
                    if (_nearest is not null && maximum[u] <= 0) Missed(unit, images[i].Image, peaks!.Values(i)[unit], peaks.Rows(i)[unit]);
                }
            }
        }
        return -1;
    }

    /// <summary>The same from active entries of units first … last − 1.</summary>
    private void Sweep(SparseCodes codes, SeenImage[] images, int first, int last)
    {
        int positions = _height * _width;
        ReadOnlySpan<long> rowStart = codes.RowOffsets;
        ReadOnlySpan<int> latents = codes.Latents;
        ReadOnlySpan<float> values = codes.Values;
        double[] sums = _grid.Sums;
        int[] active = _grid.Active;
        for (int i = 0; i < images.Length; i++)
        {
            int count = 0;
            for (int p = 0; p < positions; p++)
            {
                int row = i * positions + p, from = (int)rowStart[row], to = (int)rowStart[row + 1];
                int found = latents[from..to].BinarySearch(first);
                for (int e = from + (found >= 0 ? found : ~found); e < to && latents[e] < last; e++)
                {
                    int unit = latents[e];
                    float value = values[e];
                    _active.Add(unit, Images + i, p, value, first, ref count);
                    _histogram.Add(unit, value);
                    sums[(long)p * _units + unit] += value;
                    active[(long)p * _units + unit]++;
                }
            }
            Span<float> reference = _classMisses is null ? [] : _classMisses.Row(images[i].Image);
            Span<double> ofClass = images[i].Label < 0 ? [] : _classes!.Row(images[i].Label);
            foreach (int unit in _active.Touched(first, count))
            {
                ActiveUnits.OneImage one = _active[unit];
                if (!reference.IsEmpty) reference[unit] = one.Maximum;
                if (!ofClass.IsEmpty) ofClass[unit] += (double)one.Sum / positions;
                if (Shown(unit, images[i].Image, one.Maximum, out Choice choice))
                    Keep(unit, images[i].Image, one.Maximum, one.Position, one.Sum / positions, choice);
            }
            if (_nearest is null) continue;
            ReadOnlySpan<float> peaks = codes.Peaks!.Values(i);
            ReadOnlySpan<int> places = codes.Peaks.Rows(i);
            for (int unit = first; unit < last; unit++)
            {
                // Few images are nearer than the nearest so far, and of those some are active.
                if (_nearest.Wants(unit, images[i].Image, peaks[unit]) && _active[unit].Image != Images + i)
                    Missed(unit, images[i].Image, peaks[unit], places[unit]);
            }
        }
    }

    /// <summary>Whether an image is to be kept for a unit, in its sample or among its best.</summary>
    private bool Shown(int unit, int image, float maximum, out Choice choice)
    {
        if (maximum > _largest[unit]) _largest[unit] = maximum;
        bool best = _top.Wants(unit, image, maximum);
        if (!(maximum > _threshold))
        {
            choice = new Choice(best, false, 0, false, 0);
            return best;
        }
        ulong sampled = _samples.Priority(unit, image), random = _random.Priority(unit, image);
        choice = new Choice(best, _samples.Wants(unit, sampled), sampled, _random.Wants(unit, random), random);
        return choice.Best || choice.Sampled || choice.Random;
    }

    private void Keep(int unit, int image, float maximum, int position, float mean, in Choice choice)
    {
        var example = new TopExample(image, maximum, position / _width, position % _width) { Mean = mean };
        if (choice.Best) _top.Insert(unit, example);
        if (choice.Sampled) _samples.Insert(unit, choice.SamplePriority, example);
        if (choice.Random) _random.Insert(unit, choice.RandomPriority, example);
    }

    /// <summary>An image that leaves a unit off.</summary>
    private void Missed(int unit, int image, float peak, int position)
    {
        if (_nearest!.Wants(unit, image, peak)) _nearest.Insert(unit, new TopExample(image, peak, position / _width, position % _width));
    }

    private unsafe int Find(float* column, int positions, float value)
    {
        for (int p = 0; p < positions; p++)
        {
            if (column[(long)p * _units] == value) return p;
        }
        return 0;
    }

    private readonly record struct SeenImage(int Image, int Label);

    /// <summary>What an image is kept for.</summary>
    /// <param name="Best">Among the unit's strongest.</param>
    /// <param name="Sampled">In the sample that bands are of.</param>
    /// <param name="SamplePriority">Its number there.</param>
    /// <param name="Random">Among the random examples, drawn by another stream.</param>
    /// <param name="RandomPriority">Its number there.</param>
    private readonly record struct Choice(bool Best, bool Sampled, ulong SamplePriority, bool Random, ulong RandomPriority);
}
