using System.Text.Json;
using Fovea.Imaging;
using Fovea.IO;
using Xunit;

namespace Fovea.Tests.Imaging;

public sealed class PreprocessingTests
{
    [Fact]
    public void Resize_and_crop_equal_torchvisions()
    {
        foreach (JsonElement expected in ImagingFixture.Root.GetProperty("prepared").EnumerateArray())
        {
            var preprocessing = Preprocessing.ImageNet(
                ImagingFixture.Number(expected.GetProperty("resize")), ImagingFixture.Number(expected.GetProperty("crop")));
            RgbImage source = ImagingFixture.Image(expected.GetProperty("source"));
            ImagingFixture.RequireEqual(
                ImagingFixture.Image(expected.GetProperty("result")), preprocessing.ApplyToPixels(source),
                    $"{source.Width}×{source.Height} by {preprocessing}");
        }
    }

    [Fact]
    public void The_long_side_is_cut_to_whole_pixels_as_torchvision_does()
    {
        foreach (JsonElement expected in ImagingFixture.Root.GetProperty("sizes").EnumerateArray())
        {
            int[] values = [.. expected.EnumerateArray().Select(value => value.GetInt32())];
            Assert.Equal((values[3], values[4]), Preprocessing.ImageNet(values[2], 8).ResizedSize(values[0], values[1]));
        }
    }

    [Fact]
    public void Input_is_the_normalised_pixels_in_planes()
    {
        RgbImage source = ImagingFixture.Image(ImagingFixture.Root.GetProperty("source"));
        Preprocessing preprocessing = Preprocessing.ImageNet(20, 16);
        var input = new float[3 * 16 * 16];
        preprocessing.Apply(source, 0, input);
        RgbImage seen = preprocessing.ApplyToPixels(source);
        for (int i = 0; i < 256; i++)
        {
            for (int c = 0; c < 3; c++)
                Assert.Equal((seen.Pixels[i * 3 + c] / 255f - preprocessing.Mean[c]) / preprocessing.Std[c], input[c * 256 + i]);
        }
        ImagingFixture.RequireEqual(seen, preprocessing.Denormalise(input), "denormalised");
    }

    [Fact]
    public void Survives_json_and_compares_by_value()
    {
        Preprocessing preprocessing = Preprocessing.ImageNet(256, 224);
        string json = JsonSerializer.Serialize(preprocessing, JsonFile.Options);
        Assert.Equal(preprocessing, JsonSerializer.Deserialize<Preprocessing>(json, JsonFile.Options));
        Assert.DoesNotContain("outputSize", json, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(preprocessing.GetHashCode(), Preprocessing.ImageNet(256, 224).GetHashCode());
        Assert.NotEqual(preprocessing, Preprocessing.ImageNet(null, 224));
        Assert.NotEqual(preprocessing, new Preprocessing(256, 224, [0.5f, 0.5f, 0.5f], [1, 1, 1]));
    }

    [Fact]
    public void What_is_taken_may_be_no_square()
    {
        RgbImage source = ImagingFixture.Image(ImagingFixture.Root.GetProperty("source"));
        // Squashed: as torchvision's Resize of two sides, which is the filter along each axis.
        var squashed = new Preprocessing(24, 24, [0, 0, 0], [1, 1, 1], squash: true, width: 40);
        Assert.Equal((24, 40), squashed.OutputSize);
        ImagingFixture.RequireEqual(Resampling.Bilinear(source, 40, 24), squashed.ApplyToPixels(source), "squashed");
        // Taken from the middle: as the middle of the square of that width.
        var cut = new Preprocessing(48, 24, [0.5f, 0.4f, 0.3f], [0.2f, 0.3f, 0.4f], width: 40);
        RgbImage square = new Preprocessing(48, 40, [0, 0, 0], [1, 1, 1]).ApplyToPixels(source), seen = cut.ApplyToPixels(source);
        Assert.Equal((40, 24), (seen.Width, seen.Height));
        Assert.Equal(square.Pixels[(8 * 40 * 3)..(32 * 40 * 3)], seen.Pixels);
        var input = new float[3 * 24 * 40];
        cut.Apply(source, 0, input);
        Assert.Equal((seen.Pixels[(3 * 40 + 7) * 3 + 1] / 255f - 0.4f) / 0.3f, input[24 * 40 + 3 * 40 + 7], 1e-6f);
        ImagingFixture.RequireEqual(seen, cut.Denormalise(input), "denormalised");
        // Before the crop the height is what resize says, and the width that share of it.
        Assert.Equal((80, 48), new Preprocessing(48, 24, [0, 0, 0], [1, 1, 1], squash: true, width: 40).ResizedSize(100, 90));
        string json = JsonSerializer.Serialize(cut, JsonFile.Options);
        Assert.Equal(cut, JsonSerializer.Deserialize<Preprocessing>(json, JsonFile.Options));
        Assert.NotEqual(cut, new Preprocessing(48, 24, [0.5f, 0.4f, 0.3f], [0.2f, 0.3f, 0.4f]));
        Assert.Equal(new Preprocessing(null, 24, [0, 0, 0], [1, 1, 1]), new Preprocessing(null, 24, [0, 0, 0], [1, 1, 1], width: 24));
    }

    [Fact]
    public void Settings_that_cannot_be_used_are_refused()
    {
        Assert.All(new Func<Preprocessing>[]
        {
            () => Preprocessing.ImageNet(null, null),
            () => Preprocessing.ImageNet(0, 4),
            () => Preprocessing.ImageNet(4, -1),
            () => new Preprocessing(4, 4, [0, 0], [1, 1, 1]),
            () => new Preprocessing(4, 4, [0, 0, float.NaN], [1, 1, 1]),
            () => new Preprocessing(4, 4, [0, 0, 0], [1, 0, 1]),
            () => new Preprocessing(4, 4, [0, 0, 0], [1, 1, 1], width: 0),
            () => new Preprocessing(4, null, [0, 0, 0], [1, 1, 1], width: 8),
        }, make => Assert.Equal(FailureKind.Configuration, Assert.Throws<FoveaException>(make).Kind));
    }

    [Fact]
    public void Without_a_crop_a_picture_of_another_shape_is_refused()
    {
        var error = Assert.Throws<FoveaException>(
            () => Preprocessing.ImageNet(16, null).Apply(new RgbImage(20, 10, new byte[600]), 0, new float[768]));
        Assert.Contains("crop", error.Message);
    }
}
