using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interpretation.Attribution;
using Fovea.Models;
using Fovea.Numerics;

namespace Fovea.Bench;

/// <summary>
/// The streaming pass for the 4,096 latents of a TopK dictionary (k = 32), everything it collects included, against the forward pass to the
/// layer alone by the fastest engine, on the same images by the same loader; and maps that need gradients. Images are noise in memory, of
/// the network's size, weights random: what is done does not depend on what is seen. Of ResNet18 the target is 1.15; elsewhere, where the
/// layer's product with the dictionary is as much work as the network, the forward pass and 1.2 times that product by our own tiles.
/// </summary>
internal static class EvidenceBench
{
    private const int Latents = 4096, K = 32, PairCount = 9;

    public static void Run()
    {
        double limit = MachineBench.Product(2048);
        Console.WriteLine(FormattableString.Invariant($"a matrix product: {limit / 1e9:0} GFLOP/s; flags {Processor.Flags}"));
        Row("resnet18", "layer4", 512, 64, 1000, 100, limit);
        Row("resnet18", "layer4", 512, 224, 200, 20, limit);
        Row("mobilenet_v2", "features.18", 1280, 224, 200, 20, limit);
        Gradients("resnet18", "layer4", 224, 40, 20);
        Gradients("mobilenet_v2", "features.18", 224, 40, 20);
    }

    private static void Row(string architecture, string layer, int channels, int size, int images, int batch, double limit)
    {
        if (!Rows.Wanted(architecture)) return;
        using var network = Network(architecture);
        using var dictionary = AutoencoderVariants.Create(Sae.TopK(K) with { LatentSize = Latents, Seed = 1 }, channels);
        dictionary.Initialize(1);
        using var source = new NoiseSource(images, size);
        var preprocessing = Preprocessing.ImageNet(null, size);
        UnitGroup[] groups = [UnitGroup.Latents(layer, "topk", dictionary)];
        var options = new TopExamplesOptions { BatchSize = batch };
        int side = (size + 31) / 32;
        string what = FormattableString.Invariant($"evidence, {architecture} {layer}, {size} px, {Latents} latents");
        void Collect() => TopExamples.Collect(network.With(preprocessing), groups, source, options);
        // The least that latents of all these positions take; a fifth more of them is 1.2 times the product.
        int rows = images * side * side;
        using OwnProduct once = new(new float[rows * channels], dictionary), product = new(new float[rows * 6 / 5 * channels], dictionary);
        var (ours, _) = Pairs.Compare(what, "forward", Collect, () => Forward(network, layer, source, preprocessing, batch), PairCount, images,
            "images", architecture == "resnet18" ? "≤ 1.15" : "stated");
        Pairs.Compare(what, "forward and 1.2 x the product of vectors and dictionary", Collect, () =>
        {
            Forward(network, layer, source, preprocessing, batch);
            product.Run();
        }, PairCount, images, "images", "≤ 1");
        once.Run();
        double seconds = Pairs.Median([.. Enumerable.Range(0, PairCount).Select(_ => Pairs.Seconds(once.Run))]);
        double operations = images * Operations.Of(network.With(preprocessing), layer, size) + 2.0 * rows * channels * Latents;
        using ModelReader reader = network.With(preprocessing).Reader(new Probe(layer));
        Console.WriteLine(FormattableString.Invariant(
            $"  the product alone {1e3 * seconds:0} ms of {1e3 * ours:0}; {operations / ours / 1e9:0} GFLOP/s, {operations / ours / limit:0.00} of a matrix product's; read by {reader.Engine.InWords}; {Processor.Flags}"));
        EvidenceParts.Print(dictionary, channels, side, images, batch);
    }

    /// <summary>Grad-CAM of every image: a forward pass to the answer, and back to the layer.</summary>
    private static void Gradients(string architecture, string layer, int size, int images, int batch)
    {
        if (!Rows.Wanted(architecture)) return;
        using var network = Network(architecture);
        using var source = new NoiseSource(images, size);
        var preprocessing = Preprocessing.ImageNet(null, size);
        var options = new CamOptions { Methods = ["gradcam"], BatchSize = batch };
        Pairs.Compare(FormattableString.Invariant($"Grad-CAM, {architecture} {layer}, {size} px"), "forward",
            () => CamSurvey.Measure(network.With(preprocessing), layer, source, options),
            () => Forward(network, layer, source, preprocessing, batch), PairCount, images, "images", "stated");
    }

    private static ImageModel Network(string architecture)
    {
        ImageModel network = ImageModel.Create(architecture, 200, GradientFlow.Standard, seed: 1);
        network.Eval();
        network.SetTrainable(false);
        return network;
    }

    private static void Forward(ImageModel network, string layer, NoiseSource source, Preprocessing preprocessing, int batch)
    {
        using ModelReader reader = network.With(preprocessing).Reader(new Probe(layer));
        foreach (var (_, values) in reader.Read(
            new ImageLoader(source, preprocessing, new LoaderOptions { BatchSize = batch }).Load([.. Enumerable.Range(0, source.Count)])))
            values!.Dispose();
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
