namespace Fovea.Datasets;

/// <summary>
/// Every image of a tree, wherever it lies, without a class: photographs to look at with a network that is no classifier, or whose classes
/// these are not. Taken only where it is asked for, or where images without labels are welcome and no layout with classes fits.
/// </summary>
public sealed class UnlabelledLayout : IImageLayout
{
    /// <inheritdoc/>
    public string Name => "unlabelled";

    /// <inheritdoc/>
    public bool Matches(IFileTree tree) => false;

    /// <inheritdoc/>
    /// <exception cref="FoveaException">There are no images, or a class list is given.</exception>
    public DataReading Read(IFileTree tree, string? classes)
    {
        ArgumentNullException.ThrowIfNull(tree);
        if (classes is not null)
            throw FoveaException.BadConfiguration(
                $"The images are taken without labels, and {classes} names classes: leave one of the two out.");
        FolderNode root = FolderNode.Of(tree);
        if (root.AllImages == 0)
            throw FoveaException.BadData($"{tree.Description} holds no images that are read{DataNotes.Instead(tree)}.");
        var notes = new List<string>();
        DataNotes.Tree(notes, tree);
        LabelledFile[] files = [.. FolderLabels.Of(root, "", -1)];
        var split = new SplitReading { Name = "", Folders = [""], Files = files, Images = files.Length };
        return new DataReading { Layout = Name, Root = "", Splits = [split], Classes = new ClassList([]), Notes = notes };
    }
}
