namespace Fovea.Models.Graph;

/// <summary>
/// A list of sizes that may depend on the number of images: the attribute <c>shape</c> says the numbers, and where there is a list
/// <c>from</c>, what each stands for:
/// <see cref="Fixed"/>, itself; <see cref="PerImage"/>, that many for each image of the batch.
/// </summary>
internal sealed class SizeList
{
    public const long Fixed = 0;
    public const long PerImage = 1;

    private readonly long[] _sizes;
    private readonly long[] _from;

    /// <param name="attributes">With <c>shape</c>, and <c>from</c> or not.</param>
    public SizeList(OperatorAttributes attributes)
    {
        _sizes = attributes.Ints("shape");
        _from = attributes.Has("from") ? attributes.Ints("from") : [];
        if (_from.Length > 0 && _from.Length != _sizes.Length)
            throw FoveaException.BadData($"{_from.Length} sources for {_sizes.Length} sizes.");
    }

    /// <summary>The sizes for one call.</summary>
    public long[] Of(OperatorCall call) => For(call.Images);

    /// <summary>The sizes for that many images.</summary>
    public long[] For(long images)
    {
        if (_from.Length == 0) return _sizes;
        var sizes = new long[_sizes.Length];
        for (int i = 0; i < sizes.Length; i++) sizes[i] = _from[i] == PerImage ? _sizes[i] * images : _sizes[i];
        return sizes;
    }
}
