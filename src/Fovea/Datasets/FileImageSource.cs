using Fovea.Imaging;

namespace Fovea.Datasets;

/// <summary>One labelled image file.</summary>
/// <param name="Id">Its name in the source.</param>
/// <param name="File">Its name in the tree.</param>
/// <param name="Label">Its class.</param>
/// <param name="Size">Its size in bytes.</param>
internal sealed record LabelledFile(string Id, string File, int Label, long Size);

/// <summary>Labelled image files of a tree, decoded when read; what every layout gives. Disposing it disposes the tree.</summary>
internal sealed class FileImageSource : IImageSource
{
    private readonly IFileTree _tree;
    private readonly LabelledFile[] _files;
    private readonly Lazy<string> _fingerprint;

    public FileImageSource(string description, IFileTree tree, ClassList classes, IEnumerable<LabelledFile> files)
    {
        (Description, _tree, Classes) = (description, tree, classes);
        _files = [.. files.OrderBy(file => file.Id, StringComparer.Ordinal)];
        _fingerprint = new Lazy<string>(() => SourceFingerprint.Of(this, index => _files[index].Size));
        if (_files.Length == 0)
            throw FoveaException.BadData($"{description} holds no images. Check the path, the split and the layout.");
    }

    public string Description { get; }

    public ClassList Classes { get; }

    public int Count => _files.Length;

    public string Fingerprint => _fingerprint.Value;

    public string Id(int index) => _files[index].Id;

    public int Label(int index) => _files[index].Label;

    public RgbImage Read(int index) => ImageCodec.Decode(_tree.Read(_files[index].File), _files[index].Id);

    public void Dispose() => _tree.Dispose();
}
