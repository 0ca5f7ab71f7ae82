namespace Fovea.Datasets;

/// <summary>Finds the folders that divide a tree into splits, by their names first and by what lies in them second.</summary>
internal static class SplitFolders
{
    /// <summary>
    /// The folder whose folders are the splits; null where the tree has none. Of several, the one nearest to the root; beside each other,
    /// the one called <c>images</c>.
    /// </summary>
    public static FolderNode? Find(FolderNode root)
    {
        foreach (FolderNode[] level in root.Levels())
        {
            FolderNode[] holders = [.. level.Where(folder => Holds(folder, root))];
            if (holders.Length == 1) return holders[0];
            if (holders.Length == 0) continue;
            FolderNode[] plain = [.. holders.Where(folder => SplitNames.IsPlain(folder.Name))];
            return plain.Length == 1 ? plain[0] : null;
        }
        return null;
    }

    /// <summary>
    /// The folders in it that are named like splits. Beside <c>train</c> or <c>val</c>, <c>trainval</c> only repeats their images.
    /// </summary>
    public static FolderNode[] Of(FolderNode holder)
    {
        FolderNode[] named = [.. holder.Children.Where(child => SplitNames.Of(child.Name) is not null)];
        return named.Any(child => !SplitNames.IsTrainAndVal(child.Name) && SplitNames.Of(child.Name) is "train" or "val")
            ? [.. named.Where(child => !SplitNames.IsTrainAndVal(child.Name))]
            : named;
    }

    /// <summary>
    /// The folder whose folders are the classes of a split: folders that only repeat its name or say "images" are looked through.
    /// </summary>
    public static FolderNode Inside(FolderNode split)
    {
        FolderNode at = split;
        while (at.Images.Count + at.Unread.Count == 0 && at.WithPictures is [var only] && only.Images.Count + only.Unread.Count == 0
            && only.WithPictures.Length > 0 && (SplitNames.IsPlain(only.Name) || SplitNames.Of(only.Name) == SplitNames.Of(split.Name)))
            at = only;
        return at;
    }

    /// <summary>Why a folder cannot be a labelled split; null where it has class folders.</summary>
    public static string? Fault(FolderNode split)
    {
        FolderNode inside = Inside(split);
        FolderNode[] folders = inside.WithPictures;
        int direct = inside.Images.Count + inside.Unread.Count;
        if (split.Pictures == 0) return $"{split.Path} holds no images";
        if (folders.Length == 0) return $"{inside.Path} has no class folders: its {Humane(direct)} lie directly in it";
        if (direct > inside.Pictures - direct)
            return $"{inside.Path} has no class folders for most of its images: {Humane(direct)} lie directly in it, "
                + $"{inside.Pictures - direct} in folders";
        if (folders is [var only] && SplitNames.IsPlain(only.Name) && only.WithPictures.Length == 0)
            return $"{inside.Path} has no class folders: its {Humane(only.Pictures)} lie directly in {only.Path}";
        return null;
    }

    private static string Humane(int images) => images == 1 ? "1 image" : $"{images} images";

    // By name and by content: one of the folders has class folders, or nothing lies anywhere else.
    private static bool Holds(FolderNode folder, FolderNode root)
    {
        FolderNode[] splits = [.. Of(folder).Where(split => split.Pictures > 0)];
        if (splits.Length == 0) return false;
        if (splits.Sum(split => split.Pictures) == root.Pictures) return true;
        FolderNode[] labelled = [.. splits.Where(split => Fault(split) is null)];
        if (labelled.Length == 0) return false;
        // Deep in one class of many, one folder called "test" divides nothing.
        bool isTop = root.Pictures == folder.Pictures;
        return isTop || labelled.Length >= 2 || labelled.Any(split => SplitNames.Of(split.Name) == "train");
    }
}
