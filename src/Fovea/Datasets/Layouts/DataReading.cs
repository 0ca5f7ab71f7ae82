namespace Fovea.Datasets;

/// <summary>One labelled image file.</summary>
/// <param name="Id">Its name in the source.</param>
/// <param name="File">Its name in the tree.</param>
/// <param name="Label">Its class; −1 where its folder is none of the class list.</param>
/// <param name="Size">Its size in bytes.</param>
/// <param name="Content">Its name without links: two files with one content name are one image.</param>
public sealed record LabelledFile(string Id, string File, int Label, long Size, string Content);

/// <summary>The images of one split, or all where there are no splits.</summary>
public sealed record SplitReading
{
    /// <summary><c>train</c>, <c>val</c> or <c>test</c>; empty where the data have no splits.</summary>
    public required string Name { get; init; }

    /// <summary>The folders it lies in.</summary>
    public required IReadOnlyList<string> Folders { get; init; }

    /// <summary>Its labelled images.</summary>
    public IReadOnlyList<LabelledFile> Files { get; init; } = [];

    /// <summary>Images that lie there, labelled or not.</summary>
    public int Images { get; init; }

    /// <summary>Why it cannot be used (it has no class folders); null where it can.</summary>
    public string? Fault { get; init; }
}

/// <summary>What a layout makes of a tree: its splits, its classes, and what a user might not expect.</summary>
public sealed record DataReading
{
    /// <summary>The layout's name.</summary>
    public required string Layout { get; init; }

    /// <summary>The folder that everything lies in; empty, or ending in a slash.</summary>
    public required string Root { get; init; }

    /// <summary>The splits; one without a name where there are none.</summary>
    public required IReadOnlyList<SplitReading> Splits { get; init; }

    /// <summary>The classes in the order of the network's outputs.</summary>
    public required ClassList Classes { get; init; }

    /// <summary>What was left out or decided, in sentences.</summary>
    public required IReadOnlyList<string> Notes { get; init; }

    /// <summary>Whether the data are divided into splits.</summary>
    public bool HasSplits => Splits.Any(split => split.Name.Length > 0);

    /// <summary>The split of this name, or null.</summary>
    public SplitReading? Split(string name) => Splits.FirstOrDefault(split => split.Name == name);
}
