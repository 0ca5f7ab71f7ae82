namespace Fovea.Imaging;

/// <summary>
/// Whether a JPEG ends as it must. The decoder sees a file that is cut short, but not one whose rest was filled with zeros (a broken
/// download, a sparse copy): it decodes them to grey and says nothing.
/// </summary>
internal static class JpegStructure
{
    private const byte StartOfScan = 0xDA;

    /// <summary>
    /// True where no end-of-image marker follows the start of the first scan (ISO 10918-1, B.1.1 and B.2); what follows the marker is
    /// ignored.
    /// </summary>
    public static bool LacksEnd(ReadOnlySpan<byte> file)
    {
        // The segments before the scan are skipped: a thumbnail in one of them has an end of its own.
        int at = 2;
        while (at + 4 <= file.Length)
        {
            if (file[at] != 0xFF) return false; // not as expected: the decoder knows better
            byte marker = file[at + 1];
            if (marker == 0xFF)
            {
                at++;
                continue;
            }
            if (marker == StartOfScan) return file[at..].LastIndexOf((ReadOnlySpan<byte>)[0xFF, 0xD9]) < 0;
            at += 2 + ((file[at + 2] << 8) | file[at + 3]);
        }
        return true;
    }
}
