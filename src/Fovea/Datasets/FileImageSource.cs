using Fovea.Imaging;

namespace Fovea.Datasets;

/// <summary>Labelled image files of a tree, decoded when read; what every layout gives. The tree is told when it is needed no more.</summary>
internal sealed class FileImageSource : IImageSource
{
    private readonly IFileTree _tree;
    private readonly LabelledFile[] _files;
    private readonly Lazy<string> _fingerprint;
    private Action? _release;

    public FileImageSource(
        string description, IFileTree tree, ClassList classes, LabelledFile[] files, DataDescription data, IReadOnlyList<string> notes,
        Action release)
    {
        (Description, _tree, Classes, _files, Data, Notes, _release) = (description, tree, classes, files, data, notes, release);
        _fingerprint = new Lazy<string>(() => SourceFingerprint.Of(this));
    }

    public string Description { get; }

    public DataDescription? Data { get; }

    public IReadOnlyList<string> Notes { get; }

    public ClassList Classes { get; }

    public int Count => _files.Length;

    public string Fingerprint => _fingerprint.Value;

    public string Id(int index) => _files[index].Id;

    public int Label(int index) => _files[index].Label;

    public long? Size(int index) => _files[index].Size;

    public byte[]? Stored(int index) => _tree.Read(_files[index].File);

    public RgbImage Read(int index) => ImageCodec.Decode(_tree.Read(_files[index].File), _files[index].Id);

    public void Dispose() => Interlocked.Exchange(ref _release, null)?.Invoke();
}
