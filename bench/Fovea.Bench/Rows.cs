using Fovea.Activations;
using Fovea.Checkpoints;
using Fovea.Datasets;
using Fovea.Dictionaries;
using Fovea.Dictionaries.Kernels;
using Fovea.Dictionaries.Sparse;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Training;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using static TorchSharp.torch;
using static TorchSharp.torch.nn.functional;

namespace Fovea.Bench;

/// <summary>
/// The hot loops alone, one number a row and nothing beside it: what <c>bench/against.sh</c> runs in alternating processes of two builds.
/// The older build gets a file of the same rows in its own API (<c>bench/against/COMMIT/Rows.cs</c>).
/// </summary>
internal static class Rows
{
    public static void Run(string data)
    {
        Step("sae topk n=4096 batch=1024", "topk", 32, warmup: 30, steps: 30);
        Step("sae l1 n=4096 batch=1024", "l1", 4.8, warmup: 120, steps: 20);
        if (!File.Exists(Path.Combine(data, "resnet18-tiny-imagenet.pth"))) return;
        Harvest(data, "resnet18", "resnet18-tiny-imagenet.pth", "tiny-imagenet-200.tar", null, "layer4", 64, 200, images: 200, batch: 100,
            repeats: 4);
        Harvest(data, "mobilenet_v2", "mobilenet_v2-imagenet.pth", "imagenet-sample.tar", "imagenet_classes.tsv", "features.18", 224, 1000,
            images: 40, batch: 20, repeats: 2);
        Harvest(data, "resnet18", "resnet18-tiny-imagenet.pth", "imagenet-sample.tar", "imagenet_classes.tsv", "layer4", 224, 200,
            images: 40, batch: 20, repeats: 2, kind: "harvest 224 px");
        Harvest(data, "mobilenet_v2", "mobilenet_v2-imagenet.pth", "imagenet-sample.tar", "imagenet_classes.tsv", "features.18", 224, 1000,
            images: 200, batch: 20, repeats: 2, kind: "harvest from files", files: true);
        if (!Wanted("render") && !Wanted("training")) return;
        using var network = ImageModel.Create("resnet18", 200, GradientFlow.Modified);
        using (var state = StateDict.Load(Path.Combine(data, "resnet18-tiny-imagenet.pth"))) network.CopyFrom(state, "resnet18");
        if (Wanted("render")) Pictures(data, network);
        if (Wanted("training")) Training(network);
    }

    private static void Pictures(string data, ImageModel network)
    {
        network.Eval();
        Render("layer4", network, "layer4", size: 64, batch: 32, steps: 4);
        Render("layer4", network, "layer4", size: 224, batch: 8, steps: 2);
        string weights = Path.Combine(data, "mobilenet_v2-imagenet.pth");
        if (!File.Exists(weights)) return;
        using var mobile = ImageModel.Create("mobilenet_v2", 1000, GradientFlow.Modified);
        using (var state = StateDict.Load(weights)) mobile.CopyFrom(state, "mobilenet_v2");
        mobile.Eval();
        Render("mobilenet_v2 features.18", mobile, "features.18", size: 224, batch: 8, steps: 2);
    }

    /// <summary>Steps of Adam on all weights, from images in memory.</summary>
    private static void Training(ImageModel network)
    {
        using var scope = NewDisposeScope();
        network.Train();
        network.SetTrainable(true);
        using var adam = new Adam(network.Parameters.Select(p => (p.Key, p.Value)), new AdamOptions());
        Tensor images = randn([32, 3, 64, 64]), labels = arange(32, int64);
        Print("training step resnet18 64 px", 5, () =>
        {
            using var inner = NewDisposeScope();
            adam.ZeroGrad();
            cross_entropy(network.Forward(images), labels).backward();
            adam.Step(1e-6);
        });
    }

    /// <summary>Whether a row is asked for: all are, unless FOVEA_BENCH_ROWS has the beginning of a name.</summary>
    internal static bool Wanted(string name) =>
        name.StartsWith(Environment.GetEnvironmentVariable("FOVEA_BENCH_ROWS") ?? "", StringComparison.Ordinal);

    private static void Step(string name, string architecture, double sparsity, int warmup, int steps)
    {
        if (!Wanted(name)) return;
        var options = Sae.Of(architecture, sparsity) with { LatentSize = 4096, Seed = 1 };
        using var autoencoder = AutoencoderVariants.Create(options, 512);
        autoencoder.Initialize(1);
        float[][] batches = [.. Enumerable.Range(0, 4).Select(i => SaeBench.Planted(1024, i))];
        using var step = new SparseStep(autoencoder, autoencoder.Rule()!);
        AutoencoderMetrics metrics = new(512, 4096);
        for (int i = 0; i < warmup; i++) step.Train(batches[i % 4], 1, 1, 1e-3, metrics);
        int turn = 0;
        Print(name, steps, () => step.Train(batches[turn++ % 4], 1, 1, 1e-3, metrics));
    }

    private static void Harvest(
        string data, string architecture, string weights, string tar, string? classes, string layer, int size, int outputs, int images,
            int batch, int repeats, string kind = "harvest", bool files = false)
    {
        if (!Wanted($"{kind} {architecture}")) return;
        using var network = ImageModel.Create(architecture, outputs, GradientFlow.Standard);
        using (var state = StateDict.Load(Path.Combine(data, weights))) network.CopyFrom(state, architecture);
        network.Eval();
        network.SetTrainable(false);
        if (Environment.GetEnvironmentVariable("FOVEA_BENCH_ENGINE") == "torch") network.Engine = EngineChoice.Torch;
        var options = new ImageSourceOptions { Classes = classes is null ? null : Path.Combine(data, classes), Limit = images };
        using var source = ImageSources.Open(Path.Combine(data, tar), options);
        var whole = Preprocessing.ImageNet(size == 224 ? 256 : null, size);
        using var pixels = new HarvestBench.MemorySource(source, whole);
        string root = Directory.CreateTempSubdirectory("fovea-bench-").FullName;
        try
        {
            int run = 0;
            Print($"{kind} {architecture} {layer}", repeats, () =>
            {
                string folder = Path.Combine(root, run++.ToString(System.Globalization.CultureInfo.InvariantCulture));
                Preprocessing how = files ? whole : new Preprocessing(null, whole.Crop, whole.Mean, whole.Std);
                new Harvester(network.With(how), files ? source : pixels,
                    new HarvestOptions { Layers = [layer], Filters = ["magnitude"], BatchSize = batch }).Run(
                        [.. Enumerable.Range(0, source.Count)], folder);
                Directory.Delete(folder, recursive: true);
            });
        }
        finally
        {
            Directory.Delete(root, recursive: true);
        }
    }

    private static void Render(string name, ImageModel network, string layer, int size, int batch, int steps)
    {
        int[] units = [.. Enumerable.Range(0, batch).Select(i => 16 * i % 512)];
        var options = RenderPresets.Paper with { Steps = steps, Size = size, BatchSize = batch };
        Print($"render {name} {size} px", 1,
            () => FeatureRenderer.Render(network.With(Preprocessing.ImageNet(null, size)), new UnitObjective(layer, units), options));
    }

    /// <summary>The median time of one call, in milliseconds, after one that is not counted.</summary>
    private static void Print(string name, int repeats, Action work)
    {
        work();
        double seconds = Pairs.Median([.. Enumerable.Range(0, repeats).Select(_ => Pairs.Seconds(work))]);
        Console.WriteLine(FormattableString.Invariant($"row\t{name}\t{seconds * 1e3:0.0000}"));
    }
}
