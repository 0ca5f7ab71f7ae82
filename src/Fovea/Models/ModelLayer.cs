namespace Fovea.Models;

/// <summary>A layer of a network.</summary>
/// <param name="Name">Its name: <c>conv1</c>, <c>layer4.1.conv2</c>, or a block, <c>layer4.1</c>.</param>
/// <param name="Kind">The operation that makes its output, or <c>block</c>.</param>
/// <param name="Shape">Its output for one image of the model's input size: <c>[C, H, W]</c>, or <c>[C]</c> after pooling.</param>
/// <param name="Grid">Where its positions lie in the value that the network calculates with; null: as in <paramref name="Shape"/>.</param>
public sealed record ModelLayer(string Name, string Kind, IReadOnlyList<int> Shape, LayerGrid? Grid = null)
{
    /// <summary>Whether the output has positions.</summary>
    public bool IsGrid => Shape.Count == 3 && HasPositions;

    /// <summary>False where it has three axes, and it is not known that they are channels, rows and columns.</summary>
    public bool HasPositions { get; init; } = true;
}
