namespace Fovea.Datasets;

/// <summary>
/// A folder of a tree with what lies in it, sorted into images, images that are not read, links that lead nowhere, and the rest.
/// </summary>
internal sealed class FolderNode
{
    private readonly SortedDictionary<string, FolderNode> _children = new(StringComparer.Ordinal);
    private int _otherFiles;

    private FolderNode(string name, string path) => (Name, Path) = (name, path);

    /// <summary>Its own name; empty for the root.</summary>
    public string Name { get; }

    /// <summary>Its name in the tree: empty for the root, else ending in a slash.</summary>
    public string Path { get; }

    public IReadOnlyCollection<FolderNode> Children => _children.Values;

    /// <summary>The images directly in it.</summary>
    public List<TreeFile> Images { get; } = [];

    /// <summary>Names of images directly in it whose ending is not read, and of links to images that are not followed.</summary>
    public List<string> Unread { get; } = [];

    /// <summary>Images in it and in all folders below.</summary>
    public int AllImages { get; private set; }

    /// <summary>Images and what would be images, in it and in all folders below.</summary>
    public int Pictures { get; private set; }

    /// <summary>Whether there is no file at all, here and below.</summary>
    public bool IsEmpty { get; private set; }

    /// <summary>A class whose images cannot be read is a class: it must not vanish. A folder of texts is none.</summary>
    public bool CouldBeClass => Pictures > 0 || IsEmpty;

    /// <summary>The folders in it that hold images or what would be images.</summary>
    public FolderNode[] WithPictures => [.. Children.Where(child => child.Pictures > 0)];

    public static FolderNode Of(IFileTree tree)
    {
        var root = new FolderNode("", "");
        foreach (string folder in tree.Folders) root.Find(folder);
        foreach (TreeFile file in tree.Files)
        {
            FolderNode folder = root.Find(ParentOf(file.Name));
            if (tree.IsImage(file.Name)) folder.Images.Add(file);
            else if (ImageFiles.IsUnreadImage(file.Name)) folder.Unread.Add(file.Name);
            else folder._otherFiles++;
        }
        foreach (BrokenLink link in tree.BrokenLinks)
        {
            // A link without an ending would be a folder.
            if (ImageFiles.Ending(link.Name).Length == 0) root.Find(link.Name);
            else if (ImageFiles.IsImage(link.Name) || ImageFiles.IsUnreadImage(link.Name))
                root.Find(ParentOf(link.Name)).Unread.Add(link.Name);
        }
        root.Sum();
        return root;
    }

    /// <summary>It and all folders below, level by level.</summary>
    public IEnumerable<FolderNode[]> Levels()
    {
        FolderNode[] level = [this];
        while (level.Length > 0)
        {
            yield return level;
            level = [.. level.SelectMany(node => node.Children)];
        }
    }

    /// <summary>All images in it and below, in the order of the folders.</summary>
    public IEnumerable<TreeFile> EveryImage() => Images.Concat(Children.SelectMany(child => child.EveryImage()));

    /// <summary>All that would be images, in it and below.</summary>
    public IEnumerable<string> EveryUnread() => Unread.Concat(Children.SelectMany(child => child.EveryUnread()));

    private static string ParentOf(string name) => name.LastIndexOf('/') is > 0 and int slash ? name[..slash] : "";

    private FolderNode Find(string folder)
    {
        FolderNode at = this;
        if (folder.Length == 0) return at;
        foreach (string part in folder.Split('/'))
        {
            if (!at._children.TryGetValue(part, out FolderNode? next))
                at._children[part] = next = new FolderNode(part, at.Path + part + "/");
            at = next;
        }
        return at;
    }

    private void Sum()
    {
        (AllImages, Pictures, IsEmpty) = (Images.Count, Images.Count + Unread.Count, Images.Count + Unread.Count + _otherFiles == 0);
        foreach (FolderNode child in Children)
        {
            child.Sum();
            AllImages += child.AllImages;
            Pictures += child.Pictures;
            IsEmpty &= child.IsEmpty;
        }
    }
}
