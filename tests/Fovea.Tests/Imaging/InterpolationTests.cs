using System.Text.Json;
using Fovea.Imaging;
using Xunit;

namespace Fovea.Tests.Imaging;

/// <summary>All filters against Pillow, bit for bit; values from tests/reference/resampling.py.</summary>
public sealed class InterpolationTests
{
    [Theory]
    [InlineData(Interpolation.Bilinear)]
    [InlineData(Interpolation.Bicubic)]
    [InlineData(Interpolation.Lanczos)]
    [InlineData(Interpolation.Box)]
    [InlineData(Interpolation.Hamming)]
    public void A_filter_is_Pillows(Interpolation filter)
    {
        using JsonDocument fixture = JsonDocument.Parse(File.ReadAllBytes(ImagingFixture.Find("resampling.json")));
        int cases = 0;
        foreach (JsonElement one in fixture.RootElement.GetProperty("cases").EnumerateArray())
        {
            if (!one.GetProperty("filter").GetString()!.Equals(filter.ToString(), StringComparison.OrdinalIgnoreCase)) continue;
            var expected = ImagingFixture.Image(one);
            ImagingFixture.RequireEqual(expected, Resampling.Resize(Picture(33, 29), expected.Width, expected.Height, filter), $"{filter}");
            // In pieces too, and a window of it.
            var pieces = new byte[expected.Pixels.Length];
            Resampling.Resize(Picture(33, 29), PixelBox.Whole(33, 29), expected.Width, expected.Height,
                PixelBox.Whole(expected.Width, expected.Height), pieces, filter, mostBetween: 400);
            Assert.Equal(expected.Pixels, pieces);
            cases++;
        }
        Assert.Equal(5, cases);
    }

    [Fact]
    public void Squashing_resizes_both_sides()
    {
        RgbImage picture = Picture(33, 29);
        var squashed = new Preprocessing(17, null, [0, 0, 0], [1, 1, 1], Interpolation.Bicubic, squash: true);
        Assert.Equal(Resampling.Resize(picture, 17, 17, Interpolation.Bicubic).Pixels, squashed.ApplyToPixels(picture).Pixels);
        var shorter = new Preprocessing(17, 17, [0, 0, 0], [1, 1, 1], Interpolation.Bicubic);
        Assert.NotEqual(squashed, shorter);
        Assert.NotEqual(squashed.ApplyToPixels(picture).Pixels, shorter.ApplyToPixels(picture).Pixels);
    }

    private static RgbImage Picture(int width, int height)
    {
        var pixels = new byte[width * height * 3];
        for (int y = 0; y < height; y++)
            for (int x = 0; x < width; x++)
                for (int c = 0; c < 3; c++)
                    pixels[(y * width + x) * 3 + c] = (byte)(x % 11 < 7
                        ? (x / 3 + y / 5 + c) % 2 == 0 ? 255 : 0 : (x * 7 + y * 13 + c * 50) % 256);
        return new RgbImage(width, height, pixels);
    }
}
