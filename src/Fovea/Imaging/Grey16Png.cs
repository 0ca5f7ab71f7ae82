using System.Buffers.Binary;
using System.IO.Compression;

namespace Fovea.Imaging;

/// <summary>
/// Reads PNGs of grey samples of 16 bits (without an alpha channel) with the pixels that Pillow's <c>convert("RGB")</c> gives: it reads
/// such samples as whole numbers and cuts them at 255. Other decoders scale. Format: PNG specification, third edition, 7 to 11.
/// </summary>
internal static class Grey16Png
{
    // Adam7: first column, first row, steps.
    private static readonly (int X, int Y, int StepX, int StepY)[] Passes =
        [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)];

    /// <summary>Whether the file is one.</summary>
    public static bool Matches(ReadOnlySpan<byte> file) => file.Length > 33
        && BinaryPrimitives.ReadUInt64BigEndian(file) == 0x89504E470D0A1A0A && file[12..16].SequenceEqual("IHDR"u8) && file[24] == 16
            && file[25] == 0;

    /// <summary>Decodes a picture.</summary>
    /// <exception cref="DamagedImageException">The file is damaged or cut short.</exception>
    public static RgbImage Decode(ReadOnlySpan<byte> file, string id)
    {
        long width = BinaryPrimitives.ReadUInt32BigEndian(file[16..]), height = BinaryPrimitives.ReadUInt32BigEndian(file[20..]);
        ImageCodec.RequireSize(width, height, id);
        using MemoryStream packed = Data(file, id);
        // Deflate unfolds a byte to 1032 at most.
        if (2 * width * height > 1032 * packed.Length) throw CutShort(id);
        var rgb = GC.AllocateUninitializedArray<byte>(checked((int)(width * height * 3)));
        try
        {
            using var samples = new ZLibStream(packed, CompressionMode.Decompress);
            foreach ((int x, int y, int stepX, int stepY) in file[28] == 0 ? [(0, 0, 1, 1)] : Passes)
                ReadPass(samples, rgb, (int)width, (int)height, x, y, stepX, stepY, id);
        }
        catch (EndOfStreamException)
        {
            throw CutShort(id);
        }
        // A stream that asks for a dictionary of its own ends as ZLibException, which is an IOException.
        catch (Exception e) when (e is InvalidDataException or IOException)
        {
            throw new DamagedImageException(id, "the data are damaged");
        }
        return new RgbImage((int)width, (int)height, rgb);
    }

    private static void ReadPass(Stream samples, byte[] rgb, int width, int height, int x, int y, int stepX, int stepY, string id)
    {
        int columns = (width - x + stepX - 1) / stepX, rows = (height - y + stepY - 1) / stepY;
        if (columns <= 0 || rows <= 0) return;
        byte[] above = new byte[2 * columns], row = new byte[2 * columns];
        for (int r = 0; r < rows; r++)
        {
            int filter = samples.ReadByte();
            if (filter < 0) throw CutShort(id);
            samples.ReadExactly(row);
            Unfilter(filter, row, above, id);
            for (int c = 0; c < columns; c++)
            {
                byte value = (byte)Math.Min((ushort)255, BinaryPrimitives.ReadUInt16BigEndian(row.AsSpan(2 * c)));
                int target = ((y + r * stepY) * width + x + c * stepX) * 3;
                rgb[target] = rgb[target + 1] = rgb[target + 2] = value;
            }
            (above, row) = (row, above);
        }
    }

    private static void Unfilter(int filter, byte[] row, byte[] above, string id)
    {
        if (filter > 4) throw new DamagedImageException(id, "the data are damaged");
        for (int i = 0; i < row.Length; i++)
        {
            int left = i >= 2 ? row[i - 2] : 0, up = above[i], corner = i >= 2 ? above[i - 2] : 0;
            int predicted = filter switch
            {
                1 => left,
                2 => up,
                3 => (left + up) / 2,
                4 => Paeth(left, up, corner),
                _ => 0,
            };
            row[i] = (byte)(row[i] + predicted);
        }
    }

    private static int Paeth(int left, int up, int corner)
    {
        int estimate = left + up
            - corner, byLeft = Math.Abs(estimate - left), byUp = Math.Abs(estimate - up), byCorner = Math.Abs(estimate - corner);
        return byLeft <= byUp && byLeft <= byCorner ? left : byUp <= byCorner ? up : corner;
    }

    private static MemoryStream Data(ReadOnlySpan<byte> file, string id)
    {
        var data = new MemoryStream();
        for (int at = 8; at + 12 <= file.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
            ReadOnlySpan<byte> kind = file.Slice(at + 4, 4);
            if (kind.SequenceEqual("IEND"u8)) break;
            if (length > file.Length - at - 12) throw CutShort(id);
            if (kind.SequenceEqual("IDAT"u8)) data.Write(file.Slice(at + 8, (int)length));
            at += (int)length + 12;
        }
        data.Position = 0;
        return data;
    }

    private static DamagedImageException CutShort(string id) => new(id, "the file is cut short");
}
