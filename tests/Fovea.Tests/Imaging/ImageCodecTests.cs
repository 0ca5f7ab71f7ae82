using System.Text.Json;
using Fovea.Imaging;
using Xunit;

namespace Fovea.Tests.Imaging;

public sealed class ImageCodecTests
{
    [Fact]
    public void Files_of_every_kind_decode_as_pillow_does()
    {
        foreach (JsonProperty file in ImagingFixture.Root.GetProperty("files").EnumerateObject())
        {
            RgbImage expected = ImagingFixture.Image(file.Value), actual = ImageCodec.Decode(
                file.Value.GetProperty("file").GetBytesFromBase64(), file.Name);
            // CMYK is turned to RGB by each decoder in its own arithmetic.
            int allowed = file.Name.StartsWith("cmyk", StringComparison.Ordinal) ? 2 : 0;
            Assert.Equal((expected.Width, expected.Height), (actual.Width, actual.Height));
            int worst = expected.Pixels.Zip(actual.Pixels, (a, b) => Math.Abs(a - b)).Max();
            Assert.True(worst <= allowed, $"{file.Name}: samples differ by up to {worst}");
        }
    }

    [Fact]
    public void A_file_cut_short_anywhere_is_damaged_and_never_half_a_picture()
    {
        foreach (JsonProperty file in ImagingFixture.Root.GetProperty("files").EnumerateObject())
        {
            byte[] whole = file.Value.GetProperty("file").GetBytesFromBase64();
            RgbImage expected = ImagingFixture.Image(file.Value);
            for (int length = 0; length < whole.Length; length++)
            {
                RgbImage? decoded = null;
                try { decoded = ImageCodec.Decode(whole.AsSpan(0, length), file.Name); }
                catch (DamagedImageException e) { Assert.Equal(file.Name, e.Id); }
                if (decoded is null) continue;
                // What is missing may be behind the last pixel (checksums, padding); the picture must then be whole.
                int worst = expected.Pixels.Zip(decoded.Pixels, (a, b) => Math.Abs(a - b)).Max();
                Assert.True(worst <= 2, $"{file.Name} cut to {length} of {whole.Length} bytes gave a picture that differs by {worst}");
            }
        }
    }

    [Fact]
    public void A_jpeg_whose_rest_is_zeros_is_damaged_even_with_a_thumbnail_inside()
    {
        byte[] whole = ImageCodec.EncodeJpeg(ImagingFixture.Image(ImagingFixture.Root.GetProperty("source")), 90);
        byte[] thumbnail = [0xFF, 0xD8, 0xFF, 0xE1, 0, 6, 0xFF, 0xD8, 0xFF, 0xD9, .. whole[2..]];
        ImagingFixture.RequireEqual(ImageCodec.Decode(whole, "a"), ImageCodec.Decode(thumbnail, "b"), "with a thumbnail");
        foreach (byte[] file in new[] { whole, thumbnail })
        {
            file.AsSpan(file.Length - 200).Clear();
            Assert.Contains("cut short", Assert.Throws<DamagedImageException>(() => ImageCodec.Decode(file, "c")).Message);
        }
    }

    [Fact]
    public void Text_and_claims_of_gigabytes_are_refused()
    {
        Assert.Throws<DamagedImageException>(() => ImageCodec.Decode("<html>404</html>"u8, "page.jpg"));
        Assert.Throws<DamagedImageException>(() => ImageCodec.Decode([], "empty.jpg"));
        byte[] png = [.. ImagingFixture.Root.GetProperty("files").GetProperty("rgb.png").GetProperty("file").GetBytesFromBase64()];
        (png[16], png[20]) = (0x10, 0x10); // width and height above 2²⁸
        Assert.Throws<DamagedImageException>(() => ImageCodec.Decode(png, "bomb.png"));
    }

    [Fact]
    public void Png_keeps_every_sample_and_jpeg_nearly()
    {
        RgbImage source = ImagingFixture.Image(ImagingFixture.Root.GetProperty("source"));
        byte[] png = ImageCodec.EncodePng(source);
        ImagingFixture.RequireEqual(source, ImageCodec.Decode(png, "x.png"), "PNG");
        Assert.Equal(png, ImageCodec.EncodePng(source));
        RgbImage jpeg = ImageCodec.Decode(ImageCodec.EncodeJpeg(source, 95), "x.jpeg");
        Assert.InRange(source.Pixels.Zip(jpeg.Pixels, (a, b) => (double)Math.Abs(a - b)).Average(), 0, 25);
        Assert.Throws<ArgumentOutOfRangeException>(() => ImageCodec.EncodeJpeg(source, 0));
    }
}
