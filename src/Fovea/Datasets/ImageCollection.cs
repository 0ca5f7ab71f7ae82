namespace Fovea.Datasets;

/// <summary>
/// One place of images, of which several sources are made: it is opened, and its files are listed and sorted by a layout, once, however
/// many sources there are (an index of ImageNet's tar is a million headers). The place stays open until this object and every source of it
/// are disposed. Thread-safe.
/// </summary>
public sealed class ImageCollection : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string?, string?, string?, bool), (DataReading Reading, DataDescription Description)> _read = [];
    private readonly string _path;
    private IFileTree? _tree;
    private int _users = 1;
    private bool _disposed;

    /// <summary>Names the place; nothing is opened yet.</summary>
    /// <param name="path">As for <see cref="ImageSources.Open"/>.</param>
    public ImageCollection(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        _path = path;
    }

    /// <summary>A source of its images; it may outlive this object.</summary>
    /// <param name="options">As for <see cref="ImageSources.Open"/>.</param>
    /// <exception cref="FoveaException">As there.</exception>
    public IImageSource Open(ImageSourceOptions? options = null)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        options ??= new ImageSourceOptions();
        if (options.Limit <= 0)
            throw FoveaException.BadConfiguration($"The limit of images is {options.Limit}; give a positive number or none.");
        if (options.PerClass <= 0)
            throw FoveaException.BadConfiguration($"The number of images per class is {options.PerClass}; give a positive number or none.");
        IImageSource source = ImageSources.IsGenerated(_path) ? ShapesWorld.Open(_path) : OpenFiles(options);
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

    /// <inheritdoc/>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
        }
        Release();
    }

    private FileImageSource OpenFiles(ImageSourceOptions options)
    {
        IImageLayout? named = ImageSources.NamedLayout(options);
        lock (_gate)
        {
            IFileTree tree = _tree ??= ImageSources.OpenTree(_path);
            var key = (options.Layout, options.Classes, options.Labels, options.Unlabelled);
            if (!_read.TryGetValue(key, out var read))
            {
                DataReading reading = ImageSources.Read(tree, named, options);
                _read[key] = read = (reading, DataDescriptions.Of(tree, reading));
            }
            (LabelledFile[] files, string name, IReadOnlyList<string> notes) = SplitChoice.Take(read.Reading, options, tree.Description);
            string description = name.Length > 0 ? $"{tree.Description} ({name})" : tree.Description;
            var source = new FileImageSource(
                description, tree, read.Reading.Classes, files, read.Description, [.. read.Reading.Notes, .. notes], Release);
            _users++;
            return source;
        }
    }

    private void Release()
    {
        lock (_gate)
        {
            if (--_users > 0) return;
            _tree?.Dispose();
            _tree = null;
        }
    }
}
