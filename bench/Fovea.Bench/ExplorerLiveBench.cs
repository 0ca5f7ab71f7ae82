using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interpretation;
using Fovea.Interventions;
using Fovea.Interventions.Studies;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// What a reader of the explorer waits for, of ResNet18 at 224 px with dictionaries of 4,096 latents (k = 32): an image to its units, and a
/// step of a slider to the new prediction, beside a whole pass in which the layer's output is changed on the way. Weights are drawn and images
/// are noise: what is done does not depend on what is seen.
/// </summary>
internal static class ExplorerLiveBench
{
    private const int Side = 224, Latents = 4096, K = 32, Steps = 200, Images = 21;

    private static readonly (string Layer, int Channels, double Target)[] Layers = [("layer2", 128, 100), ("layer4", 512, 30)];

    public static void Run()
    {
        var random = new CounterRandom(1, "bench/explorer-live", 0);
        using ImageModel model = ImageModel.Create("resnet18", 1000, GradientFlow.Standard, Preprocessing.ImageNet(256, Side), seed: 1);
        var dictionaries = Layers.ToDictionary(one => one.Layer, one =>
        {
            var made = new TopKAutoencoder(one.Channels, Latents, K);
            made.Initialize(1);
            return made;
        });
        var network = new NetworkStudy(model, [.. Layers.Select(one => one.Layer)]);
        RgbImage[] pictures = [.. Enumerable.Range(0, 3).Select(_ => Noise(random, 640, 480))];
        long before = Resident();

        double[] own = new double[Images], plain = new double[Images];
        for (int i = 0; i < Images; i++)
        {
            RgbImage picture = pictures[i % pictures.Length];
            plain[i] = Pairs.Seconds(() => Forward(model, picture));
            own[i] = Pairs.Seconds(() =>
            {
                using ImageStudy study = network.Read(picture);
                foreach (var (layer, _, _) in Layers) _ = study.Units(UnitGroup.Latents(layer, "topk", dictionaries[layer])).Ranked;
            });
        }
        Console.WriteLine(FormattableString.Invariant(
            $"own image of 640 x 480 to the units of both layers: p50 {1000 * At(own, 0.5):0.0} ms, p95 {1000 * At(own, 0.95):0.0} ms; its forward pass {1000 * At(plain, 0.5):0.0} ms; more than that pass {1000 * (At(own, 0.5) - At(plain, 0.5)):0.0} ms, target ≤ 150 ms"));

        using ImageStudy one = network.Read(pictures[0]);
        foreach (var (layer, _, target) in Layers)
        {
            TopKAutoencoder dictionary = dictionaries[layer];
            int unit = one.Units(UnitGroup.Latents(layer, "topk", dictionary)).Ranked[0].Unit;
            foreach (DictionaryError error in Enum.GetValues<DictionaryError>())
            {
                var splice = new Intervention(layer, new Latents(dictionary, DictionaryError.Dropped), UnitOperation.Scale(1));
                IReadOnlyList<float> Step(int i) =>
                    error == DictionaryError.Kept ? one.With(Change(i, error)) : one.With(splice, Change(i, error));
                Intervention Change(int i, DictionaryError how) =>
                    new(layer, new Latents(dictionary, how, unit), UnitOperation.Scale(i % 9 * 0.5 - 1));

                Step(0);
                double[] steps = new double[Steps], whole = new double[Steps / 10];
                for (int i = 0; i < Steps; i++)
                {
                    if (i % 10 == 0) whole[i / 10] = Pairs.Seconds(() => Hooked(model, pictures[0], layer, Change(i, error)));
                    int number = i;
                    steps[i] = Pairs.Seconds(() => Step(number));
                }
                Console.WriteLine(FormattableString.Invariant(
                    $"slider step at {layer}, error {error.ToString().ToLowerInvariant()}: p50 {1000 * At(steps, 0.5):0.0} ms, p95 {1000 * At(steps, 0.95):0.0} ms of {Steps}, target ≤ {target} ms; whole pass with a hook {1000 * At(whole, 0.5):0.0} ms"));
            }
        }
        Console.WriteLine(FormattableString.Invariant(
            $"memory: {(Resident() - before) / 1048576.0:0} MB more than with the network and two dictionaries open; one image holds {one.Bytes / 1048576.0:0.0} MB"));
        foreach (TopKAutoencoder dictionary in dictionaries.Values) dictionary.Dispose();
    }

    private static void Forward(ImageModel model, RgbImage picture)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        model.Forward(Pixels(model, picture));
    }

    private static void Hooked(ImageModel model, RgbImage picture, string layer, Intervention change)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        model.Forward(Pixels(model, picture), new Probe { Output = true }.With(layer, output => change.Apply(output)));
    }

    private static Tensor Pixels(ImageModel model, RgbImage picture)
    {
        var pixels = new float[3 * Side * Side];
        model.Preprocessing.Apply(picture, 0, pixels);
        return tensor(pixels, [1, 3, Side, Side]);
    }

    private static RgbImage Noise(CounterRandom random, int width, int height)
    {
        var pixels = new byte[3 * width * height];
        for (int i = 0; i < pixels.Length; i++) pixels[i] = (byte)random.NextInt(256);
        return new RgbImage(width, height, pixels);
    }

    private static double At(double[] times, double share)
    {
        double[] sorted = [.. times.Order()];
        return sorted[Math.Min(sorted.Length - 1, (int)Math.Ceiling(share * sorted.Length) - 1)];
    }

    private static long Resident()
    {
        GC.Collect();
        return Environment.WorkingSet;
    }
}
