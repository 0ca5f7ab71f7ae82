using Fovea.Datasets;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interventions.Circuits;
using Fovea.Models;
using Fovea.Numerics;

namespace Fovea.Bench;

/// <summary>
/// A circuit of a class of ResNet18 at 64 px, <c>layer3</c> to <c>layer4</c>, 200 images, 50 nodes and 100 edges, everything put to the test:
/// the whole of <c>fovea circuit</c> but for the reading of the run. Images are noise in memory, weights random, dictionaries TopK (4,096
/// latents, k = 32). What is held at most is printed for other numbers of nodes.
/// </summary>
internal static class CircuitBench
{
    private const int Side = 64, Latents = 4096, K = 32;

    public static void Run()
    {
        using ImageModel model = ImageModel.Create("resnet18", 200, GradientFlow.Standard, Preprocessing.ImageNet(null, Side), seed: 1);
        using TopKAutoencoder first = Dictionary(256), second = Dictionary(512);
        using var images = new Noise();
        CircuitDocument Find(int nodes, int count) => CircuitStudy.Find(
            model, new CircuitLayer(UnitGroup.Latents("layer3", "topk", first)), new CircuitLayer(UnitGroup.Latents("layer4", "topk", second)),
            CircuitTarget.OfClass(7), new CircuitTargetRecord("class", "7", 7, null, null, null), images, new CircuitOptions
            {
                Nodes = nodes,
                ChosenOn = [.. Enumerable.Range(0, count / 2)],
                JudgedOn = [.. Enumerable.Range(count / 2, count / 2)],
            });
        Find(4, 8);
        foreach (int nodes in (int[])[10, 50])
        {
            CircuitDocument? found = null;
            double seconds = Pairs.Seconds(() => found = Find(nodes, 200));
            Console.WriteLine(FormattableString.Invariant(
                $"a circuit of ResNet18, 64 px, layer3 to layer4, 200 images, {found!.Nodes.Count} nodes, {found.Edges.Count} edges, test included: {seconds:0.0} s, target ≤ 120 s on 2 cores; the process holds {Environment.WorkingSet / 1048576.0:0} MB"));
        }
    }

    private static TopKAutoencoder Dictionary(int channels)
    {
        var dictionary = new TopKAutoencoder(channels, Latents, K);
        dictionary.Initialize(1);
        return dictionary;
    }

    private sealed class Noise : IImageSource
    {
        public string Description => "noise";

        public ClassList Classes { get; } = new([]);

        public int Count => 200;

        public string Fingerprint => "noise";

        public string Id(int index) => $"noise/{index}";

        public int Label(int index) => -1;

        public RgbImage Read(int index)
        {
            var random = new CounterRandom(1, "bench/circuits", index);
            var pixels = new byte[3 * Side * Side];
            for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)random.NextInt(256);
            return new RgbImage(Side, Side, pixels);
        }

        public void Dispose()
        {
        }
    }
}
