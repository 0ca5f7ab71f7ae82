using Fovea.Activations;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Imaging;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// Harvesting one layer with the magnitude filter, from the images' files to shards on disk, against the bare forward pass to that layer on
/// images in memory. On a machine whose cores the forward pass fills, decoding has to come out of the difference; so the harvest from
/// memory is shown too.
/// </summary>
internal static class HarvestBench
{
    public static void Run(string data)
    {
        if (!File.Exists(Path.Combine(data, "tiny-imagenet-200.tar")))
        {
            Console.WriteLine($"skipped: {data} lacks the images");
            return;
        }
        One(data, "resnet18", "resnet18-tiny-imagenet.pth", "tiny-imagenet-200.tar", null, "layer4", Preprocessing.ImageNet(null, 64), 200,
            800, 100);
        One(data, "resnet18", "resnet18-tiny-imagenet.pth", "tiny-imagenet-200.tar", null, "layer3", Preprocessing.ImageNet(null, 64), 200,
            800, 100);
        One(data, "mobilenet_v2", "mobilenet_v2-imagenet.pth", "imagenet-sample.tar", "imagenet_classes.tsv", "features.18",
            Preprocessing.ImageNet(256, 224), 1000, 160, 20);
    }

    private static void One(
        string data, string architecture, string weights, string tar, string? classes, string layer, Preprocessing preprocessing,
            int outputs, int images, int batch)
    {
        using var network = ImageModel.Create(architecture, outputs, GradientFlow.Standard);
        using (var state = StateDict.Load(Path.Combine(data, weights))) network.CopyFrom(state, architecture);
        network.Eval();
        network.SetTrainable(false);
        using var source = ImageSources.Open(
            Path.Combine(data, tar),
                new ImageSourceOptions { Classes = classes is null ? null : Path.Combine(data, classes), Limit = images });
        ImageBatch[] memory =
            [.. new ImageLoader(source, preprocessing, new LoaderOptions { BatchSize = batch }).Load(
                [.. Enumerable.Range(0, source.Count)])];
        using var pixels = new MemorySource(source, preprocessing);
        string root = Directory.CreateTempSubdirectory("fovea-bench-").FullName;
        try
        {
            var taps = new Probe(layer);
            var options = new HarvestOptions { Layers = [layer], Filters = ["magnitude"], BatchSize = batch };
            int run = 0;
            void Harvest(IImageSource from, Preprocessing how)
            {
                string folder = Path.Combine(root, run++.ToString());
                new Harvester(network.With(how), from, options).Run([.. Enumerable.Range(0, source.Count)], folder);
                Directory.Delete(folder, recursive: true);
            }
            void Bare()
            {
                foreach (var one in memory) Forward(network, taps, one);
            }
            string what = $"{architecture} {layer}";
            Pairs.Compare(
                $"harvest from files, {what}", "bare forward pass from memory", () => Harvest(source, preprocessing), Bare, 3, source.Count,
                    "images", "speed ratio ≥ 0.90");
            Pairs.Compare($"harvest of decoded images, {what}", "bare forward pass from memory",
                () => Harvest(pixels, new Preprocessing(null, preprocessing.Crop, preprocessing.Mean, preprocessing.Std)), Bare, 3,
                    source.Count, "images", "speed ratio ≥ 0.90");
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static void Forward(ImageModel network, Probe taps, ImageBatch batch)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        network.Forward(batch.ToTensor(), taps);
    }

    /// <summary>The same images, decoded, resized and cropped beforehand.</summary>
    internal sealed class MemorySource(IImageSource inner, Preprocessing preprocessing) : IImageSource
    {
        private readonly RgbImage[] _images = [.. Enumerable.Range(0, inner.Count).Select(i => preprocessing.ApplyToPixels(inner.Read(i)))];

        public string Description => inner.Description;

        public ClassList Classes => inner.Classes;

        public int Count => inner.Count;

        public string Fingerprint => inner.Fingerprint;

        public string Id(int index) => inner.Id(index);

        public int Label(int index) => inner.Label(index);

        public RgbImage Read(int index) => _images[index];

        public void Dispose()
        {
        }
    }
}
