using Fovea.Checkpoints;
using Fovea.Imaging;
using Fovea.Models;
using Fovea.Numerics;
using Fovea.Visualization;
using Fovea.Visualization.Objectives;
using Fovea.Visualization.Regularizers;
using static TorchSharp.torch;

namespace Fovea.Bench;

/// <summary>
/// Pictures of ResNet18 <c>layer4</c>, whole rendering with the preset <c>paper</c>: against the usual way (one picture at a time, the whole network, gradients
/// to the weights too, TorchSharp's Adam; the same picture, views and regularisers), against the bare step (forward to the layer, backward to the input,
/// same batch, nothing else), and as a share of the machine's limit: twice the forward operations at the speed of a large matrix product.
/// </summary>
internal static class RenderBench
{
    private const string Layer = "layer4";

    public static void Run(string data)
    {
        string weights = Path.Combine(data, "resnet18-tiny-imagenet.pth");
        if (!File.Exists(weights))
        {
            Console.WriteLine($"skipped: {data} lacks the weights");
            return;
        }
        using var network = Architectures.Create("resnet18", 200, GradientFlow.Modified);
        using (var state = StateDict.Load(weights)) state.CopyTo(network, "resnet18");
        network.eval();
        One(network, size: 64, batch: 32, steps: 30, "speed ratio ≥ 3", "≥ 0.65");
        One(network, size: 224, batch: 8, steps: 15, "speed ratio ≥ 1.2", "stated");
    }

    private static void One(Network network, int size, int batch, int steps, string target, string share)
    {
        var preprocessing = Preprocessing.ImageNet(null, size);
        int[] units = [.. Enumerable.Range(0, batch).Select(i => 16 * i % 512)];
        var options = RenderPresets.Paper with { Steps = steps, Size = size, BatchSize = batch };
        // The usual way takes several times as long: fewer steps, since its time a step does not depend on their number.
        var fewer = options with { Steps = steps / 3 };
        double work = batch * steps, operations = 2 * ForwardOperations(network, size);
        void Ours() => FeatureRenderer.Render(network, preprocessing, new UnitObjective(Layer, units), options);
        Pairs.Compare($"render {Layer}, {size} px, {batch} a batch", "one at a time, whole network, gradients to weights",
            () => FeatureRenderer.Render(network, preprocessing, new UnitObjective(Layer, units), fewer),
            () => OneAtATime(network, preprocessing, fewer, units), 3, work / 3, "picture steps", target);
        Pairs.Compare($"render {Layer}, {size} px, {batch} a batch", "bare forward and backward to the input", Ours,
            () => Bare(network, size, batch, steps), 7, work, "picture steps", "speed ratio ≥ 0.9");
        double seconds = Pairs.Median([.. Enumerable.Range(0, 3).Select(_ => Pairs.Seconds(Ours))]), limit = MachineBench.Product(2048);
        Console.WriteLine(FormattableString.Invariant(
            $"render {Layer}, {size} px: {work * operations / seconds / 1e9:0} GFLOP/s of convolutions, {work * operations / seconds / limit:0.00} of a matrix product's {limit / 1e9:0} GFLOP/s, target {share}"));
    }

    /// <summary>Multiplications and additions of the convolutions up to the layer, for one picture.</summary>
    private static double ForwardOperations(Network network, int size)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        string[] convolutions = [.. network.LayerNames.Where(name => network.Layer(name) is TorchSharp.Modules.Conv2d)];
        using var taps = new LayerTaps(network, [.. convolutions, Layer]);
        TapResult result = taps.Run(zeros([1, 3, size, size]));
        return convolutions.Sum(name => 2.0 * ((TorchSharp.Modules.Conv2d)network.Layer(name)).weight.numel() * result[name].shape[2] * result[name].shape[3]);
    }

    private static void Bare(Network network, int size, int batch, int steps)
    {
        using var frozen = new FrozenNetwork(network);
        using var taps = new LayerTaps(network, Layer);
        using var scope = NewDisposeScope();
        Tensor input = randn([batch, 3, size, size]).requires_grad_(true);
        for (int step = 0; step < steps; step++)
        {
            using var inner = NewDisposeScope();
            autograd.grad([taps.Run(input)[Layer].mean()], [input]);
        }
    }

    private static void OneAtATime(Network network, Preprocessing preprocessing, RenderOptions options, int[] units)
    {
        foreach (int unit in units)
        {
            using var scope = NewDisposeScope();
            var random = new CounterRandom(1, "bench/render", unit);
            Tensor mean = tensor(preprocessing.Mean, [1, 3, 1, 1]), std = tensor(preprocessing.Std, [1, 3, 1, 1]);
            var free = new TorchSharp.Modules.Parameter(options.Parameterization.Start([random], options.Size, options.Size));
            using var adam = optim.Adam([free], options.LearningRate);
            using var taps = new LayerTaps(network, Layer);
            for (int step = 0; step < options.Steps; step++)
            {
                using var inner = NewDisposeScope();
                network.zero_grad();
                adam.zero_grad();
                Tensor rgb = options.Parameterization.ToRgb(free, options.Size, options.Size), view = (rgb - mean) / std;
                foreach (var transform in options.Transforms) view = transform.Apply(view, [random]);
                Tensor loss = options.TotalVariation * TotalVariation.PerImage(rgb).sum() - taps.Run(view, stopEarly: false)[Layer].select(1, unit).mean();
                loss.backward();
                adam.step();
                using var quiet = no_grad();
                free.copy_(GaussianBlur.Apply(free, options.Blur));
            }
        }
        network.zero_grad();
    }
}
