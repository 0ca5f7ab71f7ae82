namespace Fovea.Datasets;

/// <summary>
/// ImageNet's layout: <c>&lt;class&gt;/…/&lt;image&gt;</c>, or the same under folders named like splits (<c>train</c>, <c>val2017</c>,
/// <c>Test_set</c> …). Folders that everything lies in are looked through. Classes are the folders in ordinal order (torchvision's
/// <c>ImageFolder</c>) unless a class list is given; names come from a <c>words.txt</c> beside them if there is one. Nothing is left out
/// without a note (docs/reference/data.md).
/// </summary>
public class ImageFolderLayout : IImageLayout
{
    /// <inheritdoc/>
    public virtual string Name => "folders";

    /// <summary>Whether folders named like splits are splits.</summary>
    protected virtual bool LooksForSplits => true;

    /// <inheritdoc/>
    public virtual bool Matches(IFileTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        return tree.Files.Any(file => ImageFiles.IsImage(file.Name));
    }

    /// <inheritdoc/>
    public DataReading Read(IFileTree tree, string? classes)
    {
        ArgumentNullException.ThrowIfNull(tree);
        FolderNode root = FolderNode.Of(tree);
        if (root.AllImages == 0)
            throw FoveaException.BadData($"{tree.Description} holds no images that are read{DataNotes.Instead(tree)}.");
        FolderNode? holder = LooksForSplits ? SplitFolders.Find(root) : null;
        var notes = new List<string>();
        if (holder is not null && SplitFolders.Of(holder).All(split => SplitFolders.Fault(split) is not null))
        {
            if (holder.WithPictures.All(child => SplitNames.Of(child.Name) is not null))
            {
                throw FoveaException.BadData($"{tree.Description} has splits but no classes: "
                    + $"{string.Join("; ", SplitFolders.Of(holder).Select(SplitFolders.Fault))}. Put the images of each class into a "
                        + $"folder of its own, "
                    + $"train/<class>/<image>{DataNotes.Tables(tree)}; or, if {string.Join(" and ", holder.WithPictures.Select(child => child.Name))} "
                    + "are the classes, give the layout class-folders.");
            }
            holder = null;
        }
        return holder is null
            ? new ClassFolderReader(Name, tree, root, classes, notes).Read()
                : new SplitFolderReader(Name, tree, root, holder, classes, notes).Read();
    }
}

/// <summary>
/// Class folders whatever they are called: <c>train</c> and <c>test</c> are classes here. Taken only where it is asked for.
/// </summary>
public sealed class ClassFolderLayout : ImageFolderLayout
{
    /// <inheritdoc/>
    public override string Name => "class-folders";

    /// <inheritdoc/>
    protected override bool LooksForSplits => false;

    /// <inheritdoc/>
    public override bool Matches(IFileTree tree) => false;
}
