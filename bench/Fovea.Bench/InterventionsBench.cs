using System.Globalization;
using Fovea.Datasets;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Interventions;
using Fovea.Interventions.Effects;
using Fovea.Models;
using Fovea.Models.Edits;
using Fovea.Numerics;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// Effects of single units of ResNet18 at 224 px, 1,000 classes, beside the loop that anybody would write: for each unit the whole network
/// on all images with a hook that changes the layer. The loop is measured on some units and images and scaled to as many as ours are
/// measured on. Images are noise in memory, weights random, dictionaries TopK (4,096 latents, k = 32).
/// </summary>
internal static class InterventionsBench
{
    private const int Side = 224, Classes = 1000, LoopUnits = 20, LoopImages = 200, Batch = 32, Latents = 4096, K = 32;

    public static void Run()
    {
        using ImageModel model = ImageModel.Create("resnet18", Classes, GradientFlow.Standard, Preprocessing.ImageNet(null, Side), seed: 1);
        // FOVEA_BENCH_SHARE: a part of the images and units, for a look at the rows.
        double share = double.Parse(Environment.GetEnvironmentVariable("FOVEA_BENCH_SHARE") ?? "1", CultureInfo.InvariantCulture);
        int Part(int whole) => Math.Max(1, (int)(whole * share));
        using var few = new NoiseImages(Part(LoopImages));
        double pass = Loop(model, "layer4", few, Part(LoopUnits));
        Console.WriteLine(FormattableString.Invariant(
            $"the loop: {1000 * pass:0.00} ms an image and unit ({Part(LoopUnits)} units x {few.Count} images, batches of {Batch}, libtorch)"));

        using var thousand = new NoiseImages(Part(1000));
        // No direction is silent: each changes every image.
        Row(model, "1,000 directions of layer4 set to 0", thousand, pass, "≤ 0.003", Directions(Part(1000)), [.. Enumerable.Range(0, Part(1000))]);
        Row(model, "20 neurons of layer3 set to 0", few, pass, "≤ 0.3",
            EffectUnits.Neurons("layer3"), [.. Enumerable.Range(0, Part(LoopUnits))]);
        using var some = new NoiseImages(Part(32));
        Row(model, "1,000 latents of layer3 set to 0", some, pass, "≤ 0.3 x firing + 0.01",
            Make(model, "layer3"), [.. Enumerable.Range(0, Part(1000))]);
        Memory(model);
    }

    private static EffectUnits Directions(int count)
    {
        var random = new CounterRandom(1, "bench/interventions/directions", 0);
        return EffectUnits.Directions(
            "layer4", [.. Enumerable.Range(0, count).Select(_ => (float[])[.. Enumerable.Range(0, 512).Select(_ => (float)random.NextGaussian())])]);
    }

    private static EffectUnits Make(ImageModel model, string layer)
    {
        var dictionary = new TopKAutoencoder(model.Layers.First(one => one.Name == layer).Shape[0], Latents, K);
        dictionary.Initialize(1);
        return EffectUnits.Latents(layer, dictionary, DictionaryError.Kept);
    }

    private static void Row(
        ImageModel model, string name, NoiseImages images, double pass, string target, EffectUnits units, int[] some)
    {
        long pairs = 0, active = 0;
        var options = new EffectOptions { Sets = [.. some.Select(unit => (int[])[unit])], BatchSize = Batch, Predict = false };
        double seconds = Pairs.Seconds(() => EffectEvaluator.Evaluate(model, units, UnitOperation.Zero, images, options, one =>
        {
            pairs++;
            if (!one.Silent) active++;
        }));
        double ratio = seconds / (pairs * pass), firing = (double)active / pairs;
        string limit = target.Contains("firing", StringComparison.Ordinal) ? FormattableString.Invariant($" = {0.3 * firing + 0.01:0.0000}") : "";
        Console.WriteLine(FormattableString.Invariant(
            $"{name} x {images.Count} images: {seconds:0.0} s, the loop scaled {pairs * pass:0} s: ratio {ratio:0.0000}, target {target}{limit}; something changes in {firing:0.000} of them"));
    }

    /// <summary>What anybody would write: seconds an image and unit.</summary>
    private static double Loop(ImageModel model, string layer, NoiseImages images, int units)
    {
        using var quiet = no_grad();
        Tensor[] batches = [.. Enumerable.Range(0, images.Count).Chunk(Batch).Select(some => Pixels(model, images, some).DetachFromDisposeScope())];
        void Unit(int unit)
        {
            foreach (Tensor batch in batches)
            {
                using var scope = NewDisposeScope();
                Tensor kept = ones([1, 512, 1, 1]);
                kept[0, unit] = 0;
                model.Forward(batch, new Probe { Output = true }.With(layer, output => output * kept));
            }
        }
        Unit(0);
        double seconds = Pairs.Seconds(() =>
        {
            for (int unit = 0; unit < units; unit++) Unit(unit);
        });
        foreach (Tensor batch in batches) batch.Dispose();
        return seconds / units / images.Count;
    }

    /// <summary>What the process holds at most, by the number of interventions.</summary>
    private static void Memory(ImageModel model)
    {
        using var images = new NoiseImages(32);
        EffectUnits units = Make(model, "layer4");
        void Evaluate(int count) => EffectEvaluator.Evaluate(model, units, UnitOperation.Zero, images, new EffectOptions
        {
            Sets = [.. Enumerable.Range(0, count).Select(unit => (int[])[unit])],
            Predict = false,
        });
        Evaluate(16);
        foreach (int count in (int[])[64, 512, Latents])
        {
            Evaluate(count);
            Console.WriteLine(FormattableString.Invariant($"memory of the process after {count} interventions: {Environment.WorkingSet / 1048576.0:0} MB"));
        }
    }

    private static Tensor Pixels(ImageModel model, NoiseImages images, int[] some)
    {
        using var scope = NewDisposeScope();
        return cat([.. some.Select(image =>
        {
            var pixels = new float[3 * Side * Side];
            model.Preprocessing.Apply(images.Read(image), image, pixels);
            return tensor(pixels, [1, 3, Side, Side]);
        })]).MoveToOuterDisposeScope();
    }

    /// <summary>Noise of the network's size, made anew each time that it is read.</summary>
    private sealed class NoiseImages(int count) : IImageSource
    {
        public string Description => "noise";

        public ClassList Classes { get; } = new([.. Enumerable.Range(0, InterventionsBench.Classes).Select(i => new ClassInfo($"c{i}", $"c{i}"))]);

        public int Count => count;

        public string Fingerprint => $"noise-{count}";

        public string Id(int index) => $"noise/{index}";

        public int Label(int index) => index % InterventionsBench.Classes;

        public RgbImage Read(int index)
        {
            var random = new CounterRandom(1, "bench/interventions", index);
            var pixels = new byte[3 * Side * Side];
            for (int i = 0; i < pixels.Length; i += 8)
            {
                ulong eight = random.NextUInt64();
                for (int j = i; j < Math.Min(i + 8, pixels.Length); j++) pixels[j] = (byte)(eight >> (8 * (j - i)));
            }
            return new RgbImage(Side, Side, pixels);
        }

        public void Dispose()
        {
        }
    }
}
