namespace Fovea.Interpretation;

/// <summary>
/// Which classes activate each unit: the mean over a class's images of the unit's mean over positions, and the class selectivity of Morcos
/// et al. (2018). A mean over positions and not the largest value, as there; it is also what average pooling hands on to a linear head.
/// </summary>
public sealed class ClassProfile
{
    /// <summary>A mean over fewer images of a class says nothing about the class: it takes no part in a comparison of classes.</summary>
    public const int FewestImages = 5;

    private readonly int _units;
    private readonly double[] _sums;
    private readonly long[] _images;

    internal ClassProfile(int units, int classes)
    {
        _units = units;
        _sums = new double[checked(units * classes)];
        _images = new long[classes];
    }

    /// <summary>Number of classes.</summary>
    public int Classes => _images.Length;

    /// <summary>Images of each class, <c>[Classes]</c>.</summary>
    public IReadOnlyList<long> Images => _images;

    /// <summary>A unit's mean over the images of a class; NaN for a class without images.</summary>
    public double Mean(int unit, int label)
    {
        if ((uint)unit >= (uint)_units || (uint)label >= (uint)Classes)
            throw new ArgumentOutOfRangeException(nameof(unit), $"Unit {unit} and class {label} are not among {_units} and {Classes}.");
        return _images[label] == 0 ? double.NaN : _sums[label * _units + unit] / _images[label];
    }

    /// <summary><see cref="Mean(int, int)"/> of every unit, row-major <c>[units, Classes]</c>.</summary>
    public float[] Means()
    {
        var table = new float[_sums.Length];
        for (int unit = 0, at = 0; unit < _units; unit++)
        {
            for (int label = 0; label < Classes; label++) table[at++] = (float)Mean(unit, label);
        }
        return table;
    }

    /// <summary>
    /// The classes with the largest means of a unit, the best first, equal ones by number; those of fewer than <see cref="FewestImages"/>
    /// images left out.
    /// </summary>
    public IReadOnlyList<int> Top(int unit, int count) =>
        [.. Enumerable.Range(0, Classes).Where(label => _images[label] >= FewestImages).OrderByDescending(label => Mean(unit, label))
            .Take(count)];

    /// <summary>
    /// The class that activates a unit most; null where none does (no mean is above 0) or no two classes have <see cref="FewestImages"/>
    /// images.
    /// </summary>
    public int? TopClass(int unit)
    {
        int best = -1, seen = 0;
        for (int label = 0; label < Classes; label++)
        {
            if (_images[label] < FewestImages) continue;
            seen++;
            if (best < 0 || Mean(unit, label) > Mean(unit, best)) best = label;
        }
        return seen >= 2 && Mean(unit, best) > 0 ? best : null;
    }

    /// <summary>
    /// (μ_max − μ_rest) / (μ_max + μ_rest), where μ_max is the largest class mean and μ_rest the mean of the other classes' means, means
    /// below 0 taken as 0: without that it would not be bounded by 1 (Morcos et al. 2018). 0: all classes alike; 1: one class only. Null
    /// where <see cref="TopClass"/> is.
    /// </summary>
    public double? Selectivity(int unit)
    {
        if (TopClass(unit) is not { } top) return null;
        double most = Mean(unit, top), rest = 0;
        int others = 0;
        for (int label = 0; label < Classes; label++)
        {
            if (label == top || _images[label] < FewestImages) continue;
            rest += Math.Max(0, Mean(unit, label));
            others++;
        }
        rest /= others;
        return (most - rest) / (most + rest);
    }

    /// <summary>Sums over images, <c>[Classes, units]</c>.</summary>
    internal ReadOnlyMemory<double> Sums => _sums;

    /// <summary>One as it was at the end of a pass: <see cref="Sums"/> and <see cref="Images"/>.</summary>
    internal static ClassProfile Restored(int units, ReadOnlySpan<double> sums, ReadOnlySpan<long> images)
    {
        var profile = new ClassProfile(units, images.Length);
        if (sums.Length != profile._sums.Length) throw new ArgumentException("Not the sums of so many classes.", nameof(sums));
        sums.CopyTo(profile._sums);
        images.CopyTo(profile._images);
        return profile;
    }

    /// <summary>Counts an image of a class.</summary>
    internal void Count(int label) => _images[label]++;

    /// <summary>The sums of a class, <c>[units]</c>.</summary>
    internal Span<double> Row(int label) => _sums.AsSpan(label * _units, _units);
}
