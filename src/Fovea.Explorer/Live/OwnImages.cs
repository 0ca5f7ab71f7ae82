using System.Globalization;
using System.Security.Cryptography;
using Fovea.Imaging;

namespace Fovea.Explorer.Live;

/// <summary>An image that a reader brought or chose from the run's, as the network sees it.</summary>
/// <param name="Id">What it is called in addresses: made of its content, or its number in the run's images.</param>
/// <param name="Name">What people call it; never used as a path.</param>
/// <param name="ClassName">Its class, where it is one of the run's images; null where that is not known.</param>
/// <param name="Seen">Resized and cropped.</param>
public sealed record OwnImage(string Id, string Name, string? ClassName, RgbImage Seen)
{
    /// <summary>Whether it is one of the run's images.</summary>
    public bool IsOfRun => Id.StartsWith(OwnImages.RunPrefix, StringComparison.Ordinal);
}

/// <summary>
/// The images of this sitting, in memory alone. Files are bounded in bytes before they are read, in pixels before they are decoded, and in
/// number; a name is shown, never used. Thread-safe.
/// </summary>
/// <param name="limits">The bounds.</param>
internal sealed class OwnImages(LiveLimits limits)
{
    /// <summary>What the ids of the run's images begin with; those of own images are digits of a hash.</summary>
    public const string RunPrefix = "run-";

    private const int IdLetters = 20;

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _decoding = new(1);
    private readonly OrderedDictionary<string, OwnImage> _images = new(StringComparer.Ordinal);

    /// <summary>The bounds.</summary>
    public LiveLimits Limits => limits;

    /// <summary>The images, the one used last first.</summary>
    public IReadOnlyList<OwnImage> All
    {
        get
        {
            lock (_lock) return [.. _images.Values.Reverse()];
        }
    }

    /// <summary>The number of a run's image that an id means; null where it is none.</summary>
    public static int? RunNumber(string id) => id.StartsWith(RunPrefix, StringComparison.Ordinal)
        && int.TryParse(id[RunPrefix.Length..], NumberStyles.None, CultureInfo.InvariantCulture, out int number)
        && OfRun(number) == id ? number : null;

    /// <summary>The id of a run's image.</summary>
    public static string OfRun(int number) => RunPrefix + number.ToString(CultureInfo.InvariantCulture);

    /// <summary>The image of an id; null where there is none, or no longer.</summary>
    public OwnImage? Find(string id)
    {
        lock (_lock)
        {
            if (!_images.Remove(id, out OwnImage? image)) return null;
            _images.Add(id, image);
            return image;
        }
    }

    /// <summary>Decodes a file and keeps what the network sees of it.</summary>
    /// <param name="file">Its content.</param>
    /// <param name="name">What the browser calls it.</param>
    /// <param name="preprocessing">What the network does first.</param>
    /// <param name="cancellation">Whether it is still wanted.</param>
    /// <exception cref="FoveaException">Data: it is no picture, is damaged, or too large.</exception>
    public async Task<OwnImage> AddAsync(byte[] file, string? name, Preprocessing preprocessing, CancellationToken cancellation)
    {
        if (file.Length > limits.FileBytes) throw TooLarge(limits);
        string shown = Shown(name);
        string id = Convert.ToHexStringLower(SHA256.HashData(file))[..IdLetters];
        if (Find(id) is { } known) return known;
        // One at a time: a picture takes hundreds of megabytes while it is decoded.
        await _decoding.WaitAsync(cancellation);
        try
        {
            return Keep(new OwnImage(id, shown, null, Decode(file, shown, preprocessing)));
        }
        finally
        {
            _decoding.Release();
        }
    }

    /// <summary>Keeps an image.</summary>
    public OwnImage Keep(OwnImage image)
    {
        lock (_lock)
        {
            _images.Remove(image.Id);
            _images.Add(image.Id, image);
            while (_images.Count > limits.Images) _images.RemoveAt(0);
            return image;
        }
    }

    /// <summary>A file of more bytes than are taken.</summary>
    public static FoveaException TooLarge(LiveLimits limits) => FoveaException.BadData(
        $"This file is too large: pictures of up to {limits.FileBytes >> 20} MB are taken. Save it smaller.");

    private RgbImage Decode(byte[] file, string name, Preprocessing preprocessing)
    {
        ImageHeader header = ImageCodec.ReadHeader(file, name);
        if ((long)header.Width * header.Height > limits.Pixels)
        {
            throw FoveaException.BadData(
                $"This picture has {header.Width} × {header.Height} pixels: up to {limits.Pixels / 1_000_000} million are taken. Save it "
                    + "smaller.");
        }
        return preprocessing.ApplyToPixels(ImageCodec.Decode(file, name));
    }

    /// <summary>A name for people: its last part, no control characters, not without end.</summary>
    private string Shown(string? name)
    {
        string last = (name ?? "").Split('/', '\\')[^1];
        string clean = new([.. last.Where(letter => !char.IsControl(letter) && !char.IsSurrogate(letter)
            && char.GetUnicodeCategory(letter) is not (UnicodeCategory.Format or UnicodeCategory.LineSeparator))]);
        clean = clean.Trim();
        return clean.Length == 0 ? "your image" : clean.Length > limits.NameLetters ? clean[..limits.NameLetters] + "…" : clean;
    }
}
