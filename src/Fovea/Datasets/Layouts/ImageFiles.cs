namespace Fovea.Datasets;

/// <summary>What the layouts share: which files are images, and the names of splits.</summary>
internal static class ImageFiles
{
    private static readonly string[] Extensions = [".jpeg", ".jpg", ".png", ".webp", ".bmp", ".gif"];

    private static readonly Dictionary<string, string> SplitNames = new(StringComparer.OrdinalIgnoreCase)
    {
        ["train"] = "train",
        ["training"] = "train",
        ["val"] = "val",
        ["valid"] = "val",
        ["validation"] = "val",
        ["test"] = "test",
    };

    /// <summary>Whether the name is an image's.</summary>
    public static bool IsImage(string name) => Extensions.Any(extension => name.EndsWith(extension, StringComparison.OrdinalIgnoreCase));

    /// <summary><c>train</c>, <c>val</c> or <c>test</c> where the folder is named like a split, else null.</summary>
    public static string? SplitOf(string folder) => SplitNames.GetValueOrDefault(folder);

    /// <summary>The split that is asked for; <c>train</c> where none is.</summary>
    /// <exception cref="FoveaException">It is none of the three.</exception>
    public static string Wanted(ImageSourceOptions options) => SplitOf(options.Split ?? "train")
        ?? throw FoveaException.BadConfiguration($"There is no split \"{options.Split}\"; it is train, val or test.");
}
