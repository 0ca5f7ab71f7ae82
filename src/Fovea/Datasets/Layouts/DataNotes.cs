namespace Fovea.Datasets;

/// <summary>
/// The sentences about data that a user might not expect. Each says what was decided and, where there is a choice, how to choose.
/// </summary>
internal static class DataNotes
{
    private const int Shown = 5;

    /// <summary>Images that lie beside class folders.</summary>
    public static string Strays(FolderNode folder)
    {
        string[] names = [.. folder.Images.Select(file => file.Name), .. folder.Unread];
        return $"Left out: {names.Length} {(names.Length == 1 ? "image that lies" : "images that lie")} in no class folder "
            + $"({Listed(names)}).";
    }

    /// <summary>Classes that nobody named.</summary>
    public static string Numbered(int classes) =>
        $"The classes are the {classes} numbers up to the largest label; a class list (--classes) gives them names.";

    /// <summary>Folders beside the classes that hold no images.</summary>
    public static void LeftOutFolders(List<string> notes, FolderNode folder)
    {
        string[] names = [.. folder.Children.Where(child => !child.CouldBeClass).Select(child => child.Path)];
        if (names.Length > 0) notes.Add($"Left out: {Listed(names)}, which {(names.Length == 1 ? "holds" : "hold")} files but no images.");
    }

    /// <summary>What is to be said of links and endings.</summary>
    public static void Tree(List<string> notes, IFileTree tree)
    {
        if (tree.BrokenLinks is { Count: > 0 } links)
        {
            notes.Add($"{links.Count} {(links.Count == 1 ? "link is" : "links are")} not followed: "
                + Listed([.. links.Select(link => $"{link.Name} → {link.Target} ({link.Why})")]) + ".");
        }
        string[] unread = [.. tree.Files.Select(file => file.Name).Where(ImageFiles.IsUnreadImage)];
        if (unread.Length > 0) notes.Add($"Not read, because of their endings: {ImageFiles.Count(unread)}.");
    }

    /// <summary>What is to be said of the classes.</summary>
    /// <param name="notes">Where to add it.</param>
    /// <param name="classes">The classes.</param>
    /// <param name="classList">The class list's file, if one was given.</param>
    /// <param name="splits">The class folders of each split.</param>
    /// <param name="matcher">What matched folders and classes.</param>
    public static void Classes(
        List<string> notes, ClassList classes, string? classList, IReadOnlyList<(string Split, FolderNode[] Folders)> splits,
            ClassMatcher matcher)
    {
        foreach ((string split, FolderNode[] folders) in splits)
        {
            foreach (FolderNode folder in folders.Where(folder => folder.AllImages == 0).Take(Shown))
            {
                string[] unread = [.. folder.EveryUnread()];
                notes.Add($"{folder.Path} has no image that is read{(unread.Length > 0 ? $" ({ImageFiles.Count(unread)})" : "")}; "
                    + $"{folder.Name} stays a class, so that the others keep their numbers.");
            }
            if (splits.Count > 1 && folders.Length > 0)
            {
                var seen = folders.Select(folder => matcher.Find(folder.Name)).ToHashSet();
                string[] lacking = [.. Enumerable.Range(0, classes.Count).Where(i => !seen.Contains(i)).Select(i => classes[i].Id)];
                if (lacking.Length > 0 && (classList is null || split == "train"))
                    notes.Add($"{split} has no images of {Plural(lacking.Length)} {Listed(lacking)}.");
            }
        }
        if (matcher.Guessed is { Count: > 0 } guessed)
        {
            notes.Add($"Class folders taken for classes that are written in another way: "
                + Listed([.. guessed.Select(pair => $"{pair.Key} for {pair.Value}")]) + ".");
        }
        if (classList is null) OrderOfNumbers(notes, classes);
        if (classes.Count == 1) notes.Add($"There is one class only ({classes[0].Id}).");
        string[] alike =
            [.. classes.GroupBy(info => ClassMatcher.Key(info.Id)).Where(group => group.Count() > 1)
                .Select(group => string.Join("/", group.Select(info => info.Id)))];
        if (alike.Length > 0) notes.Add($"Classes that differ only in how they are written: {Listed(alike)}.");
    }

    /// <summary>Images that two splits share through links.</summary>
    public static void Shared(List<string> notes, IReadOnlyList<SplitReading> splits)
    {
        for (int a = 0; a < splits.Count; a++)
        {
            var first = splits[a].Files.Select(file => file.Content).ToHashSet(StringComparer.Ordinal);
            for (int b = a + 1; b < splits.Count; b++)
            {
                int both = splits[b].Files.Count(file => first.Contains(file.Content));
                if (both > 0)
                    notes.Add($"{both} images of {splits[b].Name} are links to images of {splits[a].Name}, or the other way round: they "
                        + $"are in both splits.");
            }
        }
    }

    /// <summary>What lies there in place of images.</summary>
    public static string Instead(IFileTree tree) => tree.Files.Count == 0
        ? " (it has no files)"
        : $": it has {ImageFiles.Count(tree.Files.Select(file => file.Name))}; read are {string.Join(" ", ImageFiles.Endings)}";

    /// <summary>That tables of labels are not read, where there are such.</summary>
    public static string Tables(IFileTree tree)
    {
        string[] tables =
            [.. tree.Files.Select(file => file.Name)
                .Where(name => ImageFiles.Ending(name).ToLowerInvariant() is ".csv" or ".tsv" or ".json" or ".xml")];
        return tables.Length > 0 ? $" (labels in tables are not read: {Listed(tables)})" : "";
    }

    /// <summary>Names of classes from the <c>words.txt</c> of a folder.</summary>
    public static Dictionary<string, string> Words(IFileTree tree, string root) =>
        tree.Files.Any(file => file.Name == root + "words.txt") ? ClassTable.Words(tree.Read(root + "words.txt")) : [];

    private static void OrderOfNumbers(List<string> notes, ClassList classes)
    {
        if (!classes.All(info => info.Id.All(char.IsAsciiDigit))) return;
        string[] ids = [.. classes.Select(info => info.Id)];
        string[] byValue = [.. ids.OrderBy(id => id.TrimStart('0').Length).ThenBy(id => id.TrimStart('0'), StringComparer.Ordinal)];
        if (ids.SequenceEqual(byValue)) return;
        int at = Enumerable.Range(0, ids.Length).First(i => ids[i] != byValue[i]);
        notes.Add($"The classes are numbers in the order of their text, as torchvision's ImageFolder sorts them: class "
            + $"{at} is {ids[at]}, not {byValue[at]}. "
            + "Give a class list (index, id, name) if the network's outputs follow the numbers.");
    }

    private static string Plural(int count) => count == 1 ? "class" : $"{count} classes:";

    private static string Listed(string[] names) =>
        string.Join(", ", names.Take(Shown)) + (names.Length > Shown ? $" and {names.Length - Shown} more" : "");
}
