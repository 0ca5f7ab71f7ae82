namespace Fovea.Datasets;

/// <summary>Labels the images of a class folder.</summary>
internal static class FolderLabels
{
    /// <summary>Its images, those of folders in it too.</summary>
    /// <param name="folder">The class folder.</param>
    /// <param name="root">What names in the source start after.</param>
    /// <param name="label">The class.</param>
    public static IEnumerable<LabelledFile> Of(FolderNode folder, string root, int label) => folder.EveryImage()
        .Select(file => new LabelledFile(file.Name[root.Length..], file.Name, label, file.Size, file.Target ?? file.Name));
}
