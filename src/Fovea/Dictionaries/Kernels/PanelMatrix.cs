using Fovea.Numerics;

namespace Fovea.Dictionaries.Kernels;

/// <summary>
/// A matrix <c>[d, n]</c> cut into panels of <see cref="Width"/> columns, each panel stored row by row: what <see cref="EncoderProduct"/>
/// reads in one straight line. Columns are filled up with zeros to a whole number of panel pairs. Adam does not care about the order, so
/// the encoder lives in this form for a whole training.
/// </summary>
internal sealed unsafe class PanelMatrix : IDisposable
{
    /// <summary>Columns of a panel.</summary>
    public const int Width = 16;

    private readonly NativeBuffer<float> _values;

    public PanelMatrix(int rows, int columns)
    {
        (Rows, Columns, PaddedColumns) = (rows, columns, Padded(columns));
        _values = new NativeBuffer<float>((long)rows * PaddedColumns);
    }

    /// <summary>d.</summary>
    public int Rows { get; }

    /// <summary>n.</summary>
    public int Columns { get; }

    /// <summary>n, rounded up to two panels.</summary>
    public int PaddedColumns { get; }

    public int Panels => PaddedColumns / Width;

    /// <summary><paramref name="columns"/>, rounded up to two panels.</summary>
    public static int Padded(int columns) => (columns + 2 * Width - 1) / (2 * Width) * (2 * Width);

    /// <summary>Panel <paramref name="panel"/>, <c>[d, Width]</c>.</summary>
    public float* Panel(int panel) => _values.Pointer + (long)panel * Rows * Width;

    /// <summary>Takes over <paramref name="source"/>, row-major <c>[d, n]</c>.</summary>
    public void Pack(float* source) => Pack(source, Rows, Columns, _values.Pointer);

    /// <summary>Writes itself to <paramref name="destination"/>, row-major <c>[d, n]</c>.</summary>
    public void Unpack(float* destination) => Unpack(_values.Pointer, Rows, Columns, destination);

    /// <summary>Takes over the transpose of <paramref name="source"/>, row-major <c>[n, d]</c>.</summary>
    public void PackTransposed(float* source) => Workers.For(Panels, (panel, _) =>
    {
        int width = WidthOf(panel, Columns);
        float* to = Panel(panel);
        for (int lane = 0; lane < width; lane++)
        {
            float* from = source + (long)(panel * Width + lane) * Rows;
            for (int row = 0; row < Rows; row++) to[row * Width + lane] = from[row];
        }
    });

    /// <summary>Row-major <c>[d, n]</c> to panels.</summary>
    public static void Pack(float* source, int rows, int columns, float* panels) => Workers.For(Padded(columns) / Width, (panel, _) =>
    {
        int width = WidthOf(panel, columns);
        float* to = panels + (long)panel * rows * Width;
        for (int row = 0; row < rows; row++)
        {
            for (int lane = 0; lane < width; lane++) to[row * Width + lane] = source[(long)row * columns + panel * Width + lane];
        }
    });

    /// <summary>Panels to row-major <c>[d, n]</c>.</summary>
    public static void Unpack(float* panels, int rows, int columns, float* destination) =>
        Workers.For(Padded(columns) / Width, (panel, _) =>
    {
        int width = WidthOf(panel, columns);
        float* from = panels + (long)panel * rows * Width;
        for (int row = 0; row < rows; row++)
        {
            for (int lane = 0; lane < width; lane++) destination[(long)row * columns + panel * Width + lane] = from[row * Width + lane];
        }
    });

    public void Dispose() => _values.Dispose();

    private static int WidthOf(int panel, int columns) => Math.Clamp(columns - panel * Width, 0, Width);
}
