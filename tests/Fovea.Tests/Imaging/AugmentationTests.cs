using System.Security.Cryptography;
using System.Text.Json;
using Fovea.Imaging;
using Fovea.Numerics;
using Xunit;

namespace Fovea.Tests.Imaging;

public sealed class AugmentationTests
{
    [Fact]
    public void Colour_adjustments_equal_pillows_bit_for_bit()
    {
        RgbImage source = ImagingFixture.Image(ImagingFixture.Root.GetProperty("small"));
        foreach (JsonElement expected in ImagingFixture.Root.GetProperty("coloured").EnumerateArray())
        {
            string name = expected.GetProperty("adjustment").GetString()!;
            double factor = expected.GetProperty("factor").GetDouble();
            byte[] pixels = [.. source.Pixels];
            if (name == "brightness") ColourAdjustments.Brightness(pixels, factor);
            else if (name == "contrast") ColourAdjustments.Contrast(pixels, factor);
            else if (name == "saturation") ColourAdjustments.Saturation(pixels, factor);
            else ColourAdjustments.Hue(pixels, factor);
            ImagingFixture.RequireEqual(
                ImagingFixture.Image(expected), new RgbImage(source.Width, source.Height, pixels), $"{name} {factor}");
        }
    }

    [Fact]
    public void Hues_of_colours_from_the_whole_cube_equal_pillows()
    {
        var cube = new byte[52 * 52 * 52 * 3];
        for (int i = 0; i < cube.Length / 3; i++)
            (cube[i * 3], cube[i * 3 + 1], cube[i * 3 + 2]) = ((byte)(i / 2704 * 5), (byte)(i / 52 % 52 * 5), (byte)(i % 52 * 5));
        foreach (JsonElement expected in ImagingFixture.Root.GetProperty("hues").EnumerateArray())
        {
            byte[] turned = [.. cube];
            ColourAdjustments.Hue(turned, expected.GetProperty("turn").GetDouble());
            Assert.Equal(expected.GetProperty("sha256").GetString(), Convert.ToHexStringLower(SHA256.HashData(turned)));
        }
    }

    [Fact]
    public void Crops_and_erasures_are_torchvisions_for_the_same_random_numbers()
    {
        var options = new AugmentationOptions();
        foreach (JsonElement expected in ImagingFixture.Root.GetProperty("boxes").EnumerateArray())
        {
            int width = expected[0].GetInt32(), height = expected[1].GetInt32(), item = expected[2].GetInt32();
            Assert.Equal(
                ImagingFixture.Box(expected[3]), RandomRectangle.Crop(width, height, options, new CounterRandom(11, "crop", item)));
            PixelBox? erased = expected[4].ValueKind == JsonValueKind.Null ? null : ImagingFixture.Box(expected[4]);
            Assert.Equal(erased, RandomRectangle.Erasure(width, height, options, new CounterRandom(11, "erase", item)));
        }
    }

    [Fact]
    public void Whole_augmentations_equal_a_second_implementation_on_pillow()
    {
        RgbImage source = ImagingFixture.Image(ImagingFixture.Root.GetProperty("source"));
        JsonElement reference = ImagingFixture.Root.GetProperty("augmented");
        int size = reference.GetProperty("size").GetInt32();
        Preprocessing preprocessing = Preprocessing.ImageNet(null, size);
        var augmentation = new Augmentation(new AugmentationOptions(), preprocessing, reference.GetProperty("seed").GetUInt64());
        float[] input = new float[3 * size * size], expectedInput = new float[3 * size * size];
        int erasures = 0;
        foreach (JsonElement expected in reference.GetProperty("items").EnumerateArray())
        {
            preprocessing.Normalise(ImagingFixture.Image(expected).Pixels, expectedInput);
            if (expected.GetProperty("erased") is { ValueKind: JsonValueKind.Array } erased)
            {
                PixelBox box = ImagingFixture.Box(erased);
                erasures++;
                for (int c = 0; c < 3; c++)
                {
                    for (int y = 0; y < box.Height; y++)
                        expectedInput.AsSpan((c * size + box.Top + y) * size + box.Left, box.Width).Clear();
                }
            }
            augmentation.Apply(source, expected.GetProperty("item").GetInt64(), input);
            Assert.Equal(expectedInput, input);
        }
        Assert.InRange(erasures, 1, 7);
    }

    [Fact]
    public void Draws_depend_on_seed_and_item_alone()
    {
        RgbImage source = ImagingFixture.Image(ImagingFixture.Root.GetProperty("source"));
        Preprocessing preprocessing = Preprocessing.ImageNet(null, 16);
        float[] Run(ulong seed, long item)
        {
            var input = new float[768];
            new Augmentation(new AugmentationOptions(), preprocessing, seed).Apply(source, item, input);
            return input;
        }
        Assert.Equal(Run(1, 5), Run(1, 5));
        Assert.NotEqual(Run(1, 5), Run(1, 6));
        Assert.NotEqual(Run(1, 5), Run(2, 5));
    }

    [Fact]
    public void Nothing_asked_for_is_the_preprocessing()
    {
        RgbImage source = ImagingFixture.Image(ImagingFixture.Root.GetProperty("source"));
        Preprocessing preprocessing = Preprocessing.ImageNet(20, 16);
        float[] plain = new float[768], augmented = new float[768];
        preprocessing.Apply(source, 0, plain);
        new Augmentation(AugmentationOptions.None, preprocessing, 3).Apply(source, 9, augmented);
        Assert.Equal(plain, augmented);
    }

    [Fact]
    public void Flips_and_erasures_come_as_often_as_asked()
    {
        var source = new RgbImage(2, 2, [255, 0, 0, 0, 0, 255, 255, 0, 0, 0, 0, 255]);
        Preprocessing preprocessing = new(null, 2, [0, 0, 0], [1, 1, 1]);
        var flip = new Augmentation(AugmentationOptions.None with { Flip = 0.25 }, preprocessing, 4);
        var input = new float[12];
        int flipped = 0;
        for (int item = 0; item < 2000; item++)
        {
            flip.Apply(source, item, input);
            if (input[0] == 0) flipped++;
        }
        // Binomial(2000, 0.25): standard deviation 19.
        Assert.InRange(flipped, 500 - 90, 500 + 90);

        var white = new RgbImage(32, 32, [.. Enumerable.Repeat((byte)255, 32 * 32 * 3)]);
        Preprocessing whole = new(null, 32, [0, 0, 0], [1, 1, 1]);
        var erase = new Augmentation(AugmentationOptions.None with { Erasing = 0.5 }, whole, 4);
        var large = new float[3 * 32 * 32];
        int erased = 0;
        for (int item = 0; item < 1000; item++)
        {
            erase.Apply(white, item, large);
            double part = large.Count(value => value == 0) / (double)large.Length;
            if (part == 0) continue;
            erased++;
            Assert.InRange(part, 0.01, 0.36);
        }
        Assert.InRange(erased, 500 - 80, 500 + 80);
    }

    [Fact]
    public void Options_that_cannot_be_used_are_refused_by_name()
    {
        var wrong = new (AugmentationOptions Options, string Name)[]
        {
            (new() { Flip = 1.5 }, "flip"), (new() { Hue = 0.6 }, "hue"), (new() { Brightness = -1 }, "brightness"),
                (new() { Erasing = double.NaN }, "erasing"),
            (new() { CropScaleMinimum = 0 }, "cropScale"), (new() { CropRatioMinimum = 2 }, "cropRatio"),
                (new() { EraseScaleMaximum = 2 }, "eraseScale"),
        };
        Assert.All(wrong, pair =>
        {
            var error = Assert.Throws<FoveaException>(() => new Augmentation(pair.Options, Preprocessing.ImageNet(null, 8), 0));
            Assert.Equal(FailureKind.Configuration, error.Kind);
            Assert.Contains(pair.Name, error.Message);
        });
    }
}
