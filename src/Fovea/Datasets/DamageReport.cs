using Fovea.Imaging;

namespace Fovea.Datasets;

/// <summary>
/// What a loader skipped. A run stops when more than one percent of its source's images are damaged, or all of them; a single damaged
/// image never stops a source of two or more, so that tiny sources are usable. An image that is read again in a later epoch counts once.
/// </summary>
public sealed class DamageReport
{
    private const int Shown = 5;

    private readonly IImageSource _source;
    private readonly SortedDictionary<int, DamagedImage> _damaged = [];

    /// <summary>An empty report on a source.</summary>
    public DamageReport(IImageSource source)
    {
        ArgumentNullException.ThrowIfNull(source);
        _source = source;
    }

    /// <summary>Images read so far, damaged ones included; an image read in two epochs counts twice.</summary>
    public long Seen { get; private set; }

    /// <summary>The damaged images in the order of the source.</summary>
    public IReadOnlyList<DamagedImage> Damaged => [.. _damaged.Values];

    /// <summary>The most damaged images a source of this size may have: one percent, and at least one.</summary>
    public static int Tolerated(int count) => Math.Max(1, count / 100);

    /// <summary>Writes the damaged images (<see cref="DamagedImages"/>).</summary>
    public void Write(string path) => DocumentFile.Write(path, new DamagedImages(Damaged));

    /// <summary>
    /// Counts images; called by one thread in the order of the batches, so that what is reported does not depend on timing.
    /// </summary>
    /// <exception cref="FoveaException">Too many are damaged.</exception>
    internal void Add(int images, IEnumerable<(int Index, DamagedImageException Error)> damaged)
    {
        Seen += images;
        bool grew = false;
        foreach ((int index, DamagedImageException error) in damaged) grew |= _damaged.TryAdd(index, new DamagedImage(error.Id, error.Why));
        if (!grew || (_damaged.Count <= Tolerated(_source.Count) && _damaged.Count < _source.Count)) return;
        string list = string.Join("; ", _damaged.Values.Take(Shown).Select(image => $"{image.Id} ({image.Why})"));
        throw FoveaException.BadData($"{_source.Description} is damaged: {_damaged.Count} of {_source.Count} images cannot be decoded, "
            + $"more than 1 %: {list}{(_damaged.Count > Shown ? " …" : "")}. Replace the files or get the dataset again.");
    }
}
