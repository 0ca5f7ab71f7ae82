namespace Fovea.Explorer.Live;

/// <summary>What own images may cost.</summary>
public sealed record LiveLimits
{
    /// <summary>Bytes of a file.</summary>
    public long FileBytes { get; init; } = 20 << 20;

    /// <summary>Pixels of a picture: decoding takes seven bytes of each for a moment.</summary>
    public long Pixels { get; init; } = 25_000_000;

    /// <summary>Images that are kept, as the network sees them; the one that was used longest ago goes first.</summary>
    public int Images { get; init; } = 100;

    /// <summary>Bytes of what the network made of images; at least the last one is kept.</summary>
    public long StudyBytes { get; init; } = 96 << 20;

    /// <summary>Bytes of dictionaries; at least those in use are kept.</summary>
    public long DictionaryBytes { get; init; } = 192 << 20;

    /// <summary>Letters of a name that are shown.</summary>
    public int NameLetters { get; init; } = 80;
}
