namespace Fovea.Interpretation;

/// <summary>
/// What the active entries of one image say about the units they belong to, for threads that each have their own range of units.
/// </summary>
internal sealed class ActiveUnits
{
    private readonly OneImage[] _units;
    private readonly int[] _touched;

    public ActiveUnits(int units)
    {
        (_units, _touched) = (new OneImage[units], new int[units]);
        for (int unit = 0; unit < units; unit++) _units[unit].Image = -1;
    }

    /// <summary>What the last image that activated a unit said.</summary>
    public OneImage this[int unit] => _units[unit];

    /// <summary>Adds an entry; entries of an image come in the order of its positions, so of equal values the first is kept.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="image">A number no other image has.</param>
    /// <param name="position">The position.</param>
    /// <param name="value">Above 0.</param>
    /// <param name="first">The first unit of the thread's range.</param>
    /// <param name="count">Units of that range that the image has activated so far.</param>
    public void Add(int unit, int image, int position, float value, int first, ref int count)
    {
        ref OneImage one = ref _units[unit];
        if (one.Image != image)
        {
            one = new OneImage { Image = image, Position = position, Maximum = value, Sum = value };
            _touched[first + count++] = unit;
            return;
        }
        one.Sum += value;
        if (value > one.Maximum) (one.Maximum, one.Position) = (value, position);
    }

    /// <summary>The units of a range that an image has activated.</summary>
    public ReadOnlySpan<int> Touched(int first, int count) => _touched.AsSpan(first, count);

    public struct OneImage
    {
        public int Image, Position;
        public float Maximum, Sum;
    }
}
