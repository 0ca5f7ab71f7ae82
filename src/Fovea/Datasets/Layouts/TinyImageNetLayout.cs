namespace Fovea.Datasets;

/// <summary>
/// Tiny ImageNet's layout: <c>train/&lt;id&gt;/images/*</c>, <c>val/images/*</c> with <c>val/val_annotations.txt</c> (or
/// <c>val/&lt;id&gt;/…</c>, as many rearrange it), classes in the order of <c>wnids.txt</c>, names from <c>words.txt</c>; perhaps all under
/// one folder.
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
    public DataReading Read(IFileTree tree, string? classes)
    {
        ArgumentNullException.ThrowIfNull(tree);
        string root = Root(tree)
            ?? throw FoveaException.BadData($"{tree.Description} is not in Tiny ImageNet's layout: it has no {IdFile}.");
        ClassList list = classes is not null
            ? ClassTable.Read(classes)
            : ClassTable.Named(ClassTable.Lines(tree.Read(root + IdFile)), DataNotes.Words(tree, root));
        var matcher = new ClassMatcher(list);
        var notes = new List<string>();
        SplitReading[] splits = [.. new[] { "train", "val" }.Select(split => Split(tree, root, split, matcher)), Test(tree, root)];
        DataNotes.Tree(notes, tree);
        return new DataReading
        {
            Layout = Name,
            Root = root,
            Splits = [.. splits.Where(split => split.Images > 0)],
            Classes = list,
            Notes = notes
        };
    }

    private static SplitReading Split(IFileTree tree, string root, string split, ClassMatcher matcher)
    {
        Dictionary<string, string>? annotations = split == "val" && Has(tree, root + "val/val_annotations.txt")
            ? Annotations(tree, root + "val/val_annotations.txt") : null;
        string prefix = $"{root}{split}/", flat = $"{prefix}images/";
        var files = new List<LabelledFile>();
        string? fault = null;
        foreach (TreeFile file in tree.Files)
        {
            if (!file.Name.StartsWith(prefix, StringComparison.Ordinal) || !ImageFiles.IsImage(file.Name)) continue;
            string? id = null;
            if (annotations is not null && file.Name.StartsWith(flat, StringComparison.Ordinal))
            {
                if (!annotations.TryGetValue(file.Name[flat.Length..], out id))
                    fault ??= $"mislabelled: val_annotations.txt says nothing of {file.Name}";
            }
            else if (file.Name.IndexOf('/', prefix.Length) is >= 0 and int end) id = file.Name[prefix.Length..end];
            else fault ??= $"mislabelled: the image {file.Name} lies in no class folder";
            int label = id is null ? -1 : matcher.Find(id);
            if (label < 0 && id is not null) fault ??= $"mislabelled: {file.Name} is of class {id}, which is not in the class list";
            files.Add(new LabelledFile(file.Name[root.Length..], file.Name, label, file.Size, file.Target ?? file.Name));
        }
        return new SplitReading { Name = split, Folders = [prefix], Files = files, Images = files.Count, Fault = fault };
    }

    private static SplitReading Test(IFileTree tree, string root) => new()
    {
        Name = "test",
        Folders = [root + "test/"],
        Images = tree.Files.Count(file => file.Name.StartsWith(root + "test/", StringComparison.Ordinal) && ImageFiles.IsImage(file.Name)),
        Fault = "the test images have no labels",
    };

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
                throw FoveaException.BadData(
                    $"{name} in {tree.Description}, line {i + 1}: expected an image and its class, found \"{lines[i]}\".");
            classes[cells[0]] = cells[1];
        }
        return classes;
    }
}
