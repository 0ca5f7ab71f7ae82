namespace Fovea.Datasets;

/// <summary>Opens image sources: a folder or a tar in any layout of the catalogue, or the built-in ShapesWorld.</summary>
public static class ImageSources
{
    /// <summary>The layouts that are known, tried in this order when none is named. Adding one is a file and a line here.</summary>
    public static IReadOnlyList<IImageLayout> Layouts { get; } = [new TinyImageNetLayout(), new ImageFolderLayout()];

    /// <summary>Opens a source.</summary>
    /// <param name="path">A folder, a <c>.tar</c>, or <c>shapesworld:&lt;split&gt;:&lt;count&gt;[?seed=N]</c>.</param>
    /// <param name="options">Split, classes, layout and how many images; null: none given.</param>
    /// <exception cref="FoveaException">Nothing is there, it is damaged, empty or mislabelled, or an option cannot be met.</exception>
    public static IImageSource Open(string path, ImageSourceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new ImageSourceOptions();
        if (options.Limit <= 0) throw FoveaException.BadConfiguration($"The limit of images is {options.Limit}; give a positive number or none.");
        if (options.PerClass <= 0)
            throw FoveaException.BadConfiguration($"The number of images per class is {options.PerClass}; give a positive number or none.");
        IImageSource source = path.StartsWith("shapesworld", StringComparison.Ordinal) ? ShapesWorld.Open(path) : OpenFiles(path, options);
        try
        {
            return ImageSelection.Select(source, options);
        }
        catch
        {
            source.Dispose();
            throw;
        }
    }

    private static IImageSource OpenFiles(string path, ImageSourceOptions options)
    {
        IImageLayout? named = options.Layout is null ? null
            : Layouts.FirstOrDefault(layout => layout.Name == options.Layout)
                ?? throw FoveaException.BadConfiguration(
                    $"There is no layout \"{options.Layout}\"; there are {string.Join(", ", Layouts.Select(layout => layout.Name))}.");
        IFileTree tree = OpenTree(path);
        try
        {
            IImageLayout layout = named ?? Layouts.FirstOrDefault(layout => layout.Matches(tree))
                ?? throw FoveaException.BadData($"{path} holds no images in a layout that is known: <class>/<image> folders, or Tiny ImageNet's "
                    + $"({tree.Files.Count} files{(tree.Files.Count > 0 ? $", the first {tree.Files[0].Name}" : "")}).");
            return layout.Open(tree, options);
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }

    private static IFileTree OpenTree(string path)
    {
        if (Directory.Exists(path)) return new FolderTree(path);
        if (File.Exists(path)) return new TarTree(path);
        throw FoveaException.BadData($"There is no folder or file {path}. Give a folder of images, a .tar of one, or shapesworld:train:6000.");
    }
}
