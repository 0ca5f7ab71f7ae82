namespace Fovea.Interpretation;

/// <summary>
/// Something that wants every value of a group of units in the order of the images: fed by the same pass that collects examples and
/// statistics.
/// </summary>
public interface IUnitObserver
{
    /// <summary>Adds whole images. Called by one thread at a time, each image once.</summary>
    /// <param name="values"><c>[images · height · width, units]</c>: image after image, positions in reading order. Good until the call
    /// returns.</param>
    /// <param name="height">Rows of the layer's grid, the same for every image.</param>
    /// <param name="width">Columns of the layer's grid.</param>
    /// <param name="images">The images' indices in their source.</param>
    void Add(ReadOnlySpan<float> values, int height, int width, ReadOnlySpan<int> images);
}
