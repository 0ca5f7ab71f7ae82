namespace Fovea.Datasets;

/// <summary>Opens image sources: a folder, a tar or a table in any layout of the catalogue, or the built-in ShapesWorld.</summary>
public static class ImageSources
{
    /// <summary>The layouts that are known, tried in this order when none is named. Adding one is a file and a line here.</summary>
    public static IReadOnlyList<IImageLayout> Layouts { get; } =
        [new TinyImageNetLayout(), new ImageNetLayout(), new WebDatasetLayout(), new ParquetLayout(), new ImageFolderLayout(), new ClassFolderLayout(), new UnlabelledLayout()];

    /// <summary>Opens a source.</summary>
    /// <param name="path">A folder, a <c>.tar</c>, a <c>.parquet</c>, an image, or <c>shapesworld:&lt;split&gt;:&lt;count&gt;[?seed=N]</c>.</param>
    /// <param name="options">Split, classes, layout and how many images; null: none given.</param>
    /// <exception cref="FoveaException">Nothing is there, it is damaged, empty or mislabelled, or an option cannot be met.</exception>
    public static IImageSource Open(string path, ImageSourceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new ImageSourceOptions();
        if (options.Limit <= 0)
            throw FoveaException.BadConfiguration($"The limit of images is {options.Limit}; give a positive number or none.");
        if (options.PerClass <= 0)
            throw FoveaException.BadConfiguration($"The number of images per class is {options.PerClass}; give a positive number or none.");
        IImageSource source = IsGenerated(path) ? ShapesWorld.Open(path) : OpenFiles(path, options);
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

    /// <summary>What a source is taken for; nothing is decoded. Images that cannot be used are described as far as they can be.</summary>
    /// <param name="path">As for <see cref="Open"/>.</param>
    /// <param name="options">Layout and classes; the rest changes nothing.</param>
    /// <exception cref="FoveaException">Nothing is there, it is no folder or whole tar, or an option cannot be met.</exception>
    public static DataDescription Describe(string path, ImageSourceOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        options ??= new ImageSourceOptions();
        if (IsGenerated(path))
        {
            using IImageSource source = ShapesWorld.Open(path);
            return source.Data!;
        }
        IImageLayout? named = NamedLayout(options);
        using IFileTree tree = OpenTree(path);
        try
        {
            return DataDescriptions.Of(tree, Read(tree, named, options));
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data)
        {
            return DataDescriptions.Of(tree, null, e.Message);
        }
    }

    private static bool IsGenerated(string path) => path.StartsWith("shapesworld", StringComparison.Ordinal);

    private static IImageSource OpenFiles(string path, ImageSourceOptions options)
    {
        IImageLayout? named = NamedLayout(options);
        IFileTree tree = OpenTree(path);
        try
        {
            DataReading reading = Read(tree, named, options);
            (LabelledFile[] files, string name, IReadOnlyList<string> notes) = SplitChoice.Take(reading, options, tree.Description);
            string description = name.Length > 0 ? $"{tree.Description} ({name})" : tree.Description;
            return new FileImageSource(
                description, tree, reading.Classes, files, DataDescriptions.Of(tree, reading), [.. reading.Notes, .. notes]);
        }
        catch
        {
            tree.Dispose();
            throw;
        }
    }

    private static IImageLayout? NamedLayout(ImageSourceOptions options) => options.Layout is null ? null
        : Layouts.FirstOrDefault(layout => layout.Name == options.Layout)
            ?? throw FoveaException.BadConfiguration(
                $"There is no layout \"{options.Layout}\"; there are {string.Join(", ", Layouts.Select(layout => layout.Name))}.");

    private static DataReading Read(IFileTree tree, IImageLayout? named, ImageSourceOptions options)
    {
        if (options.Labels is not null) named = WithLabels(named, tree, options.Labels);
        IImageLayout layout = named ?? Layouts.FirstOrDefault(layout => layout.Matches(tree))
            ?? throw FoveaException.BadData($"{tree.Description} holds no images that are read{DataNotes.Instead(tree)}.");
        try
        {
            return layout.Read(tree, options.Classes);
        }
        catch (FoveaException e) when (named is null && options is { Unlabelled: true, Classes: null } && e.Kind == FailureKind.Data)
        {
            DataReading reading = new UnlabelledLayout().Read(tree, null);
            string why = e.Message.Split(". ")[0];
            return reading with { Notes = [.. reading.Notes, $"All images are taken, without labels: {why}."] };
        }
    }

    private static IFileTree OfFolder(FolderTree folder)
    {
        bool tables = folder.Files.Any(file => ParquetTree.IsParquet(file.Name));
        return tables && !folder.Files.Any(file => ImageFiles.IsImage(file.Name) || TarContent.IsTar(file.Name))
            ? ParquetTree.OfFolder(folder) : TarSet.Of(folder);
    }

    private static ImageNetLayout WithLabels(IImageLayout? named, IFileTree tree, string labels) =>
        (named ?? Layouts.FirstOrDefault(layout => layout.Matches(tree))) is ImageNetLayout ? new ImageNetLayout { Labels = labels }
            : throw FoveaException.BadConfiguration(
                $"{labels} is named for labels, and {tree.Description} holds no flat validation images of ImageNet.");

    internal static IFileTree OpenTree(string path)
    {
        if (Directory.Exists(path)) return OfFolder(new FolderTree(path));
        if (File.Exists(path))
        {
            return ImageFiles.IsImage(path) ? new SingleFile(path)
                : ParquetTree.IsParquet(path) ? ParquetTree.OfFile(path) : new TarTree(path);
        }
        throw FoveaException.BadData(
            $"There is no folder or file {path}. Give a folder of images, a .tar of one, a .parquet, an image, or shapesworld:train:6000.");
    }
}
