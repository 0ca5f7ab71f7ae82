namespace Fovea.Dictionaries.Kernels;

/// <summary>What a tile of <see cref="EncoderProduct"/> reads and writes.</summary>
internal readonly unsafe struct ProductTile
{
    /// <summary>Its rows, <c>[Depth, TileRows]</c>.</summary>
    public float* X { get; init; }

    /// <summary>The first of its panels, <c>[Depth, Width]</c> each, one after the other.</summary>
    public float* Panel { get; init; }

    /// <summary>Length of the sums.</summary>
    public int Depth { get; init; }

    /// <summary>Where the sums begin, one a column.</summary>
    public float* Bias { get; init; }

    /// <summary>Its first row's results.</summary>
    public float* Z { get; init; }

    /// <summary>From one row of z to the next.</summary>
    public int Columns { get; init; }

    /// <summary>What other tiles will read soon: fetched into the second-level cache on the way, <see cref="Pace"/> numbers on at each step
    /// of the sum. It may lie beyond the last panel, where nothing is done.</summary>
    public float* Next { get; init; }

    /// <summary>How far <see cref="Next"/> goes on.</summary>
    public int Pace { get; init; }
}
