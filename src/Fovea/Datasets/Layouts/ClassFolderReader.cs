namespace Fovea.Datasets;

/// <summary>Reads class folders without splits.</summary>
internal sealed class ClassFolderReader(string layout, IFileTree tree, FolderNode root, string? classList, List<string> notes)
{
    public DataReading Read()
    {
        FolderNode top = Top();
        FolderNode[] folders = [.. top.Children.Where(folder => folder.CouldBeClass)];
        int direct = top.Images.Count + top.Unread.Count;
        if (top.WithPictures.Length == 0 || direct > top.Pictures - direct)
        {
            throw FoveaException.BadData($"{tree.Description} is mislabelled: {direct} of {top.Pictures} images lie in no class folder"
                + $"{(top.Images.Count > 0 ? $" ({top.Images[0].Name})" : "")}. Expected <class>/<image>{DataNotes.Tables(tree)}. For images without labels there is the layout unlabelled, with [model] classes = \"other\".");
        }
        if (direct > 0) notes.Add(DataNotes.Strays(top));
        DataNotes.LeftOutFolders(notes, top);
        foreach (FolderNode folder in folders.Where(folder => layout == "folders" && SplitNames.Of(folder.Name) is not null))
            notes.Add($"{folder.Path} is named like a split but lies beside class folders and has none in it: it is taken as a class.");
        if (Alike(folders) is { Length: > 0 } alike)
        {
            notes.Add($"Each of the {folders.Length} classes holds the same folders "
                + $"({string.Join(", ", alike.Take(6))}{(alike.Length > 6 ? " …" : "")}): if these are the classes, "
                + $"and {folders[0].Name} is a division of the data, give one of the divisions as the source, or name them train, val "
                    + $"and test.");
        }
        FolderNode[] divided = [.. folders.Where(folder => folder.WithPictures.Any(inner => SplitNames.Of(inner.Name) is not null))];
        if (divided.Length > 0)
        {
            FolderNode inner = divided[0].WithPictures.First(child => SplitNames.Of(child.Name) is not null);
            notes.Add($"{inner.Path} is named like a split but lies inside a class: the images of such folders "
                + $"({divided.Length} classes have some) are "
                + "not kept apart. Arrange them as train/<class>/<image> and val/<class>/<image>.");
        }

        ClassList classes = classList is null
            ? ClassTable.Named(folders.Select(folder => folder.Name), DataNotes.Words(tree, top.Path)) : ClassTable.Read(classList);
        var matcher = new ClassMatcher(classes);
        LabelledFile[] files = [.. folders.SelectMany(folder => FolderLabels.Of(folder, top.Path, matcher.Find(folder.Name)))];
        DataNotes.Classes(notes, classes, classList, [("", folders)], matcher);
        DataNotes.Tree(notes, tree);
        var split = new SplitReading { Name = "", Folders = [top.Path], Files = files, Images = top.AllImages };
        return new DataReading { Layout = layout, Root = top.Path, Splits = [split], Classes = classes, Notes = notes };
    }

    // The folders that every class divides into in the same way, where nothing lies beside them; none where they say nothing but "images"
    // or are splits.
    private static string[] Alike(FolderNode[] folders)
    {
        string[] first = [.. folders[0].WithPictures.Select(inner => inner.Name)];
        return folders.Length > 1 && first.Length > 1 && !first.Any(name => SplitNames.Of(name) is not null)
            && folders.All(
                folder => folder.Images.Count + folder.Unread.Count == 0
                    && folder.WithPictures.Select(inner => inner.Name).SequenceEqual(first)) ? first : [];
    }

    // Folders that everything lies in are looked through, and so are those that only hold what links of the other folder lead to.
    private FolderNode Top()
    {
        FolderNode at = root;
        while (true)
        {
            FolderNode[] inner = at.WithPictures;
            if (inner.Length > 1 && WithoutStores(inner) is [var rest] && CanEnter(rest))
            {
                FolderNode[] stores = [.. inner.Where(folder => folder != rest)];
                notes.Add($"Left out: {string.Join(", ", stores.Select(folder => folder.Path))}, which holds only what links in "
                    + $"{rest.Path} lead to.");
                inner = [rest];
            }
            if (inner is not [var only] || !CanEnter(only) || at.Images.Count + at.Unread.Count > only.Pictures) return at;
            if (at.Images.Count + at.Unread.Count > 0) notes.Add(DataNotes.Strays(at));
            at = only;
        }
    }

    private static bool CanEnter(FolderNode folder) => folder.Images.Count + folder.Unread.Count == 0 && folder.WithPictures.Length > 0;

    private FolderNode[] WithoutStores(FolderNode[] folders)
    {
        if (tree.FollowedLinks == 0) return folders;
        return [.. folders.Where(folder =>
        {
            var linked = folders.Where(other => other != folder).SelectMany(other => other.EveryImage())
                .Where(file => file.Target is not null).Select(file => file.Target!).ToHashSet(StringComparer.Ordinal);
            return linked.Count == 0 || !folder.EveryImage().All(file => linked.Contains(file.Target ?? file.Name));
        })];
    }
}
