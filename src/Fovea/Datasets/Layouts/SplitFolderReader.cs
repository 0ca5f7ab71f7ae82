namespace Fovea.Datasets;

/// <summary>Reads class folders under folders of splits.</summary>
internal sealed class SplitFolderReader(
    string layout, IFileTree tree, FolderNode root, FolderNode holder, string? classList, List<string> notes)
{
    private static readonly string[] Order = ["train", "val", "test"];

    public DataReading Read()
    {
        FolderNode[] folders = SplitFolders.Of(holder);
        var faults = folders.ToDictionary(folder => folder, SplitFolders.Fault);
        string reference = Order.First(name => folders.Any(folder => SplitNames.Of(folder.Name) == name && faults[folder] is null));
        string[] known = ClassesOf(folders.Where(folder => SplitNames.Of(folder.Name) == reference && faults[folder] is null));
        ClassList classes = classList is null ? Union(folders, faults, reference, known) : ClassTable.Read(classList);
        var matcher = new ClassMatcher(classes);

        var splits = new List<SplitReading>();
        var classFolders = new List<(string Split, FolderNode[] Folders)>();
        foreach (string name in Order)
        {
            FolderNode[] all = [.. folders.Where(folder => SplitNames.Of(folder.Name) == name)];
            if (all.Length == 0) continue;
            FolderNode[] usable = [.. all.Where(folder => faults[folder] is null)];
            foreach (FolderNode folder in all.Where(folder => faults[folder] is not null))
                notes.Add($"{folder.Path} left out: {faults[folder]}.");
            if (usable.Length > 1)
                notes.Add($"{string.Join(" and ", usable.Select(folder => folder.Path))} are both taken as the split {name}.");
            FolderNode[] inner = [.. usable.SelectMany(folder => SplitFolders.Inside(folder).Children.Where(child => child.CouldBeClass))];
            classFolders.Add((name, inner));
            foreach (FolderNode folder in usable)
            {
                FolderNode inside = SplitFolders.Inside(folder);
                if (inside.Images.Count + inside.Unread.Count > 0) notes.Add(DataNotes.Strays(inside));
                DataNotes.LeftOutFolders(notes, inside);
            }
            splits.Add(new SplitReading
            {
                Name = name,
                Folders = [.. all.Select(folder => folder.Path)],
                Files = [.. inner.SelectMany(folder => FolderLabels.Of(folder, holder.Path, matcher.Find(folder.Name)))],
                Images = all.Sum(folder => folder.AllImages),
                Fault = usable.Length > 0 ? null : string.Join("; ", all.Select(folder => faults[folder])),
            });
        }
        Beside(folders);
        DataNotes.Classes(notes, classes, classList, classFolders, matcher);
        DataNotes.Shared(notes, splits);
        DataNotes.Tree(notes, tree);
        return new DataReading { Layout = layout, Root = holder.Path, Splits = splits, Classes = classes, Notes = notes };
    }

    // The classes of all splits. A split of which no folder is a class of the first has no labels, whatever its folders are.
    private ClassList Union(FolderNode[] folders, Dictionary<FolderNode, string?> faults, string reference, string[] known)
    {
        var ids = new HashSet<string>(known, StringComparer.Ordinal);
        var matcher = new ClassMatcher(new ClassList(known.Select(id => new ClassInfo(id, id))));
        foreach (FolderNode folder in folders)
        {
            if (SplitNames.Of(folder.Name) == reference || faults[folder] is not null) continue;
            string[] own = ClassesOf([folder]);
            string[] unknown = [.. own.Where(id => matcher.Find(id) < 0)];
            if (unknown.Length == own.Length)
            {
                faults[folder] = $"none of its folders ({Listed(own)}) is a class of {reference}/ ({Listed(known)})";
                continue;
            }
            ids.UnionWith(unknown);
        }
        return ClassTable.Named(ids.Order(StringComparer.Ordinal), DataNotes.Words(tree, holder.Path));
    }

    private void Beside(FolderNode[] splits)
    {
        int outside = root.Pictures - splits.Sum(split => split.Pictures);
        if (outside == 0) return;
        var folders = holder.Children.Except(splits).Where(child => child.Pictures > 0).Select(child => child.Path).ToList();
        if (holder.Images.Count > 0) folders.Add(holder.Images[0].Name);
        if (holder.Pictures < root.Pictures)
            folders.AddRange(
                root.Children.Where(child => child.Pictures > 0 && !holder.Path.StartsWith(child.Path, StringComparison.Ordinal))
                    .Select(child => child.Path));
        notes.Add($"Left out: {outside} {(outside == 1 ? "image" : "images")} beside the splits "
            + $"({(folders.Count > 0 ? Listed([.. folders]) : "deeper in the tree")}).");
    }

    private static string[] ClassesOf(IEnumerable<FolderNode> splits) =>
        [.. splits.SelectMany(split => SplitFolders.Inside(split).Children.Where(child => child.CouldBeClass).Select(child => child.Name))
            .Distinct(StringComparer.Ordinal)];

    private static string Listed(string[] names) => string.Join(", ", names.Take(6)) + (names.Length > 6 ? " …" : "");
}
