using System.IO.Compression;
using Snappier;

namespace Fovea.Datasets;

/// <summary>Unpacks pages of Parquet files.</summary>
internal static class PageCodec
{
    private const int None = 0, SnappyCodec = 1, Gzip = 2, Brotli = 4, Zstd = 6;
    private const int LargePage = 16 << 20, LargestRatio = 64;

    private static readonly string[] Names = ["none", "snappy", "gzip", "LZO", "brotli", "LZ4", "zstd", "LZ4_RAW"];

    /// <summary>Throws where a codec is not read.</summary>
    /// <exception cref="FormatException">It is not.</exception>
    public static void Require(int codec)
    {
        if (codec is not (None or SnappyCodec or Gzip or Brotli or Zstd))
        {
            string name = codec < Names.Length ? Names[codec] : $"number {codec}";
            throw new FormatException($"it is compressed with {name}; read are snappy, gzip, zstd and brotli, and what is not compressed");
        }
    }

    /// <summary>The bytes of a page.</summary>
    /// <param name="codec">How it is compressed.</param>
    /// <param name="packed">Its bytes in the file.</param>
    /// <param name="size">How many they are unpacked, as the file says.</param>
    /// <exception cref="FormatException">They are not.</exception>
    public static byte[] Unpack(int codec, byte[] packed, int size)
    {
        if (codec == None) return packed.Length == size ? packed : throw new FormatException("a page has not the size that it states");
        // Images do not shrink like this; a page of equal numbers does, and is small.
        if (size > LargePage && size / LargestRatio > packed.Length)
            throw new FormatException("a page states a size that its bytes cannot have");
        var unpacked = new byte[size];
        int written;
        try
        {
            if (codec == SnappyCodec)
            {
                if (Snappy.GetUncompressedLength(packed) != size) throw new FormatException("a page has not the size that it states");
                written = Snappy.Decompress(packed, unpacked);
            }
            else if (codec == Zstd)
            {
                using var zstd = new ZstdSharp.Decompressor();
                written = zstd.Unwrap(packed, unpacked);
            }
            else
            {
                using Stream stream = codec == Gzip ? new GZipStream(new MemoryStream(packed), CompressionMode.Decompress)
                    : new BrotliStream(new MemoryStream(packed), CompressionMode.Decompress);
                written = stream.ReadAtLeast(unpacked, size, throwOnEndOfStream: false);
            }
        }
        catch (Exception e) when (e is InvalidDataException or ZstdSharp.ZstdException or ArgumentException or InvalidOperationException)
        {
            throw new FormatException("a compressed page is damaged", e);
        }
        return written == size ? unpacked : throw new FormatException("a page has not the size that it states");
    }
}
