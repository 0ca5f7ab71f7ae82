using System.Text.Json;
using Fovea.Imaging;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Imaging;

public sealed class ResamplingTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(20_000)]
    public void Pieces_between_the_passes_change_no_pixel(long most)
    {
        var random = new CounterRandom(2, "pieces", 0);
        var image = new RgbImage(5, 900, [.. Enumerable.Range(0, 5 * 900 * 3).Select(_ => (byte)random.NextInt(256))]);
        var box = new PixelBox(1, 3, 4, 880);
        byte[] whole = new byte[23 * 31 * 3], pieces = new byte[23 * 31 * 3];
        Resampling.Bilinear(image, box, 23, 31, PixelBox.Whole(23, 31), whole);
        Resampling.Bilinear(image, box, 23, 31, PixelBox.Whole(23, 31), pieces, most);
        Assert.Equal(whole, pieces);
    }

    [Fact]
    public void A_very_high_picture_made_wider_takes_memory_by_the_result()
    {
        var image = new RgbImage(2, 2_000_000, new byte[12_000_000]);
        image.Pixels.AsSpan().Fill(99);
        long before = GC.GetAllocatedBytesForCurrentThread();
        RgbImage small = Resampling.Bilinear(image, 400, 4);
        Assert.All(small.Pixels, value => Assert.Equal(99, value));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 64 << 20);
    }

    [Fact]
    public void Resized_pictures_equal_pillows_bit_for_bit()
    {
        RgbImage source = ImagingFixture.Image(ImagingFixture.Root.GetProperty("source"));
        foreach (JsonElement expected in ImagingFixture.Root.GetProperty("resized").EnumerateArray())
        {
            (int width, int height) = ImagingFixture.Pair(expected.GetProperty("to"));
            ImagingFixture.RequireEqual(ImagingFixture.Image(expected), Resampling.Bilinear(source, width, height), $"to {width}×{height}");
        }
    }

    [Fact]
    public void A_crop_resized_uses_nothing_outside_of_it()
    {
        RgbImage source = ImagingFixture.Image(ImagingFixture.Root.GetProperty("source"));
        PixelBox box = ImagingFixture.Box(ImagingFixture.Root.GetProperty("box"));
        foreach (JsonElement expected in ImagingFixture.Root.GetProperty("cropped").EnumerateArray())
        {
            (int width, int height) = ImagingFixture.Pair(expected.GetProperty("to"));
            ImagingFixture.RequireEqual(
                ImagingFixture.Image(expected), Resampling.Bilinear(source, box, width, height), $"crop to {width}×{height}");
        }
    }

    [Fact]
    public void A_window_is_that_part_of_the_whole_result()
    {
        RgbImage source = ImagingFixture.Image(ImagingFixture.Root.GetProperty("source"));
        foreach ((int width, int height) in new[] { (61, 40), (19, 11), (37, 15), (20, 26), (37, 26) })
        {
            RgbImage whole = Resampling.Bilinear(source, width, height);
            var window = new PixelBox(3, 2, width - 7, height - 5);
            var part = new byte[window.Width * window.Height * 3];
            Resampling.Bilinear(source, PixelBox.Whole(source.Width, source.Height), width, height, window, part);
            for (int y = 0; y < window.Height; y++)
            {
                Assert.Equal(
                    whole.Pixels.AsSpan(((window.Top + y) * width + window.Left) * 3, window.Width * 3).ToArray(),
                    part.AsSpan(y * window.Width * 3, window.Width * 3).ToArray());
            }
        }
    }

    [Fact]
    public void A_flat_picture_stays_flat_at_any_size()
    {
        var pixels = new byte[19 * 13 * 3];
        Array.Fill(pixels, (byte)255);
        var white = new RgbImage(19, 13, pixels);
        foreach ((int width, int height) in new[] { (1, 1), (7, 300), (300, 2), (18, 12) })
            Assert.All(Resampling.Bilinear(white, width, height).Pixels, value => Assert.Equal(255, value));
    }

    [Fact]
    public void A_crop_outside_the_picture_is_refused()
    {
        var image = new RgbImage(4, 4, new byte[48]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Resampling.Bilinear(image, new PixelBox(2, 0, 3, 4), 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resampling.Bilinear(image, new PixelBox(-1, 0, 3, 4), 2, 2));
        Assert.Throws<ArgumentOutOfRangeException>(() => Resampling.Bilinear(image, 0, 2));
    }
}
