using System.Buffers.Binary;
using System.IO.Compression;
using Fovea.Imaging;
using Xunit;

namespace Fovea.Tests.Imaging;

/// <summary>Grey PNGs of 16 bits written by hand: every filter, and the order of Adam7.</summary>
public sealed class Grey16Tests
{
    private const int Width = 11, Height = 13;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Every_filter_gives_the_samples_cut_at_255(int filter)
    {
        var rows = new MemoryStream();
        byte[] above = new byte[2 * Width];
        for (int y = 0; y < Height; y++)
        {
            byte[] row = Row(0, y, 1, Width);
            rows.WriteByte((byte)filter);
            for (int i = 0; i < row.Length; i++)
            {
                int left = i >= 2 ? row[i - 2] : 0, up = above[i], corner = i >= 2 ? above[i - 2] : 0;
                int p = left + up - corner;
                int paeth = Math.Abs(p - left) <= Math.Abs(p - up) && Math.Abs(p - left) <= Math.Abs(p - corner)
                    ? left : Math.Abs(p - up) <= Math.Abs(p - corner) ? up : corner;
                rows.WriteByte((byte)(row[i] - new[] { 0, left, up, (left + up) / 2, paeth }[filter]));
            }
            above = row;
        }
        Check(Png(rows.ToArray(), interlaced: 0));
    }

    [Fact]
    public void Interlaced_samples_come_to_their_places()
    {
        var rows = new MemoryStream();
        foreach ((int x, int y, int dx, int dy) in ((int, int, int, int)[])[(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4),
            (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)])
        {
            for (int r = y; r < Height; r += dy)
            {
                int columns = (Width - x + dx - 1) / dx;
                if (columns <= 0) continue;
                rows.WriteByte(0);
                rows.Write(Row(x, r, dx, columns));
            }
        }
        Check(Png(rows.ToArray(), interlaced: 1));
    }

    private static int Value(int x, int y) => (x * 37 + y * 101) % 700;

    private static byte[] Row(int x, int y, int step, int columns)
    {
        var row = new byte[2 * columns];
        for (int c = 0; c < columns; c++) BinaryPrimitives.WriteUInt16BigEndian(row.AsSpan(2 * c), (ushort)Value(x + c * step, y));
        return row;
    }

    private static void Check(byte[] png)
    {
        RgbImage image = ImageCodec.Decode(png, "x");
        for (int i = 0; i < image.Pixels.Length; i++) Assert.Equal(Math.Min(255, Value(i / 3 % Width, i / 3 / Width)), image.Pixels[i]);
    }

    private static byte[] Png(byte[] rows, byte interlaced)
    {
        var file = new MemoryStream();
        file.Write([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]);
        byte[] header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, Width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), Height);
        (header[8], header[12]) = (16, interlaced);
        Chunk("IHDR"u8, header);
        var packed = new MemoryStream();
        using (var stream = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) stream.Write(rows);
        Chunk("IDAT"u8, packed.ToArray());
        Chunk("IEND"u8, []);
        return file.ToArray();

        void Chunk(ReadOnlySpan<byte> kind, byte[] content)
        {
            Span<byte> length = stackalloc byte[4];
            BinaryPrimitives.WriteInt32BigEndian(length, content.Length);
            file.Write(length);
            file.Write(kind);
            file.Write(content);
            file.Write([0, 0, 0, 0]);
        }
    }
}
