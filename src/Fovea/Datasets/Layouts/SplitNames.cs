namespace Fovea.Datasets;

/// <summary>
/// Which folder names mean a split: <c>train</c>, <c>Training_set</c>, <c>val2017</c>, <c>dev</c>, <c>test-images</c> and their like.
/// </summary>
internal static class SplitNames
{
    private static readonly Dictionary<string, string> Words = new(StringComparer.Ordinal)
    {
        ["train"] = "train",
        ["training"] = "train",
        ["trainset"] = "train",
        ["trainingset"] = "train",
        ["trainval"] = "train",
        ["trainvalset"] = "train",
        ["val"] = "val",
        ["valid"] = "val",
        ["validation"] = "val",
        ["valset"] = "val",
        ["validset"] = "val",
        ["validationset"] = "val",
        ["dev"] = "val",
        ["devset"] = "val",
        ["eval"] = "val",
        ["evaluation"] = "val",
        ["test"] = "test",
        ["tests"] = "test",
        ["testing"] = "test",
        ["testset"] = "test",
        ["testingset"] = "test",
    };

    // What may stand beside the word that says which split it is.
    private static readonly HashSet<string> Fillers =
        ["set", "split", "data", "dataset", "image", "images", "img", "imgs", "folder", "dir"];

    /// <summary>Folder names that hold images and say nothing of a class.</summary>
    private static readonly HashSet<string> Plain =
        ["images", "image", "imgs", "img", "jpegimages", "jpg", "jpeg", "png", "data", "pictures", "photos"];

    /// <summary><c>train</c>, <c>val</c> or <c>test</c> where the folder is named like a split, in any case, else null.</summary>
    public static string? Of(string folder)
    {
        string? found = null;
        foreach (string word in LetterRuns(folder))
        {
            if (Words.TryGetValue(word, out string? split))
            {
                if (found is not null) return null;
                found = split;
            }
            else if (!Fillers.Contains(word)) return null;
        }
        return found;
    }

    /// <summary>Whether the name says that training and validation images lie there together (PASCAL VOC and others).</summary>
    public static bool IsTrainAndVal(string folder) =>
        LetterRuns(folder).Any(word => word.StartsWith("trainval", StringComparison.Ordinal));

    /// <summary>Whether the name only says that images lie there.</summary>
    public static bool IsPlain(string folder) => Plain.Contains(folder.ToLowerInvariant());

    /// <summary>The split that is asked for.</summary>
    /// <exception cref="FoveaException">It is none of the three.</exception>
    public static string Wanted(string? split) => Of(split ?? "train")
        ?? throw FoveaException.BadConfiguration($"There is no split \"{split}\"; it is train, val or test.");

    private static IEnumerable<string> LetterRuns(string name)
    {
        int start = -1;
        for (int i = 0; i <= name.Length; i++)
        {
            bool letter = i < name.Length && char.IsLetter(name[i]);
            if (letter && start < 0) start = i;
            if (letter || start < 0) continue;
            yield return name[start..i].ToLowerInvariant();
            start = -1;
        }
    }
}
