namespace Fovea.Activations;

/// <summary>What the shards of a layer look like: which vectors of an image are in them, and in what.</summary>
/// <param name="Channels">Numbers of a vector.</param>
/// <param name="Height">Rows of the layer's grid.</param>
/// <param name="Width">Columns of it.</param>
/// <param name="Storage">What numbers are stored in.</param>
/// <param name="Filters">In the order of the harvest.</param>
/// <param name="Kept">Positions of an image that are stored where not all are; null: all of them.</param>
/// <param name="KeptBy">The filter that draws those.</param>
internal sealed record ShardForm(
    int Channels, int Height, int Width, VectorStorage Storage, IReadOnlyList<string> Filters, int? Kept, string KeptBy)
{
    /// <summary>Positions of the grid.</summary>
    public int Positions => Height * Width;

    /// <summary>Vectors of an image.</summary>
    public int RowsOfImage => Kept ?? Positions;

    /// <summary>The form of a layer's shards.</summary>
    public static ShardForm Of(HarvestOptions options, (int Channels, int Height, int Width) shape) => new(
        shape.Channels, shape.Height, shape.Width, options.Storage, options.Filters,
        options.Keep == 0 ? null : RowsOf(options, shape.Height * shape.Width), options.KeptBy);

    /// <summary>Vectors of an image of a layer.</summary>
    public static int RowsOf(HarvestOptions options, int positions) => options.Keep == 0 ? positions : Math.Min(options.Keep, positions);

    /// <summary>Whether a filter has draws: where some positions are kept, the one that drew them has; the others have maps alone.</summary>
    public bool Draws(string filter) => Kept is null || filter == KeptBy;
}
