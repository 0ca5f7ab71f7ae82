namespace Fovea.Imaging;

/// <summary>
/// Whether a JPEG ends as it should. The decoder fills what is missing with grey and only warns, so a file cut short is found here.
/// </summary>
internal static class JpegStructure
{
    /// <summary>
    /// True where the compressed data run to the end of the file without an end-of-image marker (ISO 10918-1, B.1.1.3); whatever
    /// follows the marker is ignored.
    /// </summary>
    public static bool FindsNoEnd(ReadOnlySpan<byte> file)
    {
        // The common case: the marker ends the file, perhaps with some padding.
        ReadOnlySpan<byte> end = [0xFF, 0xD9];
        return file[^Math.Min(file.Length, 4096)..].LastIndexOf(end) < 0 && file.LastIndexOf(end) < 0;
    }
}
