namespace Fovea.Datasets;

/// <summary>
/// ImageNet's layout: <c>&lt;class&gt;/…/&lt;image&gt;</c>, or the same under <c>train</c>, <c>val</c> and <c>test</c> folders. Folders
/// that everything lies in are looked through. Classes are the folders of all splits in ordinal order (torchvision's <c>ImageFolder</c>)
/// unless a class list is given; names come from a <c>words.txt</c> beside them if there is one.
/// </summary>
public sealed class ImageFolderLayout : IImageLayout
{
    /// <inheritdoc/>
    public string Name => "folders";

    /// <inheritdoc/>
    public bool Matches(IFileTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        return tree.Files.Any(file => ImageFiles.IsImage(file.Name));
    }

    /// <inheritdoc/>
    public IImageSource Open(IFileTree tree, ImageSourceOptions options)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentNullException.ThrowIfNull(options);
        TreeFile[] images = [.. tree.Files.Where(file => ImageFiles.IsImage(file.Name))];
        if (images.Length == 0) throw FoveaException.BadData($"{tree.Description} holds no images.");
        int root = Root(images);
        foreach (TreeFile image in images)
        {
            if (image.Name.IndexOf('/', root) < 0)
                throw FoveaException.BadData($"{tree.Description} is mislabelled: the image {image.Name} lies in no class folder. Expected <class>/<image>.");
        }

        string[] tops = [.. images.Select(image => Part(image.Name, root)).Distinct(StringComparer.Ordinal)];
        bool hasSplits = tops.All(top => ImageFiles.SplitOf(top) is not null) && images.All(image => Depth(image.Name, root) >= 2);
        string wanted = ImageFiles.Wanted(options);
        int ClassStart(string name) => hasSplits ? name.IndexOf('/', root) + 1 : root;

        ClassList classes = options.Classes is { } path
            ? ClassTable.Read(path)
            : ClassTable.Named(
                images.Select(image => Part(image.Name, ClassStart(image.Name))).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal),
                Words(tree, images[0].Name[..root]));
        var files = new List<LabelledFile>(images.Length);
        foreach (TreeFile image in images)
        {
            if (hasSplits && ImageFiles.SplitOf(Part(image.Name, root)) != wanted) continue;
            string folder = Part(image.Name, ClassStart(image.Name));
            int label = classes.IndexOf(folder);
            if (label < 0)
            {
                throw FoveaException.BadData($"{tree.Description} is mislabelled: the folder {folder} (of {image.Name}) is no class of {options.Classes} "
                    + $"({classes.Count} classes). Give the class list of this dataset.");
            }
            files.Add(new LabelledFile(image.Name[root..], image.Name, label, image.Size));
        }
        if (files.Count == 0)
            throw FoveaException.BadData($"{tree.Description} has no images in its split {wanted}; its splits are {string.Join(", ", tops)}.");
        return new FileImageSource(hasSplits ? $"{tree.Description} ({wanted})" : tree.Description, tree, classes, files);
    }

    // Length of the folders that all images share, less class and split folders.
    private static int Root(TreeFile[] images)
    {
        int root = 0;
        while (true)
        {
            string top = Part(images[0].Name, root);
            string prefix = images[0].Name[..root] + top + "/";
            bool common = images.All(image => image.Name.StartsWith(prefix, StringComparison.Ordinal) && Depth(image.Name, root) >= 2);
            if (!common || ImageFiles.SplitOf(top) is not null) return root;
            root = prefix.Length;
        }
    }

    private static Dictionary<string, string> Words(IFileTree tree, string root) =>
        tree.Files.Any(file => file.Name == root + "words.txt") ? ClassTable.Words(tree.Read(root + "words.txt")) : [];

    private static int Depth(string name, int start) => name.AsSpan(start).Count('/');

    private static string Part(string name, int start) => name.IndexOf('/', start) is >= 0 and int end ? name[start..end] : name[start..];
}
