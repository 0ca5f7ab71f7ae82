using System.Buffers.Binary;
using SkiaSharp;

namespace Fovea.Imaging;

/// <summary>
/// Whether the pixels that a header claims can lie in a file of its length: a few bytes can claim half a gigabyte, which would be taken
/// before the file is found to be short. A WebP of one colour takes a few bytes whatever its size, so that only
/// <see cref="ImageCodec.MaximumPixels"/> bounds it.
/// </summary>
internal static class ClaimedPixels
{
    // Deflate unfolds a byte to 1032 at most.
    private const long MostDeflated = 1032;

    // A block of 64 samples takes a bit of Huffman's code at least.
    private const long MostOfJpegByte = 512;

    /// <summary>Throws unless the file can hold its pixels.</summary>
    /// <exception cref="DamagedImageException">It is too short.</exception>
    public static void Require(ReadOnlySpan<byte> file, SKEncodedImageFormat format, int width, int height, string id)
    {
        long least = format switch
        {
            SKEncodedImageFormat.Png when file.Length > 26 => (((long)width * PngBits(file[24], file[25]) + 7) / 8
                + 1) * height / MostDeflated,
            SKEncodedImageFormat.Jpeg => (long)width * height / MostOfJpegByte,
            SKEncodedImageFormat.Bmp when file.Length > 54 && BinaryPrimitives.ReadInt32LittleEndian(file[14..]) >= 40
                && BinaryPrimitives.ReadInt32LittleEndian(file[30..]) == 0 =>
                ((long)width * BinaryPrimitives.ReadUInt16LittleEndian(file[28..]) + 31) / 32 * 4 * height,
            _ => 0,
        };
        if (least > file.Length)
            throw new DamagedImageException(id, $"it is cut short: {width}×{height} pixels cannot lie in {file.Length} bytes");
    }

    private static int PngBits(byte depth, byte colour) => depth * (colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 });
}
