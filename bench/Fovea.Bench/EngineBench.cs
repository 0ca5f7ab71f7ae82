using System.Runtime.InteropServices;
using Fovea.Imaging;
using Fovea.Models;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>Reading one layer by ONNX Runtime beside libtorch, of the same noise: time, and CPU seconds, which other work disturbs less.</summary>
internal static class EngineBench
{
    public static void Run()
    {
        double limit = MachineBench.Product(2048);
        foreach (var (name, layer, size, batch) in ((string, string, int, int)[])
        [
            ("small_cnn", "block4", 64, 32), ("resnet18", "layer4", 64, 32), ("resnet18", "layer4", 64, 100), ("resnet18", "layer4", 224, 16),
            ("resnet50", "layer4", 224, 16), ("mobilenet_v2", "features.18", 64, 32), ("mobilenet_v2", "features.18", 224, 16),
            ("googlenet", "inception5b", 224, 16),
        ])
        {
            if (!Rows.Wanted(name)) continue;
            using ImageModel model = ImageModel.Create(name, 100, preprocessing: Preprocessing.ImageNet(null, size));
            One(name, model, layer, size, batch, 7, limit);
        }
        // Networks that tests/reference/torchvision_networks.py made, at their own size and at a small one.
        if (Environment.GetEnvironmentVariable("FOVEA_TORCHVISION_NETWORKS") is not { } folder) return;
        foreach (string place in Directory.EnumerateDirectories(folder).Order(StringComparer.Ordinal))
        {
            string name = Path.GetFileName(place);
            if (!Rows.Wanted(name)) continue;
            foreach (int size in (int[])[224, 96])
            {
                try
                {
                    using ImportedNetwork network = NetworkFile.Open(Path.Combine(place, name + ".pt2"));
                    using ImageModel model = network.ToModel(Preprocessing.ImageNet(null, size));
                    One(name, model, LayerChoice.Of(model, model.Layers).Layer!.Name, size, 16, 3, limit);
                }
                catch (Exception e) when (e is FoveaException or ExternalException)
                {
                    Console.WriteLine($"{name}, {size} px: {e.Message.Split('\n')[0]}");
                }
            }
        }
    }

    private static void One(string name, ImageModel model, string layer, int size, int batch, int pairs, double limit)
    {
        var probe = new Probe(layer);
        using ModelReader reader = model.Reader(probe);
        using Tensor images = BatchCheck.Noise(batch, size, size);
        double operations = Operations.Of(model, layer, size) * batch;
        int times = (int)Math.Clamp(4e10 / operations, 2, 200);
        double[] used = [0, 0];
        var (ours, _) = Pairs.Compare($"reading {name} {layer}, {size} px, batches of {batch}", "libtorch",
            () => Count(0, () => reader.Run(images).Dispose()), () => Count(1, () => Plain(model, images, probe)), pairs, batch * times,
            "images", "stated");
        Console.WriteLine(FormattableString.Invariant(
            $"  {operations * times / ours / 1e9:0} GFLOP/s, {operations * times / ours / limit:0.00} of a matrix product's; CPU seconds {used[0] / used[1]:0.000} of libtorch's; {reader.Engine.InWords}; {Processor.Flags}"));

        void Count(int engine, Action pass)
        {
            TimeSpan before = Environment.CpuUsage.TotalTime;
            for (int i = 0; i < times; i++) pass();
            used[engine] += (Environment.CpuUsage.TotalTime - before).TotalSeconds;
        }
    }

    private static void Plain(ImageModel model, Tensor images, Probe probe)
    {
        using var quiet = no_grad();
        using ProbeResult result = model.Forward(images, probe);
    }
}
