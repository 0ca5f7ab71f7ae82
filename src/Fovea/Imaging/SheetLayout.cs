namespace Fovea.Imaging;

/// <summary>A file of a layout: a sheet of several pictures, or one that is its own file.</summary>
/// <param name="File">Its name, <c>PREFIX-K.png</c>.</param>
/// <param name="Width">Width in pixels.</param>
/// <param name="Height">Height in pixels.</param>
/// <param name="First">The first of its pictures, in the order of the layout.</param>
/// <param name="Count">How many.</param>
public sealed record Sheet(string File, int Width, int Height, int First, int Count);

/// <summary>
/// Where pictures lie in sheets: files of at most <see cref="Side"/> × <see cref="Side"/> pixels, filled in the pictures' order, row by
/// row. Round each picture its edge is repeated for <see cref="Margin"/> pixels: whoever scales a sheet mixes a picture's edge with itself
/// and not with a neighbour. A picture too large for that is a file of its own, without a margin. The same sizes in the same order give the
/// same layout.
/// </summary>
public sealed class SheetLayout
{
    /// <summary>The largest width and height of a sheet (docs/decisions/0025 says why it is no larger).</summary>
    public const int Side = 1024;

    /// <summary>Pixels round each picture that repeat its edge.</summary>
    public const int Margin = 4;

    private readonly List<StoredPicture> _pictures = [];
    private readonly List<Sheet> _sheets = [];
    private readonly string _prefix;
    private int _first, _left, _top, _rowHeight, _width;

    /// <summary>Lays out pictures.</summary>
    /// <param name="prefix">What the files' names begin with, e.g. <c>pictures</c>.</param>
    /// <param name="sizes">The pictures' sizes, in their order.</param>
    public SheetLayout(string prefix, IEnumerable<(int Width, int Height)> sizes)
    {
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        ArgumentNullException.ThrowIfNull(sizes);
        _prefix = prefix;
        foreach (var (width, height) in sizes) Place(width, height);
        Close();
    }

    /// <summary>Each picture's file and place in it, in their order.</summary>
    public IReadOnlyList<StoredPicture> Pictures => _pictures;

    /// <summary>The files.</summary>
    public IReadOnlyList<Sheet> Sheets => _sheets;

    private string NextFile => $"{_prefix}-{_sheets.Count}.png";

    private void Place(int width, int height)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        if (width > Side - 2 * Margin || height > Side - 2 * Margin)
        {
            Close();
            _pictures.Add(new StoredPicture(NextFile, 0, 0, width, height));
            _sheets.Add(new Sheet(NextFile, width, height, _first++, 1));
            return;
        }
        int outerWidth = width + 2 * Margin, outerHeight = height + 2 * Margin;
        if (_left + outerWidth > Side) (_left, _top, _rowHeight) = (0, _top + _rowHeight, 0);
        if (_top + outerHeight > Side) Close();
        _pictures.Add(new StoredPicture(NextFile, _left + Margin, _top + Margin, width, height));
        _left += outerWidth;
        _rowHeight = Math.Max(_rowHeight, outerHeight);
        _width = Math.Max(_width, _left);
    }

    /// <summary>Ends the sheet at hand, as wide and high as its pictures need.</summary>
    private void Close()
    {
        int count = _pictures.Count - _first;
        if (count > 0) _sheets.Add(new Sheet(NextFile, _width, _top + _rowHeight, _first, count));
        (_first, _left, _top, _rowHeight, _width) = (_pictures.Count, 0, 0, 0, 0);
    }
}
