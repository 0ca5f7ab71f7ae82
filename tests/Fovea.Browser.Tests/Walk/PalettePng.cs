using System.Buffers.Binary;
using System.IO.Compression;
using Fovea.Imaging;

namespace Fovea.Browser.Tests.Walk;

/// <summary>
/// PNG of at most 256 colours, for screens that are kept: a third of the bytes, and what is plain stays exactly as it is. Colours are parted
/// where that takes most of the squared error away.
/// </summary>
internal static class PalettePng
{
    /// <summary>The picture in as many colours as fit the bytes.</summary>
    public static byte[] Encode(RgbImage image, int mostBytes)
    {
        for (int colours = 256; ; colours /= 2)
        {
            byte[] png = InColours(image, colours);
            if (png.Length <= mostBytes || colours <= 16) return png;
        }
    }

    private static byte[] InColours(RgbImage image, int most)
    {
        Dictionary<int, int> counts = [];
        for (int i = 0; i < image.Pixels.Length; i += 3)
        {
            int colour = (image.Pixels[i] << 16) | (image.Pixels[i + 1] << 8) | image.Pixels[i + 2];
            counts[colour] = counts.GetValueOrDefault(colour) + 1;
        }
        List<Box> boxes = [new Box([.. counts.Select(one => (one.Key, one.Value))])];
        while (boxes.Count < most && boxes.MaxBy(box => box.Error) is { Error: > 0 } worst)
        {
            boxes.Remove(worst);
            boxes.AddRange(worst.Split());
        }
        var palette = new byte[3 * boxes.Count];
        Dictionary<int, byte> numbers = [];
        foreach ((int number, Box box) in boxes.Index())
        {
            for (int channel = 0; channel < 3; channel++) palette[3 * number + channel] = (byte)Math.Round(box.Mean(channel));
            foreach ((int colour, _) in box.Colours) numbers[colour] = (byte)number;
        }
        using var rows = new MemoryStream();
        using (var zip = new ZLibStream(rows, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            var row = new byte[image.Width + 1];
            for (int y = 0, at = 0; y < image.Height; y++)
            {
                for (int x = 0; x < image.Width; x++, at += 3)
                    row[x + 1] = numbers[(image.Pixels[at] << 16) | (image.Pixels[at + 1] << 8) | image.Pixels[at + 2]];
                zip.Write(row);
            }
        }
        var head = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(head, image.Width);
        BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), image.Height);
        (head[8], head[9]) = (8, 3);
        using var png = new MemoryStream();
        png.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        foreach ((ReadOnlyMemory<byte> name, byte[] data) in new (ReadOnlyMemory<byte>, byte[])[]
        {
            ("IHDR"u8.ToArray(), head), ("PLTE"u8.ToArray(), palette), ("IDAT"u8.ToArray(), rows.ToArray()), ("IEND"u8.ToArray(), []),
        }) Chunk(png, name.Span, data);
        return png.ToArray();
    }

    private static void Chunk(Stream png, ReadOnlySpan<byte> name, byte[] data)
    {
        Span<byte> number = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, data.Length);
        png.Write(number);
        png.Write(name);
        png.Write(data);
        uint sum = uint.MaxValue;
        foreach (byte one in (byte[])[.. name, .. data])
        {
            sum ^= one;
            for (int bit = 0; bit < 8; bit++) sum = (sum & 1) != 0 ? (sum >> 1) ^ 0xEDB88320 : sum >> 1;
        }
        BinaryPrimitives.WriteUInt32BigEndian(number, ~sum);
        png.Write(number);
    }

    /// <summary>Colours that become one.</summary>
    private sealed class Box
    {
        private readonly double[] _mean = new double[3];
        private readonly int _axis;

        public Box((int Colour, int Count)[] colours)
        {
            Colours = colours;
            double count = colours.Sum(one => (double)one.Count), worst = -1;
            for (int channel = 0; channel < 3; channel++)
            {
                double sum = colours.Sum(one => (double)Of(one.Colour, channel) * one.Count);
                _mean[channel] = sum / count;
                double error = colours.Sum(one => Math.Pow(Of(one.Colour, channel) - _mean[channel], 2) * one.Count);
                Error += error;
                if (error > worst) (worst, _axis) = (error, channel);
            }
        }

        public (int Colour, int Count)[] Colours { get; }

        public double Error { get; }

        public double Mean(int channel) => _mean[channel];

        public IEnumerable<Box> Split() => Colours.GroupBy(one => Of(one.Colour, _axis) > _mean[_axis]).Select(half => new Box([.. half]));

        private static int Of(int colour, int channel) => (colour >> (16 - 8 * channel)) & 255;
    }
}
