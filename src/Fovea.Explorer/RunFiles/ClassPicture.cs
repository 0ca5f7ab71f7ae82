namespace Fovea.Explorer.RunFiles;

/// <summary>What raises a class's logit: the picture, relative to the run folder, and the logit on it. From <c>features/classes.json</c>.</summary>
public sealed record ClassPicture(string Name, string? Picture, double? Logit)
{
    /// <summary>The folder beside the layers' that holds them.</summary>
    public const string Folder = "classes";

    internal static IReadOnlyList<ClassPicture> ReadAll(string folder, ICollection<string> problems) =>
        [.. JsonView.Open(Path.Combine(folder, "features", Folder + ".json"), problems)["classes"].Items.Select(one => new ClassPicture(
            one["name"].Text ?? $"class {one["index"].Integer}", PictureFiles.Below("features", one["picture"]["file"].Text), one["logit"].Number))];
}
