namespace Fovea.Interpretation;

/// <summary>The best images of every unit so far: memory for units × examples. Units may be worked on by different threads.</summary>
internal sealed class TopLists
{
    private readonly int _capacity;
    private readonly TopExample[] _examples;
    private readonly int[] _kept;
    private readonly float[] _worst;
    private readonly int[] _worstImage;

    /// <summary>Empty lists.</summary>
    /// <param name="units">Number of units.</param>
    /// <param name="capacity">Examples kept for each.</param>
    /// <param name="activeOnly">Whether an image must have a value above 0.</param>
    public TopLists(int units, int capacity, bool activeOnly)
    {
        _capacity = capacity;
        _examples = new TopExample[(long)units * capacity];
        _kept = new int[units];
        (_worst, _worstImage) = (new float[units], new int[units]);
        // What an image must beat until the list is full.
        Array.Fill(_worst, activeOnly ? 0f : float.NegativeInfinity);
        Array.Fill(_worstImage, activeOnly ? -1 : int.MaxValue);
    }

    /// <summary>The best images of a unit, best first, equal ones in the order of the images.</summary>
    public TopExample[] Of(int unit) => _examples.AsSpan(unit * _capacity, _kept[unit]).ToArray();

    /// <summary>Whether an image with this value belongs in a unit's list.</summary>
    public bool Wants(int unit, int image, float value) => value > _worst[unit] || (value == _worst[unit] && image < _worstImage[unit]);

    /// <summary>Puts an image that is wanted in its place.</summary>
    public void Insert(int unit, TopExample example)
    {
        Span<TopExample> kept = _examples.AsSpan(unit * _capacity, _capacity);
        int at = Math.Min(_kept[unit], _capacity - 1);
        for (; at > 0 && Before(example, kept[at - 1]); at--) kept[at] = kept[at - 1];
        kept[at] = example;
        if (_kept[unit] < _capacity) _kept[unit]++;
        if (_kept[unit] == _capacity) (_worst[unit], _worstImage[unit]) = (kept[^1].Value, kept[^1].Image);
    }

    private static bool Before(TopExample one, TopExample other) =>
        one.Value > other.Value || (one.Value == other.Value && one.Image < other.Image);
}
