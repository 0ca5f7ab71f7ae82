using Fovea.Imaging;

namespace Fovea.Datasets;

/// <summary>
/// Images, with their classes where they are labelled, in a fixed order (ordinal order of their ids). Reading is thread-safe.
/// Implementations: folders, Tiny ImageNet's layout, a tar of either, ShapesWorld; see <c>ImageSources</c> for the catalogue.
/// </summary>
public interface IImageSource : IDisposable
{
    /// <summary>For people: what and where.</summary>
    string Description { get; }

    /// <summary>What the source was taken for; null where it was made in memory.</summary>
    DataDescription? Data => null;

    /// <summary>What was left out or decided and might surprise, in sentences.</summary>
    IReadOnlyList<string> Notes => [];

    /// <summary>The classes in the order of the network's outputs; empty where images have no labels.</summary>
    ClassList Classes { get; }

    /// <summary>Number of images.</summary>
    int Count { get; }

    /// <summary>
    /// SHA-256 (hex) over classes, ids, labels, sizes and content (<see cref="SourceFingerprint"/>): two sources with the same fingerprint
    /// hold the same images. It is of the files as they are when it is first asked for.
    /// </summary>
    string Fingerprint { get; }

    /// <summary>The image's stable name inside the source, e.g. <c>train/n01443537/images/n01443537_0.JPEG</c>.</summary>
    string Id(int index);

    /// <summary>The image's class, an index into <see cref="Classes"/>; −1 where it has none.</summary>
    int Label(int index);

    /// <summary>The name of the image's class; empty where it has none.</summary>
    string LabelName(int index) => Label(index) is >= 0 and var label && label < Classes.Count ? Classes[label].Name : "";

    /// <summary>Size of the stored image in bytes; null where images are not stored but made.</summary>
    long? Size(int index) => null;

    /// <summary>The image as it is stored; null where images are not stored but made.</summary>
    /// <exception cref="FoveaException">The file cannot be read.</exception>
    byte[]? Stored(int index) => null;

    /// <summary>Decodes image <paramref name="index"/> (grey, palette and alpha become RGB).</summary>
    /// <exception cref="DamagedImageException">The image cannot be decoded.</exception>
    RgbImage Read(int index);
}
