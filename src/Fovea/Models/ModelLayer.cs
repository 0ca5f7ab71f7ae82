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

    /// <summary>
    /// Of how many images together <see cref="Shape"/> is, where the value has no row of its own for each; null: of one image.
    /// </summary>
    public int? Together { get; init; }

    /// <summary>The type of its elements where they are not numbers with fractions: <c>bool</c>, <c>int64</c>; null: numbers.</summary>
    public string? Type { get; init; }

    /// <summary>
    /// False where it has three axes, and it is not known that they are channels, rows and columns, or its elements are no numbers.
    /// </summary>
    public bool HasPositions { get; init; } = true;
}
