using System.Buffers.Binary;
using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Fovea.Imaging;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Imaging;

/// <summary>Formats and forms that decoders read differently, against what tests/reference/formats.py wrote with Pillow.</summary>
public sealed class ImageFormatTests
{
    private static readonly Lazy<JsonElement> Files = new(
        () => JsonDocument.Parse(File.ReadAllBytes(ImagingFixture.Find("formats.json"))).RootElement.GetProperty("files"));

    public static TheoryData<string> Names => [.. Files.Value.EnumerateObject().Select(file => file.Name)];

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_decodes_to_the_samples_that_pillow_gives(string name)
    {
        JsonElement file = Files.Value.GetProperty(name);
        byte[] bytes = file.GetProperty("file").GetBytesFromBase64();
        ImagingFixture.RequireEqual(ImagingFixture.Image(file), ImageCodec.Decode(bytes, name), name);
        ImageHeader header = ImageCodec.ReadHeader(bytes, name);
        Assert.Equal((file.GetProperty("width").GetInt32(), file.GetProperty("height").GetInt32()), (header.Width, header.Height));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_file_cut_short_or_changed_is_damaged_or_a_picture_and_nothing_else(string name)
    {
        byte[] whole = Files.Value.GetProperty(name).GetProperty("file").GetBytesFromBase64();
        for (int trial = 0; trial < 30; trial++)
        {
            var random = new CounterRandom(5, name, trial);
            byte[] bytes = trial % 2 == 0 ? whole[..random.NextInt(whole.Length)] : [.. whole];
            if (trial % 2 == 1)
            {
                for (int k = 0; k < 3; k++) bytes[random.NextInt(Math.Min(bytes.Length, 200))] = (byte)random.NextInt(256);
            }
            try
            {
                ImageCodec.Decode(bytes, name);
            }
            catch (DamagedImageException e)
            {
                Assert.Equal(name, e.Id);
            }
        }
    }

    [Fact]
    public void Headers_that_claim_gigabytes_are_refused_before_memory_is_taken()
    {
        byte[] gif = Files.Value.GetProperty("plain.gif").GetProperty("file").GetBytesFromBase64();
        int palette = 13 + 3 * (2 << (gif[10] & 7)), frame = palette + gif.AsSpan(palette).IndexOf((byte)0x2C);
        byte[] bomb = [.. gif];
        BinaryPrimitives.WriteUInt16LittleEndian(bomb.AsSpan(6), 13000);
        BinaryPrimitives.WriteUInt16LittleEndian(bomb.AsSpan(8), 13000);
        BinaryPrimitives.WriteUInt16LittleEndian(bomb.AsSpan(frame + 5), 13000);
        BinaryPrimitives.WriteUInt16LittleEndian(bomb.AsSpan(frame + 7), 13000);
        Refused(bomb, "cut short");
        Refused(Encoding.ASCII.GetBytes("P6\n13000 13000\n255\nabc"), "cut short");
        Refused(Encoding.ASCII.GetBytes("P3\n13000 13000\n255\n1 2 3"), "cut short");
        Refused(Encoding.ASCII.GetBytes("P4\n100000 100000\nabc"), "more than");
        Refused(Encoding.ASCII.GetBytes("P5\n99999999999 1\n255\nabc"), "too large");
        Refused(Encoding.ASCII.GetBytes("P5\n0 1\n255\nabc"), "0×1");
        bomb = [.. gif];
        BinaryPrimitives.WriteUInt16LittleEndian(bomb.AsSpan(6), 13000);
        BinaryPrimitives.WriteUInt16LittleEndian(bomb.AsSpan(8), 13000);
        Refused(bomb, "cannot lie in");
        byte[] png = [.. Files.Value.GetProperty("grey-16.png").GetProperty("file").GetBytesFromBase64()];
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), 13000);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), 13000);
        Refused(png, "cut short");
        byte[] tiff = Tiff((256, 13000), (257, 13000), (258, 8), (259, 1), (262, 1), (273, 8), (277, 1), (278, 13000), (279, 10));
        Refused(tiff, "cannot lie in");
        Refused(Tiff((256, 13000), (257, 13000), (258, 8), (259, 5), (262, 1), (273, 8), (277, 1), (278, 13000), (279, 10)),
            "cannot lie in");
        Refused(Tiff((256, 4), (257, 4), (258, 32), (259, 1), (262, 1), (273, 8), (277, 1), (278, 4), (279, 64), (339, 3)), "are not read");

        // What the decoder of another library reads: its buffers are taken before it finds the file to be short.
        var small = new RgbImage(9, 7, new byte[9 * 7 * 3]);
        Refused(WithPngSize(ImageCodec.EncodePng(small), 13000, 13000), "cannot lie in");
        byte[] jpeg = ImageCodec.EncodeJpeg(small, 90);
        int start = jpeg.AsSpan().IndexOf((ReadOnlySpan<byte>)[0xFF, 0xC0]);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(start + 5), 13000);
        BinaryPrimitives.WriteUInt16BigEndian(jpeg.AsSpan(start + 7), 13000);
        Refused(jpeg, "cannot lie in");
        byte[] bmp = [.. "BM"u8, .. new byte[198]];
        foreach ((int place, int value) in ((int, int)[])[(2, 200), (10, 54), (14, 40), (18, 13000), (22, 13000), (26, 1 | (24 << 16))])
            BinaryPrimitives.WriteInt32LittleEndian(bmp.AsSpan(place), value);
        Refused(bmp, "cannot lie in");

        static void Refused(byte[] file, string why)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            Assert.Contains(why, Assert.Throws<DamagedImageException>(() => ImageCodec.Decode(file, "bomb")).Message);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        }
    }

    [Theory]
    [InlineData(8000, 8000, false)]
    [InlineData(8000, 8000, true)]
    [InlineData(13000, 13000, false)]
    public void A_picture_of_one_colour_is_small_and_whole(int width, int height, bool jpeg)
    {
        var image = new RgbImage(width, height, new byte[width * height * 3]);
        byte[] file = jpeg ? ImageCodec.EncodeJpeg(image, 1) : ImageCodec.EncodePng(image);
        Assert.Equal((width, height), (ImageCodec.ReadHeader(file, "one colour").Width, ImageCodec.Decode(file, "one colour").Height));
    }

    [Theory]
    [InlineData(1, 20_000)]
    [InlineData(20_000, 1)]
    [InlineData(1, 1_000_000)]
    [InlineData(2, 3_000_000)]
    public void A_picture_of_extreme_shape_takes_memory_by_what_is_shown(int width, int height)
    {
        var image = new RgbImage(width, height, new byte[width * height * 3]);
        image.Pixels.AsSpan().Fill(77);
        Preprocessing preprocessing = Preprocessing.ImageNet(256, 224);
        var input = new float[3 * 224 * 224];
        preprocessing.Apply(image, 0, input);
        long before = GC.GetAllocatedBytesForCurrentThread();
        var watch = Stopwatch.StartNew();
        preprocessing.Apply(image, 0, input);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        Assert.InRange(watch.ElapsedMilliseconds, 0, 2000);
        Assert.All(input[..1000], value => Assert.Equal((77 / 255f - 0.485f) / 0.229f, value, 5));
    }

    /// <summary>The platform's own exception for it is no data error, and skipped no image.</summary>
    [Fact]
    public void A_stream_that_asks_for_a_dictionary_is_damaged()
    {
        byte[] file = [0x89, .. "PNG\r\n\x1A\n"u8, .. Chunk("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 16, 0, 0, 0, 0]),
            .. Chunk("IDAT", [0x78, 0xBB, 1, 2, 3, 4, 5, 6, 7, 8]), .. Chunk("IEND", [])];
        Assert.Throws<DamagedImageException>(() => ImageCodec.Decode(file, "picture"));

        static byte[] Chunk(string kind, byte[] content) =>
            [0, 0, 0, (byte)content.Length, .. System.Text.Encoding.ASCII.GetBytes(kind), .. content, 0, 0, 0, 0];
    }

    [Fact]
    public void A_picture_whose_long_side_would_be_endless_is_damaged()
    {
        var image = new RgbImage(1, 5_000_000, new byte[15_000_000]);
        Assert.Contains(
            "extreme shape",
                Assert.Throws<DamagedImageException>(
                    () => Preprocessing.ImageNet(256, 224).Apply(image, 0, new float[3 * 224 * 224])).Message);
        Assert.Throws<DamagedImageException>(
            () => Preprocessing.ImageNet(256, null).ApplyToPixels(new RgbImage(1, 1_000_000, new byte[3_000_000])));
    }

    // A PNG of other sides, its check sum made right.
    private static byte[] WithPngSize(byte[] png, int width, int height)
    {
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(16), width);
        BinaryPrimitives.WriteInt32BigEndian(png.AsSpan(20), height);
        uint sum = uint.MaxValue;
        foreach (byte value in png.AsSpan(12, 17))
        {
            sum ^= value;
            for (int bit = 0; bit < 8; bit++) sum = (sum & 1) != 0 ? 0xEDB88320 ^ (sum >> 1) : sum >> 1;
        }
        BinaryPrimitives.WriteUInt32BigEndian(png.AsSpan(29), ~sum);
        return png;
    }

    // One directory, all values as 32-bit numbers.
    private static byte[] Tiff(params (int Tag, int Value)[] fields)
    {
        using var stream = new MemoryStream();
        using var writer = new BinaryWriter(stream);
        writer.Write("II*\0"u8);
        writer.Write(8);
        writer.Write((short)fields.Length);
        foreach ((int tag, int value) in fields)
        {
            writer.Write((short)tag);
            writer.Write((short)4);
            writer.Write(1);
            writer.Write(value);
        }
        writer.Write(0);
        writer.Write(new byte[16]);
        return stream.ToArray();
    }
}
