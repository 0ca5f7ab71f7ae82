using Fovea.Numerics;

namespace Fovea.Interpretation;

/// <summary>
/// Near misses of units without pre-activations that say how near they came: images of the class that activates a unit most, on which it is
/// lowest (a neuron) or off (codes alone). They are looked for among some images of every class, drawn before the pass and the same for all
/// units: at most <see cref="PerClass"/> of each, and
/// <see cref="Most"/> in all where there are fewer classes. Of equal values the image drawn first is taken.
/// </summary>
internal sealed class ClassMisses
{
    /// <summary>Images drawn of each class.</summary>
    private const int PerClass = 16;

    /// <summary>Images drawn in all, beyond one a class.</summary>
    private const int Most = 4096;

    private readonly Dictionary<int, int> _rows = [];
    private readonly ILookup<int, int> _ofClass;
    private readonly float[] _maxima;
    private readonly bool[] _seen;
    private readonly int _units;
    private readonly bool _latents;

    /// <summary>Draws the images.</summary>
    public ClassMisses(int units, bool latents, ImageLabels labels, ulong seed)
    {
        (_units, _latents) = (units, latents);
        int each = Math.Clamp(Most / Math.Max(1, labels.Classes), 1, PerClass);
        int[] drawn =
        [
            .. labels.Images.Select(image => (Image: image, Priority: new CounterRandom(seed, "evidence/near", image).NextUInt64()))
                .GroupBy(one => labels[one.Image])
                .SelectMany(group => group.OrderBy(one => one.Priority).ThenBy(one => one.Image).Take(each))
                .Select(one => one.Image),
        ];
        for (int row = 0; row < drawn.Length; row++) _rows[drawn[row]] = row;
        _ofClass = drawn.ToLookup(image => labels[image]);
        _maxima = new float[(long)drawn.Length * units];
        _seen = new bool[drawn.Length];
    }

    /// <summary>
    /// Where the units' maxima of an image go, <c>[units]</c>; empty for an image that was not drawn. Zero until written.
    /// </summary>
    public Span<float> Row(int image)
    {
        if (!_rows.TryGetValue(image, out int row)) return [];
        _seen[row] = true;
        return _maxima.AsSpan(row * _units, _units);
    }

    /// <summary>The near misses of a unit.</summary>
    /// <param name="unit">Channel or latent.</param>
    /// <param name="topClass">The class that activates it most, or null: then there are none.</param>
    /// <param name="count">At most this many.</param>
    /// <param name="height">Rows of the grid.</param>
    /// <param name="width">Columns of the grid.</param>
    public ExampleSet Of(int unit, int? topClass, int count, int height, int width)
    {
        if (topClass is not { } wanted) return new ExampleSet(ExampleKinds.Near, []);
        return new ExampleSet(ExampleKinds.Near,
        [
            .. _ofClass[wanted].Where(image => _seen[_rows[image]])
                .Select(image => (Image: image, Value: _maxima[(long)_rows[image] * _units + unit]))
                .Where(one => !_latents || one.Value <= 0)
                .OrderBy(one => one.Value)
                .Take(count)
                .Select(one => new TopExample(one.Image, one.Value, height / 2, width / 2)),
        ]);
    }
}
