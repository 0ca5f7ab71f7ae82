namespace Fovea.Interpretation;

/// <summary>Something that learns from the units' values as a pass over images goes by, batch after batch, without a pass of its own.</summary>
public interface IUnitObserver
{
    /// <summary>Adds whole images.</summary>
    /// <param name="values"><c>[images · height · width, units]</c>, float32: image after image, positions in reading order. Valid during the call only.</param>
    /// <param name="height">Rows of the layer's grid, the same for every image.</param>
    /// <param name="width">Columns of the grid.</param>
    /// <param name="images">The images' indices in their source.</param>
    void Add(ReadOnlySpan<float> values, int height, int width, ReadOnlySpan<int> images);
}
