namespace Fovea.Datasets;

/// <summary>
/// Tiny ImageNet's layout: <c>train/&lt;id&gt;/images/*</c>, <c>val/images/*</c> with <c>val/val_annotations.txt</c> (or
/// <c>val/&lt;id&gt;/…</c>, as many rearrange it), classes in the order of <c>wnids.txt</c>, names from <c>words.txt</c>; perhaps all under one folder.
/// </summary>
public sealed class TinyImageNetLayout : IImageLayout
{
    private const string IdFile = "wnids.txt";

    /// <inheritdoc/>
    public string Name => "tiny-imagenet";

    /// <inheritdoc/>
    public bool Matches(IFileTree tree)
    {
        ArgumentNullException.ThrowIfNull(tree);
        return Root(tree) is not null;
    }

    /// <inheritdoc/>
    public IImageSource Open(IFileTree tree, ImageSourceOptions options)
    {
        ArgumentNullException.ThrowIfNull(tree);
        ArgumentNullException.ThrowIfNull(options);
        string root = Root(tree) ?? throw FoveaException.BadData($"{tree.Description} is not in Tiny ImageNet's layout: it has no {IdFile}.");
        string split = ImageFiles.Wanted(options);
        if (split == "test") throw FoveaException.BadData($"The test images of {tree.Description} have no labels; take the split val.");
        ClassList classes = options.Classes is { } path
            ? ClassTable.Read(path)
            : ClassTable.Named(
                ClassTable.Lines(tree.Read(root + IdFile)), Has(tree, root + "words.txt") ? ClassTable.Words(tree.Read(root + "words.txt")) : []);
        Dictionary<string, string>? annotations = split == "val" && Has(tree, root + "val/val_annotations.txt")
            ? Annotations(tree, root + "val/val_annotations.txt") : null;

        string prefix = $"{root}{split}/", flat = $"{prefix}images/";
        var files = new List<LabelledFile>();
        foreach (TreeFile file in tree.Files)
        {
            if (!file.Name.StartsWith(prefix, StringComparison.Ordinal) || !ImageFiles.IsImage(file.Name)) continue;
            string id;
            if (annotations is not null && file.Name.StartsWith(flat, StringComparison.Ordinal))
            {
                if (!annotations.TryGetValue(file.Name[flat.Length..], out id!))
                    throw FoveaException.BadData($"{tree.Description} is mislabelled: val_annotations.txt says nothing of {file.Name}.");
            }
            else
            {
                int end = file.Name.IndexOf('/', prefix.Length);
                if (end < 0) throw FoveaException.BadData($"{tree.Description} is mislabelled: the image {file.Name} lies in no class folder.");
                id = file.Name[prefix.Length..end];
            }
            int label = classes.IndexOf(id);
            if (label < 0)
            {
                throw FoveaException.BadData($"{tree.Description} is mislabelled: {file.Name} is of class {id}, which is not in "
                    + $"{options.Classes ?? IdFile} ({classes.Count} classes).");
            }
            files.Add(new LabelledFile(file.Name[root.Length..], file.Name, label, file.Size));
        }
        if (files.Count == 0) throw FoveaException.BadData($"{tree.Description} has no images in its split {split}.");
        return new FileImageSource($"{tree.Description} ({split})", tree, classes, files);
    }

    // The folder that holds wnids.txt and a train or val folder.
    private static string? Root(IFileTree tree)
    {
        foreach (TreeFile file in tree.Files)
        {
            if (file.Name != IdFile && !file.Name.EndsWith("/" + IdFile, StringComparison.Ordinal)) continue;
            string root = file.Name[..^IdFile.Length];
            if (tree.Files.Any(other => other.Name.StartsWith(root + "train/", StringComparison.Ordinal)
                || other.Name.StartsWith(root + "val/", StringComparison.Ordinal)))
                return root;
        }
        return null;
    }

    private static bool Has(IFileTree tree, string name) => tree.Files.Any(file => file.Name == name);

    private static Dictionary<string, string> Annotations(IFileTree tree, string name)
    {
        var classes = new Dictionary<string, string>(StringComparer.Ordinal);
        string[] lines = ClassTable.Lines(tree.Read(name));
        for (int i = 0; i < lines.Length; i++)
        {
            string[] cells = lines[i].Split('\t');
            if (cells.Length < 2)
                throw FoveaException.BadData($"{name} in {tree.Description}, line {i + 1}: expected an image and its class, found \"{lines[i]}\".");
            classes[cells[0]] = cells[1];
        }
        return classes;
    }
}
