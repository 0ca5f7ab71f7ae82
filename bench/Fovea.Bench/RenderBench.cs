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
/// Pictures of ResNet18 <c>layer4</c> and MobileNetV2 <c>features.18</c>, whole rendering with the preset <c>paper</c>: against the usual
/// way (one picture at a time, the
/// whole network, gradients to the weights too, TorchSharp's Adam; the same picture, views and regularisers), against the bare step
/// (forward to the layer, backward to the input, same batch, nothing else), and as a share of the machine's limit: twice the forward
/// operations at the speed of a large matrix product.
/// </summary>
internal static class RenderBench
{
    public static void Run(string data)
    {
        string weights = Path.Combine(data, "resnet18-tiny-imagenet.pth");
        if (!File.Exists(weights))
        {
            Console.WriteLine($"skipped: {data} lacks the weights");
            return;
        }
        using var network = ImageModel.Create("resnet18", 200, GradientFlow.Modified);
        using (var state = StateDict.Load(weights)) network.CopyFrom(state, "resnet18");
        network.Eval();
        One(network, "layer4", size: 64, batch: 32, steps: 30, "speed ratio ≥ 3", "≥ 0.65");
        One(network, "layer4", size: 224, batch: 8, steps: 15, "speed ratio ≥ 1.2", "stated");
        string mobileWeights = Path.Combine(data, "mobilenet_v2-imagenet.pth");
        if (!File.Exists(mobileWeights)) return;
        using var mobile = ImageModel.Create("mobilenet_v2", 1000, GradientFlow.Modified);
        using (var state = StateDict.Load(mobileWeights)) mobile.CopyFrom(state, "mobilenet_v2");
        mobile.Eval();
        One(mobile, "features.18", size: 224, batch: 8, steps: 15, "speed ratio ≥ 1.2", "stated");
    }

    private static void One(ImageModel network, string layer, int size, int batch, int steps, string target, string share)
    {
        var preprocessing = Preprocessing.ImageNet(null, size);
        int[] units = [.. Enumerable.Range(0, batch).Select(i => 16 * i % 512)];
        var options = RenderPresets.Paper with { Steps = steps, Size = size, BatchSize = batch };
        // The usual way takes several times as long: fewer steps, since its time a step does not depend on their number.
        var fewer = options with { Steps = steps / 3 };
        double work = batch * steps, operations = 2 * ForwardOperations(network, layer, size);
        string what = $"render {network.Architecture} {layer}, {size} px";
        void Ours() => FeatureRenderer.Render(network.With(preprocessing), new UnitObjective(layer, units), options);
        Pairs.Compare($"{what}, {batch} a batch", "one at a time, whole network, gradients to weights",
            () => FeatureRenderer.Render(network.With(preprocessing), new UnitObjective(layer, units), fewer),
            () => OneAtATime(network, layer, preprocessing, fewer, units), 3, work / 3, "picture steps", target);
        Pairs.Compare($"{what}, {batch} a batch", "bare forward and backward to the input", Ours,
            () => Bare(network, layer, size, batch, steps), 7, work, "picture steps", "speed ratio ≥ 0.9");
        double seconds = Pairs.Median([.. Enumerable.Range(0, 3).Select(_ => Pairs.Seconds(Ours))]), limit = MachineBench.Product(2048);
        Console.WriteLine(FormattableString.Invariant(
            $"{what}: {work * operations / seconds / 1e9:0} GFLOP/s of convolutions, {work * operations / seconds / limit:0.00} of a matrix product's {limit / 1e9:0} GFLOP/s, target {share}; {Processor.Flags}"));
    }

    /// <summary>Multiplications and additions of the convolutions up to the layer, for one picture.</summary>
    internal static double ForwardOperations(ImageModel network, string layer, int size)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        // Layers stand in the order in which they finish.
        string[] convolutions =
            [.. network.Layers.TakeWhile(one => one.Name != layer).Where(one => one.Kind == "conv2d").Select(one => one.Name)];
        ProbeResult result = network.Forward(zeros([1, 3, size, size]), new Probe(convolutions));
        return convolutions.Sum(name => 2.0 * network.State[name + ".weight"].numel() * result[name].shape[2] * result[name].shape[3]);
    }

    private static void Bare(ImageModel network, string layer, int size, int batch, int steps)
    {
        using var frozen = new FrozenNetwork(network);
        var taps = new Probe(layer);
        using var scope = NewDisposeScope();
        Tensor input = randn([batch, 3, size, size]).requires_grad_(true);
        for (int step = 0; step < steps; step++)
        {
            using var inner = NewDisposeScope();
            autograd.grad([network.Forward(input, taps)[layer].mean()], [input]);
        }
    }

    private static void OneAtATime(ImageModel network, string layer, Preprocessing preprocessing, RenderOptions options, int[] units)
    {
        network.SetTrainable(true);
        foreach (int unit in units)
        {
            using var scope = NewDisposeScope();
            var random = new CounterRandom(1, "bench/render", unit);
            Tensor mean = tensor(preprocessing.Mean, [1, 3, 1, 1]), std = tensor(preprocessing.Std, [1, 3, 1, 1]);
            var free = new TorchSharp.Modules.Parameter(options.Parameterization.Start([random], options.Size, options.Size));
            using var adam = optim.Adam([free], options.LearningRate);
            var taps = new Probe(layer) { Output = true };
            for (int step = 0; step < options.Steps; step++)
            {
                using var inner = NewDisposeScope();
                adam.zero_grad();
                foreach (Tensor parameter in network.Parameters.Values) parameter.grad = null;
                Tensor rgb = options.Parameterization.ToRgb(free, options.Size, options.Size), view = (rgb - mean) / std;
                foreach (var transform in options.Transforms) view = transform.Apply(view, [random]);
                Tensor loss = options.TotalVariation * TotalVariation.PerImage(rgb)
                    .sum() - network.Forward(view, taps)[layer].select(1, unit).mean();
                loss.backward();
                adam.step();
                using var quiet = no_grad();
                free.copy_(GaussianBlur.Apply(free, options.Blur));
            }
        }
        foreach (Tensor parameter in network.Parameters.Values) parameter.grad = null;
        network.SetTrainable(false);
    }
}
