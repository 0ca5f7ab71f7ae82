namespace Fovea.Datasets;

/// <summary>Opens image sources: a folder, a tar or a table in any layout of the catalogue, or the built-in ShapesWorld.</summary>
public static class ImageSources
{
    /// <summary>The layouts that are known, tried in this order when none is named. Adding one is a file and a line here.</summary>
    public static IReadOnlyList<IImageLayout> Layouts { get; } =
        [
            new TinyImageNetLayout(), new ImageNetLayout(), new WebDatasetLayout(), new ParquetLayout(), new ImageFolderLayout(),
            new ClassFolderLayout(), new UnlabelledLayout(),
        ];

    /// <summary>Opens a source.</summary>
    /// <param name="path">A folder, a <c>.tar</c>, a <c>.parquet</c>, an image, or <c>shapesworld:&lt;split&gt;:&lt;count&gt;[?seed=N]</c>.</param>
    /// <param name="options">Split, classes, layout and how many images; null: none given.</param>
    /// <exception cref="FoveaException">Nothing is there, it is damaged, empty or mislabelled, or an option cannot be met.</exception>
    public static IImageSource Open(string path, ImageSourceOptions? options = null)
    {
        using var images = new ImageCollection(path);
        return images.Open(options);
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
        using IFileTree tree = OpenTree(path);
        return Describe(tree, options);
    }

    /// <summary>What a source is taken for, and what a look into its images finds; it is opened once.</summary>
    /// <param name="path">As for <see cref="Open"/>.</param>
    /// <param name="options">Layout and classes; the rest changes nothing.</param>
    /// <param name="most">At most so many images are looked at; 0 for all.</param>
    /// <param name="decode">Whether to decode them whole, which finds files that are cut short.</param>
    /// <param name="progress">Told the number of images looked at and of all to be looked at.</param>
    /// <param name="cancellation">Ends the look.</param>
    /// <returns>The second is null where images are made and lie nowhere.</returns>
    /// <exception cref="FoveaException">Nothing is there, it is no folder or whole tar, or an option cannot be met.</exception>
    public static (DataDescription Data, DataInspection? Images) Inspect(
        string path, ImageSourceOptions options, int most, bool decode = false, IProgress<(int Done, int Total)>? progress = null,
            CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(options);
        if (IsGenerated(path)) return (Describe(path, options), null);
        using IFileTree tree = OpenTree(path);
        return (Describe(tree, options), DataInspection.Of(tree, most, decode, progress, cancellation));
    }

    private static DataDescription Describe(IFileTree tree, ImageSourceOptions options)
    {
        IImageLayout? named = NamedLayout(options);
        try
        {
            return DataDescriptions.Of(tree, Read(tree, named, options));
        }
        catch (FoveaException e) when (e.Kind == FailureKind.Data)
        {
            return DataDescriptions.Of(tree, null, e.Message);
        }
    }

    internal static bool IsGenerated(string path) => path.StartsWith("shapesworld", StringComparison.Ordinal);

    internal static IImageLayout? NamedLayout(ImageSourceOptions options) => options.Layout is null ? null
        : Layouts.FirstOrDefault(layout => layout.Name == options.Layout)
            ?? throw FoveaException.BadConfiguration(
                $"There is no layout \"{options.Layout}\"; there are {string.Join(", ", Layouts.Select(layout => layout.Name))}.");

    internal static DataReading Read(IFileTree tree, IImageLayout? named, ImageSourceOptions options)
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
