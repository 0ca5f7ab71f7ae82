using System.Text.Json;
using Fovea.Datasets;
using Fovea.Imaging;
using Xunit;

namespace Fovea.Tests.Imaging;

/// <summary>Real photographs against the values that torchvision and Pillow gave for the same files.</summary>
public sealed class ReferencePreprocessingTests
{
    [Fact]
    public void Channel_means_of_the_imagenet_sample_equal_torchvisions()
    {
        using JsonDocument reference = JsonDocument.Parse(File.ReadAllBytes(SharedData.Path("reference/mobilenet_v2.json")));
        using IImageSource source = ImageSources.Open(
            SharedData.Path("data/imagenet-sample.tar"),
                new ImageSourceOptions { Classes = SharedData.Path("data/imagenet_classes.tsv"), Split = "val" });
        Assert.Equal(800, source.Count);
        Assert.Equal(1000, source.Classes.Count);
        Preprocessing preprocessing = Preprocessing.ImageNet(256, 224);
        var input = new float[3 * 224 * 224];
        int index = 0;
        double worst = 0;
        foreach (JsonElement expected in reference.RootElement.GetProperty("first").EnumerateArray())
        {
            Assert.Equal(expected.GetProperty("image").GetString(), "imagenet-sample/" + source.Id(index));
            preprocessing.Apply(source.Read(index), 0, input);
            for (int channel = 0; channel < 3; channel++)
            {
                double mean = input.AsSpan(channel * 224 * 224, 224 * 224).ToArray().Average(value => (double)value);
                worst = Math.Max(worst, Math.Abs(mean - expected.GetProperty("meanInput")[channel].GetDouble()));
            }
            index++;
        }
        Assert.Equal(16, index);
        TestContext.Current.TestOutputHelper?.WriteLine($"largest difference {worst:G3}");
        Assert.InRange(worst, 0, 0.005);
    }

    [Fact]
    public void Real_jpegs_cut_short_are_damaged()
    {
        using var tree = new TarTree(SharedData.Path("data/tiny-imagenet-200.tar"));
        TreeFile[] images = [.. tree.Files.Where(file => file.Name.EndsWith(".JPEG", StringComparison.Ordinal))];
        for (int i = 0; i < images.Length; i += 400)
        {
            byte[] whole = tree.Read(images[i].Name);
            for (int cut = 1; cut < whole.Length; cut = cut * 2 + 7)
                Assert.Throws<DamagedImageException>(() => ImageCodec.Decode(whole.AsSpan(0, whole.Length - cut), images[i].Name));
        }
    }
}
