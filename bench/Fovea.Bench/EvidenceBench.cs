using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Models;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// The streaming pass for the 4,096 latents of a TopK dictionary (k = 32), everything it collects included, against the forward pass to the
/// layer alone, on the same images by the same loader. Images are noise in memory, of the network's size, weights random: what is done does
/// not depend on what is seen. The target is 1.15.
/// </summary>
internal static class EvidenceBench
{
    private const int Latents = 4096, K = 32;

    public static void Run()
    {
        Row(64, 1000, 100);
        Row(224, 40, 20);
    }

    private static void Row(int size, int images, int batch)
    {
        using var network = ImageModel.Create("resnet18", 200, GradientFlow.Standard);
        network.Initialise(1);
        network.Eval();
        network.SetTrainable(false);
        using var dictionary = AutoencoderVariants.Create(Sae.TopK(K) with { LatentSize = Latents, Seed = 1 }, 512);
        dictionary.Initialize(1);
        using var source = new NoiseSource(images, size);
        var preprocessing = Preprocessing.ImageNet(null, size);
        UnitGroup[] groups = [UnitGroup.Latents("layer4", "topk", dictionary)];
        var options = new TopExamplesOptions { BatchSize = batch };
        Pairs.Compare(FormattableString.Invariant($"evidence, ResNet18 layer4, {size} px, {Latents} latents"), "forward",
            () => TopExamples.Collect(network.With(preprocessing), groups, source, options),
                () => Forward(network, source, preprocessing, batch), 7, images, "images", "≤ 1.15");
    }

    private static void Forward(ImageModel network, NoiseSource source, Preprocessing preprocessing, int batch)
    {
        var taps = new Probe("layer4");
        foreach (ImageBatch loaded in new ImageLoader(source, preprocessing, new LoaderOptions { BatchSize = batch }).Load(
            [.. Enumerable.Range(0, source.Count)]))
        {
            using var scope = NewDisposeScope();
            using var quiet = no_grad();
            network.Forward(loaded.ToTensor(), taps);
        }
    }

    private sealed class NoiseSource(int count, int size) : IImageSource
    {
        private readonly RgbImage[] _images = [.. Enumerable.Range(0, count).Select(i => Noise(i, size))];

        public string Description => "noise";

        public ClassList Classes { get; } = new([.. Enumerable.Range(0, 200).Select(i => new ClassInfo($"{i}", $"{i}"))]);

        public int Count => _images.Length;

        public string Fingerprint => "noise";

        public string Id(int index) => $"{index}";

        public int Label(int index) => index % 200;

        public RgbImage Read(int index) => _images[index];

        public void Dispose()
        {
        }

        private static RgbImage Noise(int index, int size)
        {
            var random = new CounterRandom(1, "bench/noise", index);
            var pixels = new byte[size * size * 3];
            for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)random.NextInt(256);
            return new RgbImage(size, size, pixels);
        }
    }
}
