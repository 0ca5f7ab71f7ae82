using System.Globalization;

namespace Fovea.Documents;

/// <summary>Images of one split, in numbers.</summary>
/// <param name="Name"><c>train</c>, <c>val</c> or <c>test</c>; empty where there are no splits.</param>
/// <param name="Folders">The folders it lies in.</param>
/// <param name="Images">Images that lie there.</param>
/// <param name="Labelled">Images that have a class.</param>
/// <param name="Fault">Why it cannot be used; null where it can.</param>
public sealed record SplitDescription(string Name, IReadOnlyList<string> Folders, int Images, int Labelled, string? Fault);

/// <summary>One class with its images in each split, in the order of <see cref="DataDescription.Splits"/>.</summary>
/// <param name="Id">The class's id.</param>
/// <param name="Name">Its name for people.</param>
/// <param name="Images">Number of images a split.</param>
public sealed record ClassDescription(string Id, string Name, IReadOnlyList<int> Images);

/// <summary>Files that are not read.</summary>
/// <param name="Ending">Their ending, in lower case; empty where there is none.</param>
/// <param name="Files">How many there are.</param>
/// <param name="Image">Whether it is the ending of an image or an array.</param>
public sealed record SkippedFiles(string Ending, int Files, bool Image);

/// <summary>What a folder or a tar is taken for: layout, splits, classes, what is skipped, links, and what might surprise.</summary>
public sealed record DataDescription
{
    /// <summary>The folder, the tar, or the generated source.</summary>
    public required string Source { get; init; }

    /// <summary><c>folder</c>, <c>tar</c>, <c>folder of tars</c>, <c>image</c>, <c>parquet</c> or <c>generated</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>The layout's name; null where none fits (<see cref="Problem"/>).</summary>
    public string? Layout { get; init; }

    /// <summary>The folder inside that everything lies in.</summary>
    public string Root { get; init; } = "";

    /// <summary>The splits; one without a name where there are none.</summary>
    public IReadOnlyList<SplitDescription> Splits { get; init; } = [];

    /// <summary>The classes in the order of the network's outputs.</summary>
    public IReadOnlyList<ClassDescription> Classes { get; init; } = [];

    /// <summary>Images whose endings are read, wherever they lie.</summary>
    public int Images { get; init; }

    /// <summary>Their size in bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Other files by ending, the commonest first.</summary>
    public IReadOnlyList<SkippedFiles> Skipped { get; init; } = [];

    /// <summary>Links that are followed.</summary>
    public int FollowedLinks { get; init; }

    /// <summary>Links that are not followed.</summary>
    public IReadOnlyList<BrokenLink> BrokenLinks { get; init; } = [];

    /// <summary>What might surprise, in sentences.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];

    /// <summary>Why the images cannot be used at all; null where they can.</summary>
    public string? Problem { get; init; }

    /// <summary>Three lines for people: what it is, its splits and classes, what is left out.</summary>
    public IReadOnlyList<string> Lines()
    {
        string splits = Layout is not null && Classes.Count == 0 ? "no labels" : Splits is [{ Name: "" }]
            ? "no splits" : string.Join(", ", Splits.Select(split => $"{split.Name} {Number(split.Labelled)}{Beside(split)}"));
        string skipped = Skipped.Count == 0 ? "no other files" : "other files: "
            + string.Join(
                ", ", Skipped.Take(6)
                    .Select(skip => $"{Number(skip.Files)} {(skip.Ending.Length > 0 ? skip.Ending : "without an ending")}"))
            + (Skipped.Count > 6 ? " …" : "");
        string links = FollowedLinks + BrokenLinks.Count == 0 ? "no links"
            : $"{Number(FollowedLinks)} links followed{(BrokenLinks.Count > 0 ? $", {Number(BrokenLinks.Count)} not" : "")}";
        return
        [
            $"data    {Source}: {Kind}, {(Layout is null ? "no layout that is known" : $"layout {Layout}")}{(Root.Length > 0 ? $" in {Root}" : "")}, {Number(Images)} images",
            $"        {(Splits.Count == 0 ? "no images with a class" : splits)}; {Number(Classes.Count)} {(Classes.Count == 1 ? "class" : "classes")}"
                + (Classes.Count > 0
                    ? $": {string.Join(", ", Classes.Take(6).Select(info => info.Name))}{(Classes.Count > 6 ? " …" : "")}" : ""),
            $"        {skipped}; {links}",
        ];
    }

    /// <summary>The images of a split that have no class, beside those that do.</summary>
    private static string Beside(SplitDescription split) =>
        split.Images > split.Labelled ? $" ({Number(split.Images - split.Labelled)} without labels)" : "";

    private static string Number(int value) => value.ToString("#,0", CultureInfo.InvariantCulture);
}
