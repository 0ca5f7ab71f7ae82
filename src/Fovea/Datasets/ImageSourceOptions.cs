namespace Fovea.Datasets;

/// <summary>How a source is opened; what is null is told by the data or not wanted.</summary>
public sealed record ImageSourceOptions
{
    /// <summary>
    /// <c>train</c>, <c>val</c> or <c>test</c>. Null: <c>train</c>. Without meaning for sources that have no splits: they give all they
    /// have.
    /// </summary>
    public string? Split { get; init; }

    /// <summary>
    /// How a part is held out where the data have no validation split; takes the place of <see cref="Split"/>. Null: nothing is held out.
    /// </summary>
    public HoldOut? HoldOut { get; init; }

    /// <summary>
    /// A file of the classes in the order of the network's outputs, in one of the forms of <see cref="ClassTable.Read"/>. Null: the data say
    /// (<c>wnids.txt</c>, or the folders' names in ordinal order).
    /// </summary>
    public string? Classes { get; init; }

    /// <summary>
    /// Where the labels of ImageNet's validation images are: the devkit (a <c>.tar.gz</c> or a folder) or <c>LOC_val_solution.csv</c>. Null:
    /// looked for in the source and beside it.
    /// </summary>
    public string? Labels { get; init; }

    /// <summary>The layout's name in <see cref="ImageSources.Layouts"/>; null: detected.</summary>
    public string? Layout { get; init; }

    /// <summary>
    /// Whether images without labels are welcome: where no layout with classes fits, all images are taken (<see cref="UnlabelledLayout"/>).
    /// </summary>
    public bool Unlabelled { get; init; }

    /// <summary>Class ids with commas between: only their images are taken. The class list stays whole.</summary>
    public string? ClassSubset { get; init; }

    /// <summary>At most so many images, evenly spaced over the source (after <see cref="PerClass"/>).</summary>
    public int? Limit { get; init; }

    /// <summary>At most so many images of each class, its first.</summary>
    public int? PerClass { get; init; }
}
